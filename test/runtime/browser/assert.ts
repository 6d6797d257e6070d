/** What the tests use of node:assert/strict, for pages. Deep equality is strict: prototypes and own enumerable fields. */

interface ErrorShape {
  readonly [field: string]: unknown;
}
type Expected =
  RegExp | ErrorShape | ((error: unknown) => boolean) | (new (...args: never[]) => object);

function fail(why: unknown, fallback: string): never {
  if (why instanceof Error) throw why;
  throw new Error(typeof why === 'string' ? `${why}: ${fallback}` : fallback);
}

function show(value: unknown): string {
  const text = String(
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item)),
  );
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

function equalDeep(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b) && !(a instanceof DataView)) {
    const [left, right] = [a, b] as [Uint8Array, Uint8Array];
    return left.length === right.length && left.every((word, i) => Object.is(word, right[i]));
  }
  if (a instanceof Map && b instanceof Map) return equalDeep([...a], [...b]);
  if (a instanceof Set && b instanceof Set) return equalDeep([...a], [...b]);
  if (a instanceof Error && b instanceof Error && a.message !== b.message) return false;
  const [left, right] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && equalDeep(value, right.get(key)))
  );
}

function isClass(expected: unknown): expected is new (...args: never[]) => object {
  return typeof expected === 'function' && /^class\b|\[native code\]/.test(String(expected));
}

function checkError(error: unknown, expected: Expected | string | undefined, why: unknown): void {
  if (expected === undefined || typeof expected === 'string') return;
  if (expected instanceof RegExp) {
    if (!expected.test(String(error))) fail(why, `${String(error)} does not match ${expected}`);
  } else if (isClass(expected)) {
    if (!(error instanceof expected)) fail(why, `${String(error)} is no ${expected.name}`);
  } else if (typeof expected === 'function') {
    if (!(expected as (error: unknown) => boolean)(error)) fail(why, `odd: ${String(error)}`);
  } else {
    for (const [field, wanted] of Object.entries(expected)) {
      const found = (error as ErrorShape)[field];
      const fits = wanted instanceof RegExp ? wanted.test(String(found)) : equalDeep(found, wanted);
      if (!fits) fail(why, `${field} is ${show(found)}, not ${String(wanted)}: ${String(error)}`);
    }
  }
}

function assert(value: unknown, why?: unknown): void {
  if (!value) fail(why, `not true: ${show(value)}`);
}

assert.ok = assert;
assert.equal = (a: unknown, b: unknown, why?: unknown): void => {
  if (!Object.is(a, b)) fail(why, `${show(a)} is not ${show(b)}`);
};
assert.notEqual = (a: unknown, b: unknown, why?: unknown): void => {
  if (Object.is(a, b)) fail(why, `both are ${show(a)}`);
};
assert.strictEqual = assert.equal;
assert.notStrictEqual = assert.notEqual;
assert.deepEqual = (a: unknown, b: unknown, why?: unknown): void => {
  if (!equalDeep(a, b)) fail(why, `${show(a)} does not equal ${show(b)}`);
};
assert.deepStrictEqual = assert.deepEqual;
assert.notDeepEqual = (a: unknown, b: unknown, why?: unknown): void => {
  if (equalDeep(a, b)) fail(why, `both equal ${show(a)}`);
};
assert.match = (text: string, pattern: RegExp, why?: unknown): void => {
  if (!pattern.test(text)) fail(why, `${show(text)} does not match ${pattern}`);
};
assert.doesNotMatch = (text: string, pattern: RegExp, why?: unknown): void => {
  if (pattern.test(text)) fail(why, `${show(text)} matches ${pattern}`);
};
assert.fail = (why?: unknown): never => fail(why, 'failed');
assert.throws = (body: () => unknown, expected?: Expected | string, why?: unknown): void => {
  try {
    body();
  } catch (error) {
    checkError(error, expected, why);
    return;
  }
  fail(why ?? expected, 'nothing was thrown');
};
assert.doesNotThrow = (body: () => unknown): void => void body();
assert.rejects = async (
  promise: Promise<unknown> | (() => Promise<unknown>),
  expected?: Expected | string,
  why?: unknown,
): Promise<void> => {
  try {
    await (typeof promise === 'function' ? promise() : promise);
  } catch (error) {
    checkError(error, expected, why);
    return;
  }
  fail(why, 'nothing was rejected');
};
assert.doesNotReject = async (promise: Promise<unknown>): Promise<void> => void (await promise);

export { assert };
// node:assert/strict is a default export.
export default assert;
