/**
 * One process of ours in a benchmark: a party or the dealer, over loopback TCP with the secure channel.
 *
 * Phases of a repetition, each ended by a barrier of the parties, clocks started at one instant: the operation is called on inputs that have not arrived, so
 * that its material is requested, dealt, received and expanded; then the inputs arrive, and the time until the output's
 * shares are settled, or its values are open, is the online time. Then the operation runs once more on inputs that are there.
 * A model's weights are shared anew for each order, and a run that opens their masks comes before the repetitions, as a whole.
 * @module
 */

import { connectSeat, serveAsDealer } from '../../src/connect.node.ts';
import { then, type Later } from '../../src/core/later.ts';
import { makeParty } from '../../src/make-party.ts';
import { parseIdentity } from '../../src/net/identity.ts';
import { parseManifest } from '../../src/net/manifest.ts';
import { arrival, settle } from '../../src/protocol/settle.ts';
import { contiguousWords, Share } from '../../src/protocol/share.ts';
import type { Seat } from '../../src/seats.ts';
import { CrypTensor, type Party, type Tensor } from '../../src/tensor/index.ts';
import type { Order, OurFigures, OurPhase } from './figures.ts';
import type { Input } from './inputs.ts';
import { END, type Place } from './launch.ts';
import { WORKLOADS } from './models.ts';
import { barrier, gate, together } from './phases.ts';
import { isModel, type Operation, type Workload } from './workloads.ts';

const MILLISECONDS = 0.001;
const TIMEOUT_MS = 120_000;

process.once('message', (place: Place) => guard(main(place)));
process.once('disconnect', () => process.exit());

function guard(work: Promise<void>): void {
  work.catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
}

async function main({ role, backend, ...place }: Place): Promise<void> {
  const [session, identity] = [parseManifest(place.manifest), parseIdentity(place.identity)];
  if (role === 'dealer') {
    const { done } = await serveAsDealer({ session, identity, timeoutMs: TIMEOUT_MS });
    await done;
    process.disconnect();
    return;
  }
  const seat = await connectSeat({ session, identity, timeoutMs: TIMEOUT_MS, backend });
  const party = makeParty(seat);
  let task: Task | undefined;
  const obey = async (order: Order): Promise<void> => {
    if (task?.workload.name !== order.workload) task = await taskOf(party, order.workload);
    process.send?.(await measure(seat, party, task, order));
  };
  process.on('message', (order: Order | typeof END) => {
    guard(order === END ? party.close().then(() => process.disconnect()) : obey(order));
  });
  process.send?.('ready');
}

/** A workload with its inputs, shared where it does not share them itself. */
interface Task {
  readonly workload: Workload;
  readonly inputs: readonly Input[];
  readonly shares: readonly CrypTensor[];
  /** A model's weights. */
  readonly weights: readonly Input[];
}

async function taskOf(party: Party, name: string): Promise<Task> {
  const workload = WORKLOADS.find((candidate) => candidate.name === name);
  if (workload === undefined) throw new Error(`no workload ${name}`);
  const inputs = workload.inputs();
  const sharesItself = !isModel(workload) && workload.run === undefined;
  const shares = sharesItself ? [] : inputs.map((input) => shared(party, input));
  await party.settle(...shares);
  return { workload, inputs, shares, weights: isModel(workload) ? workload.weights() : [] };
}

async function measure(seat: Seat, party: Party, task: Task, order: Order): Promise<OurFigures> {
  const { workload } = task;
  const model = isModel(workload);
  const run = model ? workload.share(party, task.weights) : workload.run;
  const start = (arrive: Later<void>): Call => call(party, task, run, arrive);
  const first = model ? await firstRun(seat, start) : undefined;
  const passes: Pass[] = [];
  const total: number[] = [];
  let output: Float64Array | null = null;
  for (let rep = 0; rep < order.reps; rep++) {
    const one = await pass(seat, start);
    passes.push(one);
    if (order.output && rep === 0) output = await opened(one.output);
    await together(seat);
    const streamMs = performance.now();
    await start(undefined).settled;
    total.push(performance.now() - streamMs);
  }
  const { rounds, bytesSent, preprocessBytes } = passes[0];
  const times = (phase: keyof Pass['times']): number[] => passes.map((one) => one.times[phase]);
  return {
    times: {
      first: first === undefined ? [] : [first.ms],
      online: times('online'),
      pending: times('pending'),
      preprocess: times('preprocess'),
      total,
      cpu: times('cpu'),
    },
    rounds,
    bytesSent,
    preprocessBytes,
    oneOffBytes: first === undefined ? 0 : first.bytesSent - bytesSent,
    output,
  };
}

