/**
 * Giving the memory of large buffers back at once, instead of whenever a collection comes.
 *
 * Engines collect their whole heap after every few tens of MB of buffers, so a party that receives 100 MB a second would spend a
 * tenth of its time there, and every buffer would be memory that is not in a cache.
 * @module
 */

/** Smaller ones are not worth the call. */
const LEAST_BYTES = 16 * 1024;

/** The buffer behind an array, if it is worth a call and the array is all of it. */
export function wholeBuffer({ buffer, byteLength }: ArrayBufferView): ArrayBuffer | undefined {
  const whole = byteLength >= LEAST_BYTES && byteLength === buffer.byteLength;
  return whole && buffer instanceof ArrayBuffer ? buffer : undefined;
}

/** Empties the buffer behind bytes that nobody needs any more, if they are all of it; it is the caller's alone. */
export function giveBack(bytes: Uint8Array): void {
  const buffer = wholeBuffer(bytes);
  if (buffer === undefined) return;
  if ('transfer' in buffer) (buffer as Movable).transfer(0);
  else drop(buffer);
}

/** An ArrayBuffer of engines from 2023 on. */
interface Movable {
  transfer(length: number): unknown;
}

let nowhere: MessagePort | undefined;

/** What is sent to a port that is closed is dropped at once, and no longer ours: for Node 20, which has no `transfer`. */
function drop(buffer: ArrayBuffer): void {
  if (nowhere === undefined) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    nowhere = port1;
  }
  nowhere.postMessage(null, [buffer]);
}
