/**
 * Shadow mode: every operation of a simulation checked against the same operation on its true inputs, at other scales.
 *
 * When all parties have called an operation, their shares of its operands are put together and it runs again on the plain scheme,
 * twice: with 8 more fractional bits, where values that fell below the last bit show, and with 8 fewer, where what overflowed fits.
 * A result that neither bears out departs from what floating point would give. Shadow values exist in simulations alone, where
 * all secrets are in one process anyway (M9).
 * @module
 */

import { MpcError } from './core/errors.ts';
import { showShape } from './core/shape.ts';
import { constant, isShare, type Operand } from './functions/index.ts';
import { selectKernels, type SelectOptions } from './kernels/select.ts';
import { Meter } from './net/meter.ts';
import { Context } from './protocol/context.ts';
import { contiguousWords, Share } from './protocol/share.ts';
import { soloSession } from './solo.ts';
import type { Replay, Watcher } from './tensor/watcher.ts';

/** Fractional bits between the session and either replay. */
const STEP = 8;

/** Two results agree within 16 units of the session's last bit and 1/64 of their size. */
const SLACK_ULPS = 16;
const SLACK_RATIO = 1 / 64;

/** One operation as one party called it. */
interface Report {
  readonly op: string;
  readonly operands: readonly Operand[];
  readonly outputs: readonly Share[];
  readonly replay: Replay;
  /** Line of the program that called it. */
  readonly place: string;
}

/** Values of a tensor in units of 1, and its shape. */
interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Where a result departs, what it should be, and what happened. */
interface Departure {
  readonly at: number;
  readonly due: number;
  readonly why: string;
}

const NOTHING: Values = { shape: [], data: [] };

/** Checks the operations of one simulation, in the order in which the last party calls them. */
export class Shadow {
  readonly #n: number;
  readonly #precision: number;
  readonly #fine: Context;
  readonly #coarse: Context;
  readonly #fail: (error: MpcError) => void;
  readonly #waiting = new Map<string, Report[][]>();
  #queue: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(
    n: number,
    precision: number,
    [fine, coarse]: readonly [Context, Context],
    fail: (error: MpcError) => void,
  ) {
    this.#n = n;
    this.#precision = precision;
    this.#fine = fine;
    this.#coarse = coarse;
    this.#fail = fail;
  }

  /** What watches party `rank`. */
  watcherOf(rank: number): Watcher {
    return {
      ran: (op, operands, results, replay) => {
        const outputs = results.filter((result) => result !== null);
        if (outputs.length === 0 || outputs.some((output) => operands.includes(output))) return;
        this.#report(rank, { op, operands, outputs, replay, place: callSite() });
      },
    };
  }

  /** Resolves when every operation so far is checked. */
  idle(): Promise<void> {
    return this.#queue;
  }

  #report(rank: number, report: Report): void {
    const key = report.outputs.map((output) => output.digest).join();
    const byRank = this.#waiting.get(key) ?? Array.from({ length: this.#n }, () => []);
    this.#waiting.set(key, byRank);
    byRank[rank].push(report);
    if (byRank.some((reports) => reports.length === 0)) return;
    const all = byRank.flatMap((reports) => reports.splice(0, 1));
    if (byRank.every((reports) => reports.length === 0)) this.#waiting.delete(key);
    this.#queue = this.#queue.then(() => this.#check(all));
  }

  async #check(reports: readonly Report[]): Promise<void> {
    if (this.#failed) return;
    try {
      const [{ operands, outputs, replay }] = reports;
      const truth = await Promise.all(
        operands.map((operand, i) =>
          isShare(operand) ? this.#together(reports.map((r) => r.operands[i] as Share)) : NOTHING,
        ),
      );
      const found = await Promise.all(
        outputs.map((_, i) => this.#together(reports.map((report) => report.outputs[i]))),
      );
      const again = (ctx: Context, step: number): Promise<readonly Values[] | undefined> =>
        this.#again(ctx, step, operands, truth, replay);
      const fine = await again(this.#fine, STEP);
      const coarse = await again(this.#coarse, -STEP);
      found.forEach((result, i) => {
        const departure = this.#departure(result, fine?.[i], coarse?.[i]);
        if (departure !== undefined) this.#depart(reports[0], result, departure);
      });
    } catch {
      // Shares that never come, or an operation that refuses the other scales: the program itself reports it, or nothing is wrong.
    }
  }

  /** The values behind all parties' shares of one tensor. */
  async #together(shares: readonly Share[]): Promise<Values> {
    const { arena } = this.#fine;
    const words = await Promise.all(shares.map((share) => contiguousWords(arena, share)));
    const [{ shape, fracBits }] = shares;
    const data = Array.from(words[0], (_, i) => {
      const raw = words.reduce((sum, own) => sum + own[i], 0n);
      return Number(BigInt.asIntN(64, raw)) / 2 ** fracBits;
    });
    return { shape, data };
  }

  async #again(
    ctx: Context,
    step: number,
    operands: readonly Operand[],
    truth: readonly Values[],
    replay: Replay,
  ): Promise<readonly Values[] | undefined> {
    try {
      const made = new Map<Operand, Operand>();
      const inputs = operands.map((operand, i) => {
        const input =
          made.get(operand) ?? (isShare(operand) ? again(ctx, step, operand, truth[i]) : operand);
        made.set(operand, input);
        return input;
      });
      const outputs = replay(ctx, inputs).filter((output) => output !== null);
      return await Promise.all(
        outputs.map(async (output) => {
          const words = await contiguousWords(ctx.arena, output);
          const data = Array.from(
            words,
            (word) => Number(BigInt.asIntN(64, word)) / 2 ** output.fracBits,
          );
          return { shape: output.shape, data };
        }),
      );
    } catch {
      return undefined;
    }
  }

  /** First position at which a result departs, and the value it should have there. */
  #departure(result: Values, fine?: Values, coarse?: Values): Departure | undefined {
    const ulp = 2 ** -this.#precision;
    const grain = SLACK_ULPS * ulp;
    for (const [at, value] of result.data.entries()) {
      const [f, c] = [fine?.data[at], coarse?.data[at]];
      if (f !== undefined && agree(value, f, grain)) continue;
      // The finer replay has less room: where it overflowed itself, the coarser one decides.
      const believed = f !== undefined && (c === undefined || agree(f, c, grain * 2 ** STEP));
      const due = believed ? f : c;
      if (due !== undefined && (believed || !agree(value, due, grain * 2 ** STEP))) {
        return { at, due, why: 'it overflowed' };
      }
    }
    if (fine === undefined || result.data.some((value) => Math.abs(value) > ulp)) return undefined;
    // A gradient that vanishes leaves rounding of its own: what is far below the last bit is 0.
    if (fine.data.every((value) => Math.abs(value) < ulp / 4)) return undefined;
    // All of it is within the last bit: is that what it should be?
    const lost = fine.data.findIndex(
      (f, i) => Math.abs(result.data[i] - f) > Math.abs(f) / 2 && f !== 0,
    );
    if (
      lost < 0 ||
      fine.data.some((f, i) => f !== 0 && Math.abs(result.data[i] - f) <= Math.abs(f) / 2)
    ) {
      return undefined;
    }
    return { at: lost, due: fine.data[lost], why: 'it fell below the last bit' };
  }

  #depart({ op, place }: Report, result: Values, { at, due, why }: Departure): void {
    this.#failed = true;
    this.#fail(
      new MpcError(
        'ERR_MPC_RANGE',
        `shadow: ${op} of shape ${showShape(result.shape)} gives ${result.data[at]} at flat position ${at}, should be near ${due}: ` +
          `${why} at ${this.#precision} fractional bits; scale the inputs or change the precision. Called at ${place}`,
      ),
    );
  }
}