/** The first run with new weights, as one: their openings do not wait for the inputs, so phases would not show them. */
async function firstRun(
  seat: Seat,
  start: (arrive: Later<void>) => Call,
): Promise<{ readonly ms: number; readonly bytesSent: number }> {
  await barrier(seat);
  seat.meter.reset();
  const calledMs = performance.now();
  await start(undefined).settled;
  const ms = performance.now() - calledMs;
  await barrier(seat);
  return { ms, bytesSent: seat.meter.snapshot().total.sent.payloadBytes.online };
}

/** One run in phases. */
interface Pass extends Pick<OurFigures, 'rounds' | 'bytesSent' | 'preprocessBytes'> {
  readonly times: Readonly<Record<Exclude<OurPhase, 'first' | 'total'>, number>>;
  readonly output: Call['output'];
}

async function pass(seat: Seat, start: (arrive: Later<void>) => Call): Promise<Pass> {
  const { context: ctx, meter } = seat;
  await barrier(seat);
  meter.reset();
  ctx.resetRounds();
  const arrive = gate();
  const calledMs = performance.now();
  const online = start(arrive.opened);
  await ctx.session.outstanding.idle();
  const preparedMs = performance.now();
  await together(seat);
  const before = process.cpuUsage();
  const arrivedMs = performance.now();
  arrive.open();
  await online.pending;
  const pendingMs = performance.now();
  await online.settled;
  const settledMs = performance.now();
  const used = process.cpuUsage(before);
  await barrier(seat); // what this party sent last may still wait for the end of the tick
  const { sent, received } = meter.snapshot().total;
  return {
    times: {
      online: settledMs - arrivedMs,
      pending: pendingMs - arrivedMs,
      preprocess: preparedMs - calledMs,
      cpu: (used.user + used.system) * MILLISECONDS,
    },
    rounds: ctx.session.rounds.count,
    bytesSent: sent.payloadBytes.online,
    preprocessBytes: received.payloadBytes.preprocessing,
    output: online.output,
  };
}

/** An operation under way. */
interface Call {
  readonly output: Later<CrypTensor | Tensor>;
  /** Resolves when the output is there, but for a truncation it owes. */
  readonly pending: Later<unknown>;
  readonly settled: Later<unknown>;
}

/** Calls the operation on inputs that arrive with `arrive`; without an operation, shares the first input then. */
function call(party: Party, task: Task, run: Operation | undefined, arrive: Later<void>): Call {
  if (run === undefined) {
    const made = then(arrive, () => shared(party, task.inputs[0]));
    const here = then(made, (x) => arrival(CrypTensor.shareOf(x)));
    return { output: made, pending: here, settled: here };
  }
  const output = run(...task.shares.map((x) => delayed(party, x, arrive)));
  if (output instanceof Promise) return { output, pending: output, settled: output };
  const share = CrypTensor.shareOf(output);
  const pending = arrival(share);
  return { output, pending, settled: arrival(settle(party.context, share)) };
}

function shared(party: Party, { shape, src, values }: Input): CrypTensor {
  return party.cryptensor(party.rank === src ? { shape, data: values } : null, { src, shape });
}

/** The same secret as a storage of its own, whose words come with `arrive`: new masks, as for a new secret. */
function delayed(party: Party, tensor: CrypTensor, arrive: Later<void>): CrypTensor {
  const { context: ctx } = party;
  const x = CrypTensor.shareOf(tensor);
  const words = contiguousWords(ctx.arena, x);
  const { depth, digest } = ctx.step('fresh input', [x]);
  const facts = { fracBits: x.fracBits, nominal: x.nominal, depth, digest };
  return new CrypTensor(
    party,
    Share.fresh(
      x.shape,
      facts,
      then(arrive, () => words),
    ),
  );
}

async function opened(output: Call['output']): Promise<Float64Array> {
  const made = await output;
  return made instanceof CrypTensor ? (await made.getPlainText()).data : made.data;
}
