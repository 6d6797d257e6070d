/**
 * One process of the `ops` benchmark: a party or the dealer, over loopback TCP with the secure channel.
 *
 * Phases of a repetition, each ended by a barrier of the parties: the operation is called on inputs that have not arrived, so
 * that its material is requested, dealt, received and expanded; then the inputs arrive, and the time until the output's
 * shares are settled is the online time.
 * @module
 */

import { connectSeat, serveAsDealer } from '../../src/connect.node.ts';
import { identityOfJson, type MemberOrder, type MemberReply } from './launch.ts';
import { parseManifest } from '../../src/net/manifest.ts';
import { MESSAGE_KINDS } from '../../src/net/kinds.ts';
import type { Context } from '../../src/protocol/context.ts';
import { arrival, settle } from '../../src/protocol/settle.ts';
import { contiguousWords, Share } from '../../src/protocol/share.ts';
import { decode, encode } from '../../src/ring/encoder.ts';
import type { Seat } from '../../src/seats.ts';
import { WORKLOADS, type Input, type Workload } from './workloads.ts';

const seconds = 0.001;

process.once('message', (order: MemberOrder) => {
  main(order).then(
    () => process.disconnect(),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});

async function main(order: MemberOrder): Promise<void> {
  const session = parseManifest(order.manifest);
  const identity = identityOfJson(order.identity);
  if (order.role === 'dealer') {
    const run = await serveAsDealer({ session, identity, timeoutMs: 120_000 });
    await run.done;
    return;
  }
  const seat = await connectSeat({ session, identity, timeoutMs: 120_000, backend: order.backend });
  for (const name of order.workloads) {
    const workload = WORKLOADS.find((candidate) => candidate.name === name);
    if (workload === undefined) throw new Error(`no workload ${name}`);
    const reply = await measureWorkload(seat, workload, order.reps);
    process.send?.(reply);
  }
  await seat.context.session.outstanding.idle();
  await seat.mux.close();
}

async function measureWorkload(seat: Seat, workload: Workload, reps: number): Promise<MemberReply> {
  const { context: ctx, meter } = seat;
  const inputs = workload.inputs();
  const shares = inputs.map((input) => share(ctx, input));
  await Promise.all(shares.map((x) => arrival(x)));
  const online: number[] = [];
  const pending: number[] = [];
  const preprocess: number[] = [];
  const total: number[] = [];
  const cpu: number[] = [];
  let reply: Omit<MemberReply, 'online' | 'pending' | 'preprocess' | 'total' | 'cpu'> | undefined;
  for (let rep = -1; rep < reps; rep++) {
    await barrier(seat);
    meter.reset();
    ctx.resetRounds();
    const arrive = gate();
    const startMs = performance.now();
    const output = workload.run(
      ctx,
      shares.map((x) => delayed(ctx, x, arrive.opened)),
    );
    const settled = settle(ctx, output);
    await ctx.session.outstanding.idle();
    const preparedMs = performance.now();
    await barrier(seat);
    const before = process.cpuUsage();
    const onlineMs = performance.now();
    arrive.open();
    await arrival(output);
    const pendingMs = performance.now();
    await arrival(settled);
    const doneMs = performance.now();
    const used = process.cpuUsage(before);
    const traffic = meter.snapshot().total;
    reply ??= {
      name: workload.name,
      rounds: ctx.session.rounds.count,
      bytesSent: traffic.sent.payloadBytes.online,
      preprocessBytes: traffic.received.payloadBytes.preprocessing,
      maxAbsError: await check(seat, workload, inputs, settled),
    };
    await barrier(seat);
    const streamMs = performance.now();
    await arrival(
      settle(
        ctx,
        workload.run(
          ctx,
          shares.map((x) => delayed(ctx, x, undefined)),
        ),
      ),
    );
    const streamedMs = performance.now();
    if (rep < 0) continue;
    online.push(doneMs - onlineMs);
    pending.push(pendingMs - onlineMs);
    preprocess.push(preparedMs - startMs);
    cpu.push((used.user + used.system) * seconds);
    total.push(streamedMs - streamMs);
  }
  if (reply === undefined) throw new Error('no repetition ran');
  return { ...reply, online, pending, preprocess, total, cpu };
}

/** A fresh storage with a share's words, once `opened` resolves: new masks, as for a new secret. */
function delayed(ctx: Context, x: Share, opened: Promise<void> | undefined): Share {
  const words = contiguousWords(ctx.arena, x);
  const step = ctx.step('fresh input', [x]);
  return Share.fresh(
    x.shape,
    { fracBits: x.fracBits, nominal: x.nominal, depth: step.depth, digest: step.digest },
    opened === undefined ? words : opened.then(() => words),
  );
}

function share(ctx: Context, { shape, src, values }: Input): Share {
  const words = ctx.rank === src ? encode(ctx.arena, values, 16, 'bench') : null;
  return ctx.gates.input(ctx, src, shape, 16, words);
}

async function check(
  seat: Seat,
  workload: Workload,
  inputs: readonly Input[],
  x: Share,
): Promise<number> {
  const { context: ctx } = seat;
  const words = await ctx.deliver(ctx.gates.reveal(ctx, x, [0, 1]), x.depth + 1);
  if (words === null) throw new Error('no result');
  const got = decode(ctx.arena, words, x.fracBits);
  const error = workload
    .expected(inputs)
    .reduce((max, want, i) => Math.max(max, Math.abs(want - got[i])), 0);
  if (!(error <= workload.tolerance)) throw new Error(`${workload.name}: wrong by ${error}`);
  return error;
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

let barriers = 2;

/** Returns when every party has called it. */
async function barrier({ mux, context }: Seat): Promise<void> {
  const id = { space: [], seq: barriers++, kind: MESSAGE_KINDS.control };
  for (const peer of context.peers()) mux.post(peer, id, 0n, [new Uint8Array(8)]);
  await Promise.all(context.peers().map((peer) => mux.expect(peer, id, 0n, 8, () => 'barrier')));
}
