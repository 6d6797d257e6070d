/**
 * Types of as-bind's runtime, which has none ('as-bind' itself is the compiler transform on Node).
 */
declare module 'as-bind/dist/as-bind.esm.js' {
  /** A binary bound by as-bind: `exports` convert strings, the raw ones are at `loadedModule.instance.exports`. */
  export interface Bound {
    readonly module: WebAssembly.Module;
    readonly exports: { describe(): string };
    readonly loadedModule: { readonly instance: WebAssembly.Instance };
  }
  /** Compiles and instantiates; takes bytes or a Response, not a Module. */
  export function instantiate(
    source: BufferSource | Response,
    imports: WebAssembly.Imports,
  ): Promise<Bound>;
}
