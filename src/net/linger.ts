/**
 * How long an orderly end may take: as long as queued bytes still move, and no longer than 5 seconds without.
 * @module
 */

/** Longest time without progress; ms. */
export const LINGER_MS = 5000;

/**
 * Calls `late` once `backlogBytes` has not shrunk for 5 seconds.
 *
 * @returns a function that stops watching.
 */
export function linger(backlogBytes: () => number, late: () => void, unref = false): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const watch = (before: number): void => {
    timer = setTimeout(() => {
      const now = backlogBytes();
      if (now < before) watch(now);
      else late();
    }, LINGER_MS);
    if (unref && typeof timer === 'object') timer.unref();
  };
  watch(backlogBytes());
  return () => clearTimeout(timer);
}
