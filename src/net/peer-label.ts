/**
 * How participants are named in messages.
 * @module
 */

/** A party in messages: `party 1 (bob)`, `party 1`, or `the dealer`. */
export function peerLabel(rank: number, names: readonly string[]): string {
  const name = names[rank] ?? '';
  if (name === 'dealer') return 'the dealer';
  return name === '' || name === `party ${rank}` ? `party ${rank}` : `party ${rank} (${name})`;
}
