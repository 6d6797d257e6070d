/**
 * What a round costs: dependent small operations between two processes, beside a bare TCP echo in the same run.
 *
 * `node --import tsx bench/latency.bench.ts [--rounds N]`
 *
 * Two parties and a dealer, encrypted loopback TCP. Each line is the median of batches of 100, per round. Online: material is there
 * when the inputs arrive; streamed: the dealer works meanwhile, on the same cores.
 * @module
 */

import { fork } from 'node:child_process';
import { createConnection, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connectSeat, serveAsDealer } from '../src/connect.node.ts';
import { then } from '../src/core/later.ts';
import { parseIdentity } from '../src/net/identity.ts';
import { parseManifest } from '../src/net/manifest.ts';
import { settle, arrival } from '../src/protocol/settle.ts';
import { Share } from '../src/protocol/share.ts';
import type { Seat } from '../src/seats.ts';
import { makeBenchSession, type BenchSession } from './support/launch.ts';
import { median } from './support/measure.ts';
import { barrier, gate } from './support/phases.ts';

interface Order {
  readonly member: number;
  readonly session: BenchSession;
  readonly batches: number;
}

const { values } = parseArgs({
  options: { child: { type: 'boolean' }, rounds: { type: 'string', default: '2000' } },
});
const BATCH = 100;

if (values.child === true) {
  process.once('message', (order: Order) => void child(order).then(() => process.disconnect()));
} else {
  const session = await makeBenchSession();
  const batches = Math.ceil(Number(values.rounds) / BATCH);
  const lines: Record<string, number> = { 'bare TCP echo, 64 B': await bareEcho(batches) };
  await Promise.all(
    [0, 1, 2].map((member) => {
      const started = fork(fileURLToPath(import.meta.url), ['--child']);
      started.on('message', (figures: Record<string, number>) => Object.assign(lines, figures));
      started.send({ member, session, batches });
      return new Promise((resolve) => started.on('exit', resolve));
    }),
  );
  const base = lines['bare TCP echo, 64 B'];
  for (const [name, micros] of Object.entries(lines)) {
    const ratio = (micros / base).toFixed(2);
    process.stdout.write(`${name.padEnd(36)}${micros.toFixed(1).padStart(8)} µs  ${ratio}×\n`);
  }
}

async function child({ member, session, batches }: Order): Promise<void> {
  const options = {
    session: parseManifest(session.manifest),
    identity: parseIdentity(session.identities[member]),
    timeoutMs: 60_000,
  };
  if (member === 2) {
    await (
      await serveAsDealer(options)
    ).done;
    return;
  }
  const seat = await connectSeat(options);
  const figures = {
    'reveal of 8 words': await reveals(seat, batches),
    'square and truncate 8, online': await squaresOnline(seat, batches),
    'square and truncate 8, streamed': await squares(seat, batches),
  };
  if (member === 0) process.send?.(figures);
  await seat.context.session.outstanding.idle();
  await seat.mux.close();
}

/** Dependent reveals: each waits for the one before. */
async function reveals({ context: ctx }: Seat, batches: number): Promise<number> {
  const x = ctx.gates.input(ctx, 0, [8], 16, ctx.rank === 0 ? new BigUint64Array(8) : null);
  return medianMicros(batches, async () => {
    for (let i = 0; i < BATCH; i++) await ctx.gates.reveal(ctx, x, [0, 1]);
    return BATCH;
  });
}

/** A chain of products and truncations: two rounds each, nothing public. */
async function squares({ context: ctx }: Seat, batches: number): Promise<number> {
  let x = ctx.gates.input(ctx, 0, [8], 16, ctx.rank === 0 ? new BigUint64Array(8) : null);
  return medianMicros(batches, async () => {
    for (let i = 0; i < BATCH / 2; i++) x = settle(ctx, ctx.gates.mul(ctx, x, x));
    await arrival(x);
    return BATCH;
  });
}

/** The same with the material there before the input is. */
async function squaresOnline(seat: Seat, batches: number): Promise<number> {
  const { context: ctx } = seat;
  const samples: number[] = [];
  for (let i = 0; i <= batches; i++) {
    const arrive = gate();
    const { digest } = ctx.step('input', []);
    const facts = { fracBits: 16, nominal: 16, depth: 0, digest };
    let x = Share.fresh(
      [8],
      facts,
      then(arrive.opened, () => new BigUint64Array(8)),
    );
    for (let j = 0; j < BATCH / 2; j++) x = settle(ctx, ctx.gates.mul(ctx, x, x));
    await ctx.session.outstanding.idle();
    await barrier(seat);
    const start = performance.now();
    arrive.open();
    await arrival(x);
    if (i > 0) samples.push(((performance.now() - start) * 1000) / BATCH);
  }
  return median(samples);
}

async function medianMicros(batches: number, batch: () => Promise<number>): Promise<number> {
  await batch();
  const samples: number[] = [];
  for (let i = 0; i < batches; i++) {
    const start = performance.now();
    const rounds = await batch();
    samples.push(((performance.now() - start) * 1000) / rounds);
  }
  return median(samples);
}

/** A 64-byte echo between this process and an echo server in a child of its own. */
async function bareEcho(batches: number): Promise<number> {
  const server = fork(fileURLToPath(new URL('./support/echo.ts', import.meta.url)));
  const port = await new Promise<number>((resolve) => server.once('message', resolve));
  const socket = await connected(port);
  const payload = Buffer.alloc(64);
  const echo = (): Promise<unknown> =>
    new Promise((resolve) => {
      socket.once('data', resolve);
      socket.write(payload);
    });
  const micros = await medianMicros(batches, async () => {
    for (let i = 0; i < BATCH; i++) await echo();
    return BATCH;
  });
  socket.end();
  return micros;
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true }, () =>
      resolve(socket),
    );
    socket.on('error', reject);
  });
}
