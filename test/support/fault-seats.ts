/**
 * Seats over secure links whose frames are faulty: as `connect` takes them, keys from no handshake.
 * @module
 */

import { selectKernels } from '../../src/kernels/select.ts';
import { makeParty } from '../../src/make-party.ts';
import { MpcError } from '../../src/core/errors.ts';
import type { Identity } from '../../src/net/identity.ts';
import type { Link } from '../../src/net/link.ts';
import { type Manifest, manifestHash, memberNames } from '../../src/net/manifest.ts';
import { Meter } from '../../src/net/meter.ts';
import { Mux } from '../../src/net/mux.ts';
import { agreeRun } from '../../src/net/run.ts';
import { SecureLink } from '../../src/net/secure/channel.ts';
import { CipherState } from '../../src/net/secure/cipher-state.ts';
import { randomBytes } from '../../src/net/secure/crypto.ts';
import { Context } from '../../src/protocol/context.ts';
import { makeSession, serveDealer } from '../../src/protocol/session.ts';
import type { Transport } from '../../src/net/link.ts';
import { usualAead } from './aeads.ts';
import type { FaultyWires } from './fault-bytes.ts';
import { FaultLink, FRAME_MUTATIONS } from './fault-frames.ts';
import { Injector } from './fault-injector.ts';
import type { Fault } from './fault-kinds.ts';
import { dealerMember, type Join, partyMember } from './fault-run.ts';
import { backend } from './seats.ts';

/** A session whose frames go wrong. */
export interface FramedOptions {
  readonly manifest: Manifest;
  readonly identities: readonly Identity[];
  readonly wires: FaultyWires;
  readonly fault: Fault;
  readonly timeoutMs: number;
  readonly onInjected: () => void;
}

/** Two ends of a channel with fresh keys, as a finished handshake leaves them. */
export async function keyedPair(
  [near, far]: readonly [Transport, Transport],
  ranks: readonly [number, number] = [1, 0],
): Promise<[SecureLink, SecureLink]> {
  const [there, back, hash, chain] = [0, 1, 2, 3].map(() => randomBytes(32));
  const end = (transport: Transport, out: Uint8Array, into: Uint8Array, peer: number) => {
    const result = {
      send: new CipherState(usualAead, out),
      receive: new CipherState(usualAead, into),
      handshakeHash: hash.slice(),
      chainingKey: chain.slice(),
      remoteStatic: new Uint8Array(32),
    };
    const link = new SecureLink(transport, result, { peer, label: `party ${peer}` });
    transport.start(link);
    link.sendReady();
    return link;
  };
  const a = end(near, there, back, ranks[1]);
  const b = end(far, back, there, ranks[0]);
  await Promise.all([a.ready, b.ready]);
  return [a, b];
}

/** Everybody over faulty links. */
export async function joinFramed(options: FramedOptions): Promise<Join> {
  const { manifest, wires, fault, onInjected } = options;
  const total = manifest.parties.length + 1;
  const secure = Array.from({ length: total }, () => new Map<number, SecureLink>());
  const faulty = Array.from({ length: total }, () => new Map<number, Link>());
  const units = new Map<string, Injector>();
  const place = (from: number, to: number, link: SecureLink): void => {
    const mine = fault.level === 'frames' && fault.from === from && fault.to === to;
    const injector = new Injector(mine ? fault : undefined, FRAME_MUTATIONS, onInjected);
    units.set(`${from}>${to}`, injector);
    secure[from].set(to, link);
    faulty[from].set(to, new FaultLink(link, injector, () => wires.kill(from)));
  };
  for (let a = 0; a < total; a++) {
    for (let b = a + 1; b < total; b++) {
      const transports = await wires.pair(a, b);
      const [left, right] = await keyedPair(transports, [a, b]);
      for (const transport of transports) transport.armed = true;
      place(a, b, left);
      place(b, a, right);
    }
  }
  const members = secure.map((links, rank) => seat(options, rank, links, faulty[rank]));
  return { members, units: fault.level === 'bytes' ? wires.injectors : units };
}

async function seat(
  { manifest, timeoutMs, fault, onInjected }: FramedOptions,
  rank: number,
  secure: ReadonlyMap<number, SecureLink>,
  links: ReadonlyMap<number, Link>,
): Promise<Awaited<Join['members'][number]>> {
  const world = manifest.parties.length;
  const meter = new Meter();
  const names = memberNames(manifest);
  const mux = new Mux({ rank, names, links, timeoutMs, meter });
  try {
    const run = await agreeRun({ mux, rank, links: secure, manifestHash: manifestHash(manifest) });
    const kernels = await selectKernels({ backend });
    if (rank === world) {
      const seeds = Array.from({ length: world }, (_, party) => run.rootSeed(party, 'deal'));
      serveDealer(kernels, mux, seeds, randomBytes(32));
      return dealerMember(servedBy(mux));
    }
    const zeroSeeds = Array.from({ length: world }, (_, peer) =>
      peer === rank ? null : run.rootSeed(peer, 'zero'),
    );
    const dealSeed = run.rootSeed(world, 'deal');
    const parts = { rank, world, kernels, mux, precision: manifest.precision };
    const context = new Context(makeSession({ ...parts, zeroSeeds, dealSeed, dealerRank: world }));
    return partyMember(makeParty({ context, mux, meter, names }), fault, onInjected);
  } catch (error) {
    mux.fail(error instanceof MpcError ? error : new MpcError('ERR_MPC_ABORT', String(error)));
    void mux.close();
    throw error;
  }
}

function servedBy(mux: Mux): Parameters<typeof dealerMember>[0] {
  const done = new Promise<void>((resolve, reject) => {
    mux.onFailure(reject);
    void mux.ended.then((error) => (error === undefined ? resolve() : reject(error)));
  });
  done.catch(() => undefined);
  return { done, close: () => mux.close() };
}
