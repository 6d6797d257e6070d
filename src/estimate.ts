/**
 * `estimate`: what a program will cost, before anybody else is there.
 *
 * Message schedules depend on public facts alone, so one party computing with absent peers sends and expects exactly the messages
 * of a real run. Their contents are zeros and what is revealed reads as zeros: a program that branches on revealed values is
 * counted along the branch that zeros take.
 * @module
 */

import { selectKernels, type SelectOptions } from './kernels/select.ts';
import { Meter } from './net/meter.ts';
import { Context } from './protocol/context.ts';
import { soloSession } from './solo.ts';
import { Party, type Estimate, type NetworkOptions, type PartyEstimate } from './tensor/index.ts';

/** The network that a program would run over, and how it computes. */
export interface EstimateOptions extends NetworkOptions, SelectOptions {
  /** Fractional bits; 16 unless said. */
  readonly precision?: number;
}

/**
 * Runs `program` as every one of `n` parties in turn, without the others.
 *
 * @throws whatever the program throws.
 * @example
 * const { rounds, totalMs } = await estimate(2, async (party) => {
 *   const x = party.cryptensor(new Float64Array(1000), { src: 0 });
 *   await x.sigmoid().getPlainText();
 * }, { rttMs: 40, mbps: 100 });
 */
export async function estimate(
  n: number,
  program: (party: Party) => Promise<unknown> | unknown,
  options: EstimateOptions = {},
): Promise<Estimate> {
  const parties: PartyEstimate[] = [];
  for (let rank = 0; rank < n; rank++) parties.push(await runAlone(n, rank, program, options));
  const { rttMs = 0, mbps = Infinity } = options;
  const times = parties.map(({ rounds, online, preprocessing, computeMs }) => {
    const sent = online.bytesSent + preprocessing.bytesSent;
    const received = online.bytesReceived + preprocessing.bytesReceived;
    return (rounds * rttMs) / 2 + Math.max(sent, received) / (mbps * 125) + computeMs;
  });
  return { parties, rounds: parties[0].rounds, totalMs: Math.max(...times) };
}

async function runAlone(
  world: number,
  rank: number,
  program: (party: Party) => Promise<unknown> | unknown,
  options: EstimateOptions,
): Promise<PartyEstimate> {
  const meter = new Meter();
  const began = performance.now();
  const kernels = await selectKernels(options);
  const precision = options.precision ?? 16;
  const context = new Context(soloSession({ rank, world, kernels, precision, meter }));
  const party = new Party({
    context,
    names: Array.from({ length: world }, (_, i) => `party ${i}`),
    traffic: () => meter.snapshot().total,
    resetTraffic: () => meter.reset(),
    close: () => context.session.outstanding.idle(),
    estimate: (inner, network) => estimate(world, inner, { ...options, ...network }),
  });
  await program(party);
  await context.session.outstanding.idle();
  const { rounds, online, preprocessing, ops } = party.stats();
  return { rounds, online, preprocessing, ops, computeMs: performance.now() - began };
}
