/**
 * Running something once the current task and all its microtasks are done.
 * @module
 */

const waiting: (() => void)[] = [];
let wake: (() => void) | undefined;

/**
 * Calls `body` after the microtasks of the current macrotask have drained, before timers where the
 * engine can tell the difference. Calls keep their order.
 *
 * Node, Deno, Bun: setImmediate. Browsers: a MessageChannel, which is not slowed to 4 ms as nested
 * timers are.
 */
export function afterTick(body: () => void): void {
  if (typeof setImmediate === 'function') {
    setImmediate(body);
    return;
  }
  waiting.push(body);
  wake ??= messageWaker();
  wake();
}

/** Resolves then. */
export function tick(): Promise<void> {
  return new Promise(afterTick);
}

function messageWaker(): () => void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()?.();
  return () => port2.postMessage(0);
}
