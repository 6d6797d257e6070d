/**
 * Kinds of message, one byte on the wire. The network never inspects payloads of the first four.
 * @module
 */

/** Every kind. Numbers are wire format: never reused. */
export const MESSAGE_KINDS = {
  /** Masked values between parties: the online phase. */
  opening: 1,
  /** What a party asks of the provider: kind and public sizes. */
  materialRequest: 2,
  /** Correlated randomness. */
  material: 3,
  /** Agreement: nonces, run id, barriers. */
  control: 4,
  /** Why a peer stopped: code and public text. Handled by the mux alone. */
  abort: 5,
  /** Reserved. An orderly end is the link's own authenticated close. */
  bye: 6,
} as const;

/** Any of the kinds. */
export type MessageKind = (typeof MESSAGE_KINDS)[keyof typeof MESSAGE_KINDS];

/** What a message is booked under. */
export type TrafficClass = 'online' | 'preprocessing' | 'control';

/** The class of a kind; unknown kinds count as control. */
export function trafficClass(kind: number): TrafficClass {
  if (kind === MESSAGE_KINDS.opening) return 'online';
  if (kind === MESSAGE_KINDS.materialRequest || kind === MESSAGE_KINDS.material) {
    return 'preprocessing';
  }
  return 'control';
}
