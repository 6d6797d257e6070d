/**
 * Agreement on the public terms of a training, before any row is shared.
 *
 * Parties that were started with other arguments, or whose tables have other numbers of rows, are told
 * in words instead of failing somewhere in the middle.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import type { Party } from '../../index.ts';
import type { Table } from '../table.ts';
import { MAX_MODELS, type Options } from './options.ts';

/** What all parties know of each other's tables. */
export interface Terms {
  readonly rows: number;
  /** Number of feature columns, by rank. */
  readonly features: readonly number[];
  /** Rank of the party whose table has the labels. */
  readonly labelRank: number;
}

/** Differences below this are rounding of the fixed point. */
const TOLERANCE = 1e-3;

/**
 * Opens every party's public facts to all, and compares. One round.
 *
 * @throws {MpcError} ERR_MPC_CSV if the numbers of rows differ, or unless exactly one party has labels;
 * ERR_MPC_DESYNC if arguments differ. All parties throw, with the same text.
 */
export async function agreeOnTerms(party: Party, table: Table, options: Options): Promise<Terms> {
  const own = factsOf(table, options);
  const names = [...own.keys()];
  const opened = Array.from({ length: party.world }, async (_, src) => {
    const values = src === party.rank ? [...own.values()] : names.map(() => 0);
    const facts = await party.cryptensor(values, { src }).getPlainText();
    return new Map(names.map((name, i) => [name, facts?.data[i] ?? NaN]));
  });
  const all = await Promise.all(opened);
  const column = (name: string): number[] => all.map((facts) => Math.round(facts.get(name) ?? NaN));

  const rows = column('rows');
  if (rows.some((n) => n !== rows[0])) {
    const counts = rows.map((n, rank) => `party ${rank} has ${n}`).join(', ');
    const why = `the tables have different numbers of rows: ${counts}; row i must be the same person`;
    throw new MpcError('ERR_MPC_CSV', why);
  }
  const withLabels = column('labels').flatMap((has, rank) => (has === 1 ? [rank] : []));
  if (withLabels.length !== 1) {
    const who = withLabels.length === 0 ? 'none' : withLabels.map((r) => `party ${r}`).join(', ');
    throw new MpcError('ERR_MPC_CSV', `exactly one party gives --target; here: ${who}`);
  }
  for (const name of names.slice(names.indexOf('labels') + 1)) {
    const values = all.map((facts) => facts.get(name) ?? NaN);
    if (values.every((value) => Math.abs(value - values[0]) < TOLERANCE)) continue;
    const said = values.map((value, rank) => `party ${rank} ${show(value)}`).join(', ');
    throw new MpcError('ERR_MPC_DESYNC', `the parties have different ${name}: ${said}`);
  }
  return { rows: rows[0], features: column('feature columns'), labelRank: withLabels[0] };
}

/** Public facts by name; always as many, so that they can be opened without knowing more. */
function factsOf(table: Table, options: Options): Map<string, number> {
  const facts = new Map([
    ['rows', table.rows],
    ['feature columns', table.features.length],
    ['labels', table.target === undefined ? 0 : 1],
    ['--batch', options.recipes[0].batch],
    ['--seed', options.seed],
    ['--save (0 no, 1 yes)', options.save === undefined ? 0 : 1],
    ['numbers of models', options.recipes.length],
  ]);
  for (let i = 0; i < MAX_MODELS; i++) {
    const recipe = options.recipes[i];
    facts.set(`--hidden (model ${i + 1})`, recipe?.hidden ?? 0);
    facts.set(`--epochs (model ${i + 1})`, recipe?.epochs ?? 0);
    facts.set(`--lr (model ${i + 1})`, recipe?.lr ?? 0);
  }
  return facts;
}

function show(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
