/**
 * Faults between transport and secure channel, and networks that carry them.
 * @module
 */

import { concat } from '../../src/core/bytes.ts';
import { MpcError } from '../../src/core/errors.ts';
import type { Transport, TransportHandler } from '../../src/net/link.ts';
import type { Network } from '../../src/net/mesh.ts';
import { MessagePortTransport } from '../../src/net/message-port.ts';
import { Injector, type Mutation } from './fault-injector.ts';
import type { Fault } from './fault-kinds.ts';
import { PipeTransport } from './pipe.ts';
import { tcpPair, wsPair } from './transport-pairs.ts';

/** Makes two connected ends; the first one called. */
export type PairMaker = () => Promise<readonly [Transport, Transport]>;

/** Every carrier of bytes that this runtime has. */
export const CARRIERS: Readonly<Record<string, PairMaker>> = {
  pipe: () => Promise.resolve(PipeTransport.pair()),
  tcp: tcpPair,
  websocket: wsPair,
  'message port': () => {
    const { port1, port2 } = new MessageChannel();
    return Promise.resolve([new MessagePortTransport(port1), new MessagePortTransport(port2)]);
  },
};

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

const setLength = (unit: Uint8Array, length: number): Uint8Array => {
  const changed = unit.slice();
  new DataView(changed.buffer).setUint32(0, length, true);
  return changed;
};

const isPacket = (unit: Uint8Array): boolean =>
  new DataView(unit.buffer, unit.byteOffset).getUint32(0, true) === unit.length - 4;

/** Changes of a whole record or packet. */
export const BYTE_MUTATIONS: Readonly<Record<string, Mutation>> = {
  'flip bit': (unit, random) => {
    const changed = unit.slice();
    changed[random(unit.length)] ^= 1 << random(8);
    return changed;
  },
  oversize: (unit, random) => {
    if (isPacket(unit)) return setLength(unit, [4097, 2 ** 31, 2 ** 32 - 1][random(3)]);
    const changed = unit.slice();
    // The body's length, above 256 KiB; or the length of the whole frame.
    if (random(2) === 0) changed.set([1 + random(255), random(256), 4 + random(252)]);
    else changed.set([255, 255, 255, 255], 4);
    return changed;
  },
  mislabel: (unit, random) => {
    const changed = unit.slice();
    if (isPacket(unit)) {
      if (random(2) === 0) changed[4] = (changed[4] + 1 + random(255)) & 255;
      else return setLength(unit, Math.max(unit.length - 4 + [-1, 1, -5][random(3)], 1));
    } else if (random(2) === 0) {
      changed[3] = (changed[3] + 1 + random(255)) & 255;
    } else {
      changed[0] ^= 1 + random(255);
    }
    return changed;
  },
  garbage: (unit, random) => {
    const noise = Uint8Array.from({ length: 1 + random(40) }, () => random(256));
    return concat([noise, unit]);
  },
  'wire version': (unit) => {
    const changed = unit.slice();
    changed[9] += 1;
    return changed;
  },
};

/** A transport whose sending side is faulty. */
export class FaultTransport implements Transport {
  readonly remote: string;
  readonly injector: Injector;
  /** Units before this is set do not count. */
  armed: boolean;
  readonly #inner: Transport;
  readonly #killPeer: () => void;
  readonly #deafen: () => void;

  constructor(
    inner: Transport,
    injector: Injector,
    armed: boolean,
    killPeer: () => void,
    deafen: () => void,
  ) {
    this.#inner = inner;
    this.remote = inner.remote;
    this.injector = injector;
    this.armed = armed;
    this.#killPeer = killPeer;
    this.#deafen = deafen;
  }

  get backlogBytes(): number {
    return this.#inner.backlogBytes;
  }

  get tellsDrained(): boolean {
    return this.#inner.tellsDrained;
  }

  start(handler: TransportHandler): void {
    this.#inner.start(handler);
  }

  send(parts: readonly Uint8Array[]): void {
    const inner = this.#inner;
    if (!this.armed) {
      inner.send(parts);
      return;
    }
    this.injector.take(concat(parts), {
      emit: (unit) => inner.send([unit]),
      kill: () => inner.destroy(),
      killPeer: this.#killPeer,
      deafen: this.#deafen,
      close: () => inner.close(),
    });
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  close(): void {
    this.injector.close(() => this.#inner.close());
  }

  destroy(): void {
    this.#inner.destroy();
  }
}

/** All members' networks over one carrier; addresses are `somewhere:rank`. */
export class FaultyWires {
  readonly #make: PairMaker;
  readonly #fault: Fault | undefined;
  readonly #onInjected: () => void;
  readonly #accepting = new Map<string, (transport: Transport) => void>();
  readonly #ends: { readonly owner: number; readonly transport: Transport }[] = [];
  /** Units sent by (from, to). */
  readonly injectors = new Map<string, Injector>();

  constructor(make: PairMaker, fault: Fault | undefined, onInjected: () => void) {
    this.#make = make;
    this.#fault = fault;
    this.#onInjected = onInjected;
  }

  /** The network as one member sees it. */
  of(rank: number): Network {
    return {
      listen: (address, accept) => {
        this.#accepting.set(address, accept);
        const forget = (): void => void this.#accepting.delete(address);
        return Promise.resolve({ address, background: () => undefined, close: forget });
      },
      dial: async (address) => {
        for (let tries = 0; tries < 100 && !this.#accepting.has(address); tries++) await turn();
        const accept = this.#accepting.get(address);
        if (accept === undefined) throw new MpcError('ERR_MPC_TRANSPORT', 'nobody listens');
        const [near, far] = await this.pair(rank, Number(address.split(':')[1]) - 1);
        accept(far);
        return near;
      },
    };
  }

  /** Two ends, of `a` and `b`, with the fault if it is theirs. */
  async pair(a: number, b: number): Promise<[FaultTransport, FaultTransport]> {
    const [near, far] = await this.#make();
    return [this.#faulty(near, a, b), this.#faulty(far, b, a)];
  }

  /** Drops all links of a member, or of everybody. */
  kill(rank?: number): void {
    for (const { owner, transport } of this.#ends) {
      if (rank === undefined || owner === rank) transport.destroy();
    }
  }

  #faulty(inner: Transport, from: number, to: number): FaultTransport {
    const key = `${from}>${to}`;
    const fault = this.#faultOn(from, to, !this.injectors.has(key));
    const injector = new Injector(fault, BYTE_MUTATIONS, this.#onInjected);
    if (!this.injectors.has(key)) this.injectors.set(key, injector);
    this.#ends.push({ owner: from, transport: inner });
    const armed = this.#fault?.level !== 'bytes';
    const killPeer = (): void => this.kill(from);
    const deafen = (): void => this.injectors.get(`${to}>${from}`)?.silence();
    return new FaultTransport(inner, injector, armed, killPeer, deafen);
  }

  /** @param first whether this is the first connection of the two: one dialled again is sound. */
  #faultOn(from: number, to: number, first: boolean): Fault | undefined {
    const fault = this.#fault;
    if (fault?.from !== from) return undefined;
    if (fault.kind === 'wire version') return fault;
    const onWire = fault.level === 'bytes' || fault.level === 'connect';
    return onWire && fault.to === to && first ? fault : undefined;
  }
}
