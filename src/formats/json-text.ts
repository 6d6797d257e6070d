/**
 * JSON in which no object has a key twice: readers disagree about which one holds.
 * @module
 */

import { malformed } from './state.ts';

/**
 * The value of UTF-8 JSON.
 *
 * @throws {MpcError} ERR_MPC_FILE if it is none, or has a key twice.
 */
export function readJson(op: string, bytes: Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text) as unknown;
  } catch {
    // The engine's message quotes the text.
    throw malformed(op, 'not JSON in UTF-8');
  }
  if (colonsOf(text) !== keysOf(value)) throw malformed(op, 'an object has a key twice');
  return value;
}

/** Keys as they are written: each is followed by a colon, and colons stand nowhere else but in texts. */
function colonsOf(text: string): number {
  let colons = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) inText = !inText;
    else if (inText && code === 0x5c) i++;
    else if (!inText && code === 0x3a) colons++;
  }
  return colons;
}

/** Keys as they were understood; without recursion, since nesting is the writer's choice. */
function keysOf(value: unknown): number {
  let keys = 0;
  const open = [value];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    const children = Object.values(node) as unknown[];
    if (!Array.isArray(node)) keys += children.length;
    for (const child of children) if (typeof child === 'object') open.push(child);
  }
  return keys;
}
