/**
 * One run of the small program with one fault in it: every member's ending, and how long it took.
 * @module
 */

import { joinAsDealer, joinAsParty, type Platform } from '../../src/connect-session.ts';
import { MpcError } from '../../src/core/errors.ts';
import type { Identity } from '../../src/net/identity.ts';
import { type Manifest, parseManifest } from '../../src/net/manifest.ts';
import type { Party } from '../../src/tensor/index.ts';
import { makeParty } from '../../src/make-party.ts';
import { usualAead } from './aeads.ts';
import { FaultyWires, type PairMaker } from './fault-bytes.ts';
import { type EndCode, type Fault, verdictOn } from './fault-kinds.ts';
import { type FramedOptions, joinFramed } from './fault-seats.ts';
import { type Detour, isRight, smallProgram } from './fault-program.ts';
import { backend } from './seats.ts';
import { session } from './session.ts';

/** How one member ended. */
export interface Ending {
  readonly rank: number;
  readonly code: EndCode;
  readonly message: string;
  /** Milliseconds from the fault to this ending; from the start if there was no fault. */
  readonly ms: number;
}

/** What came of one run. */
export interface Outcome {
  readonly fault: Fault;
  /** Patience of the parties. */
  readonly timeoutMs: number;
  /** Whether the fault took place: a run may end before the unit it was meant for. */
  readonly injected: boolean;
  /** Whether its sender had nothing more to do when it took place. */
  readonly late: boolean;
  /** By rank, the dealer last. */
  readonly endings: readonly Ending[];
  /** Milliseconds until everybody's links had ended. */
  readonly closedMs: number;
  /** Units by `from>to`. */
  readonly units: ReadonlyMap<string, number>;
}

/** Where to run, and what to do to it. */
export interface FaultRun {
  readonly n: number;
  readonly carrier: PairMaker;
  readonly fault: Fault;
  /** How long to wait for a hang, over the time-out; ms. */
  readonly patienceMs?: number;
  /** Instead of the one that the fault asks for. */
  readonly timeoutMs?: number;
  /** Leaves it to the parties to close, which may take LINGER_MS. */
  readonly natural?: boolean;
}

interface Member {
  /** Runs its part; resolves with the result, for the dealer with nothing. */
  readonly work: () => Promise<readonly number[] | undefined>;
  readonly close: (error?: Error) => Promise<void>;
}

const sessions = new Map<number, { manifest: Manifest; identities: Identity[] }>();

function sessionOf(n: number): { manifest: Manifest; identities: Identity[] } {
  const known = sessions.get(n) ?? session(n, true, [1, 2, 3, 4].slice(0, n + 1));
  sessions.set(n, known);
  return known;
}

/** Runs the program at `n` parties and a dealer. Never rejects. */
export async function runWithFault(run: FaultRun): Promise<Outcome> {
  const { n, fault } = run;
  const startMs = performance.now();
  let injectedMs: number | undefined;
  let late = false;
  const ended = new Set<number>();
  const onInjected = (): void => {
    injectedMs ??= performance.now();
    late ||= ended.has(fault.from) || ended.has(fault.to);
  };
  const wires = new FaultyWires(run.carrier, fault, onInjected);
  const timeoutMs = run.timeoutMs ?? verdictOn(fault).timeoutMs;
  const shared = { ...sessionOf(n), wires, fault, timeoutMs, onInjected };
  const connects = fault.level === 'connect' || fault.level === 'terms';
  const join = connects ? joinMeshed(shared) : await joinFramed(shared);
  const closings: Promise<void>[] = [];
  const limitMs = timeoutMs + (run.patienceMs ?? 14_000);
  const endings = await Promise.all(
    Array.from({ length: n + 1 }, async (_, rank): Promise<Ending> => {
      const { code, message } = await within(limitMs, ending(rank, join.members[rank], closings));
      ended.add(rank);
      return { rank, code, message, ms: performance.now() - (injectedMs ?? startMs) };
    }),
  );
  const beforeMs = performance.now();
  if (run.natural !== true) wires.kill();
  const closed = await within(
    7000,
    Promise.allSettled(closings).then(() => ({ code: 'ok' as const, message: '' })),
  );
  wires.kill();
  const closedMs = closed.code === 'hang' ? Infinity : performance.now() - beforeMs;
  const units = new Map([...join.units].map(([key, { count }]) => [key, count]));
  return { fault, timeoutMs, injected: injectedMs !== undefined, late, endings, closedMs, units };
}

