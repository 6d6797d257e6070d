/**
 * Whether an outcome is right, and tables of many of them.
 * @module
 */

import { type EndCode, type Fault, verdictOn } from './fault-kinds.ts';
import type { Ending, Outcome } from './fault-run.ts';

/** What a disagreement about the program may add to a time-out: DESYNC_WAIT_MS of the mux. */
const DISPUTE_MS = 500;
/** LINGER_MS of the mux: once more if some bytes have moved. */
const LINGER_MS = 5000;
/** What a busy machine may add; CRYPTENSOR_SLACK says otherwise. */
const SLACK_MS = Number(process.env['CRYPTENSOR_SLACK'] ?? 2500);

/** What is wrong with an outcome, one line each. */
export function complaintsAbout(outcome: Outcome): string[] {
  const { fault, injected, late, endings, closedMs, timeoutMs } = outcome;
  const name = nameOf(fault);
  const text = endings.map(({ rank, code, message }) => `${rank}: ${code} ${message}`).join(' | ');
  const wrong = (why: string): string => `${name}: ${why}: ${text}`;
  const complaints: string[] = [];
  if (closedMs === Infinity) complaints.push(wrong('links did not end'));
  if (!injected) {
    if (endings.some(({ code }) => code !== 'ok')) complaints.push(wrong('failed without a fault'));
    return complaints;
  }
  const verdict = verdictOn(fault);
  const allEnds = fault.level === 'program' || fault.kind === 'kill peer';
  for (const { rank, code, ms } of endings) {
    const atLink = allEnds || rank === fault.from || rank === fault.to;
    const right = (atLink ? verdict.ends : verdict.others).includes(code);
    if (!right) complaints.push(wrong(`${code} at ${rank} is not right`));
    // The dealer waits for all to leave; a party whose close gets no answer drops the connection.
    const hanging = fault.kind === 'stall' || fault.kind === 'black hole';
    const leaving = hanging && code !== 'ERR_MPC_TIMEOUT' ? 2 * LINGER_MS : 0;
    const overdue = ms > timeoutMs + DISPUTE_MS + leaving + SLACK_MS;
    if (overdue) complaints.push(wrong(`${rank} took ${Math.round(ms)} ms`));
  }
  const { must } = verdict;
  if (must !== undefined && !endings.some(({ code }) => code === must)) {
    complaints.push(wrong(`nobody says ${must}`));
  }
  const well = endings.every(({ code }) => code === 'ok');
  if (well && verdict.harmless === 'never' && !late) complaints.push(wrong('nobody noticed'));
  if (!well && verdict.harmless === 'always') complaints.push(wrong('somebody failed'));
  return complaints;
}

/** A fault as a reader finds it again. */
export function nameOf({ level, kind, from, to, at, seed }: Fault): string {
  return `${level}: ${kind}, ${from}>${to} at ${at}, seed ${seed}`;
}

/** The ending that tells the story: of the receiving end if it failed, else of anybody who did. */
function telling({ fault, endings }: Outcome): EndCode {
  const worst = endings.find(({ code }) => code === 'wrong' || code === 'hang' || code === 'odd');
  const failed = (ending: Ending | undefined): boolean => (ending?.code ?? 'ok') !== 'ok';
  const receiver = endings[fault.to];
  const best = failed(receiver) ? receiver : (endings.find(failed) ?? receiver);
  return (worst ?? best).code;
}

/** Counts outcomes by kind of fault. */
export class Tally {
  readonly #rows = new Map<string, Map<string, number>>();
  readonly #slowest = new Map<string, number>();
  #injected = 0;
  #runs = 0;

  /** Faults that took place. */
  get injected(): number {
    return this.#injected;
  }

  add(outcome: Outcome): void {
    this.#runs++;
    const { fault, injected, endings } = outcome;
    if (!injected) return;
    this.#injected++;
    const name = `${fault.level}: ${fault.kind}`;
    const row = this.#rows.get(name) ?? new Map<string, number>();
    this.#rows.set(name, row);
    const code = telling(outcome).replace('ERR_MPC_', '');
    row.set(code, (row.get(code) ?? 0) + 1);
    const slowest = Math.max(...endings.map(({ ms }) => ms));
    this.#slowest.set(name, Math.max(this.#slowest.get(name) ?? 0, slowest));
  }

  /** The counts as text: a line for each kind of fault, a column for each ending of the receiving end. */
  table(): string {
    const codes = [...new Set([...this.#rows.values()].flatMap((row) => [...row.keys()]))].sort();
    const width = Math.max(0, ...[...this.#rows.keys()].map((name) => name.length));
    const line = (name: string, cells: readonly string[]): string =>
      `      ${name.padEnd(width)} ${cells.join(' ')}`;
    const lines = [
      line(
        'fault',
        [...codes.map(short), 'faults', ' ms'].map((text) => text.padStart(7)),
      ),
    ];
    for (const name of [...this.#rows.keys()].sort()) {
      const row = this.#rows.get(name) ?? new Map<string, number>();
      const counts = codes.map((code) => row.get(code) ?? 0);
      const sum = counts.reduce((total, count) => total + count, 0);
      const ms = Math.round(this.#slowest.get(name) ?? 0);
      const shown = [...counts.map((count) => (count === 0 ? '·' : `${count}`)), `${sum}`, `${ms}`];
      lines.push(
        line(
          name,
          shown.map((text) => text.padStart(7)),
        ),
      );
    }
    lines.push(`      ${this.#injected} faults in ${this.#runs} runs`);
    return lines.join('\n');
  }
}

const short = (code: string): string => code.slice(0, 7);