function agree(a: number, b: number, grain: number): boolean {
  return Math.abs(a - b) <= grain + Math.max(Math.abs(a), Math.abs(b)) * SLACK_RATIO;
}

/** A shadow of `n` parties; `fail` is called with the first departure. */
export async function makeShadow(
  n: number,
  options: SelectOptions & { readonly precision?: number },
  fail: (error: MpcError) => void,
): Promise<Shadow> {
  const kernels = await selectKernels(options);
  const precision = options.precision ?? 16;
  const contextAt = (bits: number): Context =>
    new Context(
      soloSession({ rank: 0, world: 1, kernels, precision: Math.max(1, bits), meter: new Meter() }),
    );
  return new Shadow(n, precision, [contextAt(precision + STEP), contextAt(precision - STEP)], fail);
}

/** The same operand on the plain scheme, with `step` more fractional bits where it has any. */
function again(ctx: Context, step: number, x: Share, { shape, data }: Values): Share {
  const { constant: value, bound } = x.storage;
  if (value !== undefined) return constant(ctx, 'shadow', shape, value);
  const fracBits = x.nominal === 0 ? 0 : Math.max(1, x.nominal + step);
  const words = BigUint64Array.from(data, (value) =>
    BigInt.asUintN(64, BigInt(Math.round(value * 2 ** fracBits))),
  );
  const { digest } = ctx.step('shadow', []);
  return Share.fresh(shape, { fracBits, nominal: fracBits, bound, depth: 0, digest }, words);
}

/** The first line of the stack outside this package. */
function callSite(): string {
  const [own = '', ...lines] = (new Error().stack ?? '')
    .split('\n')
    .filter((line) => line.includes(':'));
  const folder = /[^ (]*\//.exec(own.trim().replace(/^.*[ (@]/, ''))?.[0] ?? own;
  const line = lines.find((text) => !text.includes(folder) && !text.includes('node:'));
  return line?.trim().replace(/^at /, '') ?? 'an unknown place';
}