type End = Pick<Ending, 'code' | 'message'>;

async function ending(
  rank: number,
  join: Promise<Member>,
  closings: Promise<void>[],
): Promise<End> {
  let member: Member | undefined;
  try {
    member = await join;
    const result = await member.work();
    closings.push(member.close());
    const right = result === undefined || isRight(result);
    return { code: right ? 'ok' : 'wrong', message: right ? '' : String(result) };
  } catch (error) {
    if (member !== undefined) closings.push(member.close(asError(error)));
    if (error instanceof MpcError) return { code: error.code, message: error.message };
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { code: 'odd', message: `at ${rank}: ${text}` };
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function within(ms: number, ending: Promise<End>): Promise<End> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hang = new Promise<End>((resolve) => {
    timer = setTimeout(() => resolve({ code: 'hang', message: `no ending within ${ms} ms` }), ms);
  });
  return Promise.race([ending, hang]).finally(() => clearTimeout(timer));
}

/** What members are made by. */
export interface Join {
  readonly members: readonly Promise<Member>[];
  readonly units: ReadonlyMap<string, { readonly count: number }>;
}

/** Everybody by the library's own `connect`, over faulty transports. */
function joinMeshed({
  manifest,
  identities,
  wires,
  fault,
  timeoutMs,
  onInjected,
}: FramedOptions): Join {
  const dealerRank = manifest.parties.length;
  const members = identities.map(async (identity, rank): Promise<Member> => {
    const platform: Platform = { network: wires.of(rank), aead: usualAead };
    const astray = fault.level === 'terms' && fault.kind !== 'wire version' && fault.from === rank;
    if (astray) onInjected();
    const session = astray ? otherTerms(manifest, fault) : manifest;
    const options = { session, identity, timeoutMs, backend };
    if (rank === dealerRank) return dealerMember(await joinAsDealer(options, platform));
    const party = makeParty(await joinAsParty({ ...options, rank }, platform));
    return partyMember(party, fault, onInjected);
  });
  return { members, units: wires.injectors };
}

/** A party's part. */
export function partyMember(party: Party, fault: Fault, onInjected: () => void): Member {
  const astray = fault.level === 'program' && fault.from === party.rank;
  return {
    work: async () => {
      if (!astray) return smallProgram(party);
      onInjected();
      // Whatever it gets is what it asked for.
      await smallProgram(party, { step: fault.at, how: fault.kind as Detour['how'] });
      return undefined;
    },
    close: (error) => party.close(error),
  };
}

/** The dealer's part. */
export function dealerMember(dealer: {
  readonly done: Promise<unknown>;
  close(error?: MpcError): Promise<void>;
}): Member {
  return {
    work: () => dealer.done.then(() => undefined),
    close: () => dealer.close(),
  };
}

/** The manifest as one member has it by mistake. */
function otherTerms(manifest: Manifest, { kind, to }: Fault): Manifest {
  const json = structuredClone(manifest);
  const parties = json.parties.map((entry) => {
    if (entry.rank !== to) return entry;
    if (kind === 'other name') return { ...entry, name: 'mallory' };
    if (kind === 'other key') {
      const other = entry.publicKey?.replace(/^../, (byte) => (byte === '5f' ? '60' : '5f'));
      return { ...entry, publicKey: other };
    }
    return entry;
  });
  const terms = {
    ...json,
    parties,
    precision: kind === 'other precision' ? 20 : json.precision,
    session: kind === 'other session' ? 'another-session-0123456' : json.session,
  };
  return parseManifest({ format: 'cryptensor-session', version: 1, ...terms });
}
