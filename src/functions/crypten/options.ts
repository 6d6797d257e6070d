/**
 * CrypTen's methods by name: which a function has, and the options of each.
 * @module
 */

import { MpcError } from '../../core/errors.ts';

/** What an option may be: a number of iterations or terms, a yes or no, any finite number. */
export type OptionKind = 'count' | 'flag' | 'number';

/** The methods of a function and their options. */
export type MethodTable = Readonly<Record<string, Readonly<Record<string, OptionKind>>>>;

/** No method named: the function's own, which takes no options. */
export interface OwnMethod {
  readonly method?: undefined;
}

/** Most iterations or terms. */
const MOST = 64;

const KINDS: Readonly<
  Record<OptionKind, readonly [fits: (value: unknown) => boolean, is: string]>
> = {
  count: [
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST,
    `a whole number from 1 to ${MOST}`,
  ],
  flag: [(value) => typeof value === 'boolean', 'true or false'],
  number: [(value) => Number.isFinite(value), 'a finite number'],
};

/**
 * Checks that a method exists, and that it has every option that is given.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED naming what there is.
 */
export function checkMethod(op: string, opts: object, methods: MethodTable): void {
  const { method, ...rest } = opts as { readonly method?: unknown };
  const names = (): string => Object.keys(methods).join(', ');
  if (method !== undefined && !(typeof method === 'string' && Object.hasOwn(methods, method))) {
    throw unsupported(`${op}: there is no method "${String(method)}"; use ${names()}, or none`);
  }
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined) continue;
    if (method === undefined) {
      throw unsupported(`${op}: the option ${name} needs a method, one of ${names()}`);
    }
    const known = methods[method];
    if (!Object.hasOwn(known, name)) {
      const all = Object.keys(known).join(', ') || 'none';
      throw unsupported(`${op}: the method ${method} has no option ${name}; it has ${all}`);
    }
    const [fits, is] = KINDS[known[name]];
    if (!fits(value)) throw unsupported(`${op}: ${name} must be ${is}, got ${String(value)}`);
  }
}

function unsupported(message: string): MpcError {
  return new MpcError('ERR_MPC_UNSUPPORTED', message);
}
