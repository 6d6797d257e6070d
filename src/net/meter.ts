/**
 * What went over the network: frames, messages and bytes per peer, payload bytes per class.
 *
 * Counted where frames are made. What records of a secure channel add (24 bytes per 256 KiB) is in
 * the link's own count.
 * @module
 */

import { trafficClass, type TrafficClass } from './kinds.ts';

/** Counts of one direction. `bytes` holds frame and message headers and padding, too. */
export interface Traffic {
  readonly frames: number;
  readonly messages: number;
  readonly bytes: number;
  /** Payload bytes by class, without headers. */
  readonly payloadBytes: Readonly<Record<TrafficClass, number>>;
}

/** Both directions of one peer, or of all. */
export interface PeerTraffic {
  readonly sent: Traffic;
  readonly received: Traffic;
}

/** A copy of all counts. */
export interface MeterSnapshot {
  readonly total: PeerTraffic;
  readonly peers: ReadonlyMap<number, PeerTraffic>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends number ? number : Mutable<T[K]> };
type Direction = 'sent' | 'received';

/** Counts traffic; belongs to one party. */
export class Meter {
  readonly #peers = new Map<number, Mutable<PeerTraffic>>();

  /** Books one frame of so many bytes, headers included. */
  frame(direction: Direction, peer: number, bytes: number): void {
    const traffic = this.#of(peer)[direction];
    traffic.frames += 1;
    traffic.bytes += bytes;
  }

  /** Books a message; pieces of a large payload count as one message when `last` marks the last. */
  message(direction: Direction, peer: number, kind: number, bytes: number, last = true): void {
    const traffic = this.#of(peer)[direction];
    if (last) traffic.messages += 1;
    traffic.payloadBytes[trafficClass(kind)] += bytes;
  }

  /** Back to zero. */
  reset(): void {
    this.#peers.clear();
  }

  /** The counts so far, detached from later traffic. */
  snapshot(): MeterSnapshot {
    const total = nothing();
    const peers = new Map<number, PeerTraffic>();
    for (const [peer, traffic] of this.#peers) {
      peers.set(peer, structuredClone(traffic));
      add(total.sent, traffic.sent);
      add(total.received, traffic.received);
    }
    return { total, peers };
  }

  #of(peer: number): Mutable<PeerTraffic> {
    let traffic = this.#peers.get(peer);
    if (traffic === undefined) this.#peers.set(peer, (traffic = nothing()));
    return traffic;
  }
}

function nothing(): Mutable<PeerTraffic> {
  const none = (): Mutable<Traffic> => ({
    frames: 0,
    messages: 0,
    bytes: 0,
    payloadBytes: { online: 0, preprocessing: 0, control: 0 },
  });
  return { sent: none(), received: none() };
}

function add(sum: Mutable<Traffic>, traffic: Traffic): void {
  sum.frames += traffic.frames;
  sum.messages += traffic.messages;
  sum.bytes += traffic.bytes;
  sum.payloadBytes.online += traffic.payloadBytes.online;
  sum.payloadBytes.preprocessing += traffic.payloadBytes.preprocessing;
  sum.payloadBytes.control += traffic.payloadBytes.control;
}
