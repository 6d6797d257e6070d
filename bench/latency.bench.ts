/**
 * What a round costs: dependent small operations between two processes, beside a bare TCP echo between the same two.
 *
 * `node --import tsx bench/latency.bench.ts [--rounds N]`
 *
 * Two parties and a dealer, encrypted loopback TCP. Batches of 100 rounds of every kind in turns, so that all see the same machine; each
 * line is the median of its batches, per round. Online: material is there when the inputs arrive; streamed: the dealer works
 * meanwhile, on the same cores.
 * @module
 */

import { fork } from 'node:child_process';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connectSeat, serveAsDealer } from '../src/connect.node.ts';
import { then } from '../src/core/later.ts';
import { parseIdentity } from '../src/net/identity.ts';
import { parseManifest } from '../src/net/manifest.ts';
import { settle, arrival } from '../src/protocol/settle.ts';
import { Share } from '../src/protocol/share.ts';
import type { Seat } from '../src/seats.ts';
import { freePort, makeBenchSession, type BenchSession } from './support/launch.ts';
import { median } from './support/measure.ts';
import { barrier, gate } from './support/phases.ts';

interface Order {
  readonly member: number;
  readonly session: BenchSession;
  readonly batches: number;
  readonly echoPort: number;
}

const { values } = parseArgs({
  options: { child: { type: 'boolean' }, rounds: { type: 'string', default: '2000' } },
});
const BATCH = 100;
const ECHO = 'bare TCP echo, 64 B';

if (values.child === true) {
  process.once('message', (order: Order) => void child(order).then(() => process.disconnect()));
} else {
  const session = await makeBenchSession();
  const batches = Math.ceil(Number(values.rounds) / BATCH);
  const echoPort = await freePort();
  const lines: Record<string, number> = {};
  await Promise.all(
    [0, 1, 2].map((member) => {
      const started = fork(fileURLToPath(import.meta.url), ['--child']);
      started.on('message', (figures: Record<string, number>) => Object.assign(lines, figures));
      started.send({ member, session, batches, echoPort });
      return new Promise((resolve) => started.on('exit', resolve));
    }),
  );
  const base = lines[ECHO];
  for (const [name, micros] of Object.entries(lines)) {
    const ratio = (micros / base).toFixed(2);
    process.stdout.write(`${name.padEnd(36)}${micros.toFixed(1).padStart(8)} µs  ${ratio}×\n`);
  }
}

async function child({ member, session, batches, echoPort }: Order): Promise<void> {
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
  const server = member === 1 ? await echoServer(echoPort) : undefined;
  const seat = await connectSeat(options);
  const socket = member === 0 ? await connected(echoPort) : undefined;
  const figures = await inTurns(batches, {
    [ECHO]: () => echoes(socket),
    'reveal of 8 words': reveals(seat),
    'square and truncate 8, online': () => squaresOnline(seat),
    'square and truncate 8, streamed': squares(seat),
  });
  if (member === 0) process.send?.(figures);
  await seat.context.session.outstanding.idle();
  socket?.end();
  server?.close();
  await seat.mux.close();
}

/** Milliseconds of one batch. */
type Batch = () => Promise<number>;

/** A batch of each kind, again and again; the medians in µs a round, without the first ones. */
async function inTurns(
  batches: number,
  kinds: Readonly<Record<string, Batch>>,
): Promise<Record<string, number>> {
  const samples = Object.entries(kinds).map(([name, batch]) => ({
    name,
    batch,
    ms: [] as number[],
  }));
  for (let i = 0; i <= batches; i++) {
    for (const { batch, ms } of samples) {
      const taken = await batch();
      if (i > 0) ms.push(taken);
    }
  }
  return Object.fromEntries(samples.map(({ name, ms }) => [name, (median(ms) * 1000) / BATCH]));
}

async function timed(body: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await body();
  return performance.now() - start;
}

/** Dependent reveals: each waits for the one before. */
function reveals({ context: ctx }: Seat): Batch {
  const x = ctx.gates.input(ctx, 0, [8], 16, ctx.rank === 0 ? new BigUint64Array(8) : null);
  return () =>
    timed(async () => {
      for (let i = 0; i < BATCH; i++) await ctx.gates.reveal(ctx, x, [0, 1]);
    });
}

/** A chain of products and truncations: two rounds each, nothing public. */
function squares({ context: ctx }: Seat): Batch {
  let x = ctx.gates.input(ctx, 0, [8], 16, ctx.rank === 0 ? new BigUint64Array(8) : null);
  return () =>
    timed(async () => {
      for (let i = 0; i < BATCH / 2; i++) x = settle(ctx, ctx.gates.mul(ctx, x, x));
      await arrival(x);
    });
}

/** The same with the material there before the input is. */
async function squaresOnline(seat: Seat): Promise<number> {
  const { context: ctx } = seat;
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
  return timed(async () => {
    arrive.open();
    await arrival(x);
  });
}

/** 64-byte echoes over a connection of nobody else; the party that answers goes on at once. */
function echoes(socket: Socket | undefined): Promise<number> {
  const payload = Buffer.alloc(64);
  return timed(async () => {
    for (let i = 0; socket !== undefined && i < BATCH; i++) {
      await new Promise((resolve) => {
        socket.once('data', resolve);
        socket.write(payload);
      });
    }
  });
}

function echoServer(port: number): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('data', (bytes) => socket.write(bytes));
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true }, () =>
      resolve(socket),
    );
    socket.on('error', reject);
  });
}
