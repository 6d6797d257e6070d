/**
 * A value that is here or on its way.
 *
 * Local work on ready inputs runs inside the call; only what waits for a message is a promise
 * (ARCHITECTURE.md, execution). A rejected `Later` that nobody awaits is not an unhandled rejection:
 * the error is reported at the next public await.
 * @module
 */

/** A ready value, or the promise of one. */
export type Later<T> = T | Promise<T>;

/** Applies `body` now when `value` is ready, else when it arrives. */
export function then<T, U>(value: Later<T>, body: (ready: T) => Later<U>): Later<U> {
  return value instanceof Promise ? quiet(value.then(body)) : body(value);
}

/** All of `values`: now when every one is ready, else a promise. */
export function all<T>(values: readonly Later<T>[]): Later<readonly T[]> {
  if (values.length === 1) return then(values[0], (only) => [only]);
  const ready: T[] = [];
  for (const value of values) {
    if (value instanceof Promise) return quiet(Promise.all(values));
    ready.push(value);
  }
  return ready;
}

/** Two values of different types: now when both are ready, else a promise. */
export function both<A, B>(a: Later<A>, b: Later<B>): Later<readonly [A, B]> {
  return a instanceof Promise || b instanceof Promise ? quiet(Promise.all([a, b])) : [a, b];
}

/** Marks a promise as handled: its rejection is reported where somebody awaits it, and only there. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.then(undefined, ignore);
  return promise;
}

function ignore(): void {}
