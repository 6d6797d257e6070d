/** The part of asciichart 1.5 that is used; it has no declarations of its own. */
declare module 'asciichart' {
  export interface PlotConfig {
    readonly height?: number;
    readonly min?: number;
    readonly max?: number;
    readonly format?: (value: number, row: number) => string;
  }
  const asciichart: {
    plot(series: readonly number[], config?: PlotConfig): string;
  };
  export default asciichart;
}
