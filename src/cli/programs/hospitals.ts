/**
 * Several parties train a model on rows whose columns they hold apart: the built-in program `hospitals`.
 *
 * Row i is the same person in every party's file; each file has other columns, one file has the labels
 * (0 and 1). Nobody shows a row. What becomes public: the numbers of rows and columns, the loss of each
 * epoch, the number of right answers on the test rows, and the model only with --save.
 *
 *     cryptensor run hospitals --session s.json --identity a.key -- --csv own.csv --target outcome
 *
 * @module
 */

import type { CrypTensor, Party } from '../../index.ts';
import type { Report } from '../program.ts';
import { checkLabels, readTable, type Table } from '../table.ts';
import { agreeOnTerms, type Terms } from './agree.ts';
import { type HospitalsResult, type ModelResult, type SharedRows, trainModel } from './model.ts';
import { type Options, readOptions } from './options.ts';
import { saveModels } from './save.ts';
import { splitRows } from './recipe.ts';

export type { HospitalsResult, ModelResult } from './model.ts';

interface Prepared {
  readonly options: Options;
  readonly table: Table;
}

/** Reads this party's own file before anybody is called. */
export async function prepare(args: readonly string[]): Promise<Prepared> {
  const options = readOptions(args);
  const table = await readTable(options.csv, options);
  checkLabels(table);
  return { options, table };
}

/** Trains every model asked for, one after the other, over the same shared rows. */
export default async function hospitals(
  party: Party,
  _args: readonly string[],
  report: Report,
  { options, table }: Prepared,
): Promise<HospitalsResult> {
  const terms = await agreeOnTerms(party, table, options);
  const split = splitRows(table.rows, options.seed);
  // Each party standardises its own columns with its own training rows: nothing is exchanged.
  const own = table.columns.map((column) => standardise(column, split.train));
  const train = shareRows(party, own, table.target, terms, split.train);
  const test = shareRows(party, own, table.target, terms, split.test);
  const models: ModelResult[] = [];
  for (const recipe of options.recipes) {
    models.push(await trainModel(party, recipe, train, test, options, report));
  }
  if (options.save !== undefined && !report.tracing) await saveModels(options.save, terms, models);
  return {
    rows: terms.rows,
    trainRows: split.train.length,
    testRows: split.test.length,
    features: terms.features,
    models,
  };
}

/** Secret rows: all parties' features side by side, and the labels of the one that has them. */
function shareRows(
  party: Party,
  own: readonly Float64Array[],
  labels: Float64Array | undefined,
  terms: Terms,
  rows: readonly number[],
): SharedRows {
  const share = (columns: readonly Float64Array[], width: number, src: number): CrypTensor => {
    // Only `src` has values to give; the others know the shape.
    const values =
      src === party.rank ? rows.map((row) => columns.map((column) => column[row])) : null;
    return party.cryptensor(values, { src, shape: [rows.length, width] });
  };
  const parts = terms.features.map((width, src) => share(own, width, src));
  const x = party.cat(parts, 1);
  const y = share(labels === undefined ? [] : [labels], 1, terms.labelRank);
  return { x, y };
}

/** Zero mean and unit deviation over the training rows; a constant column becomes zeros. */
function standardise(column: Float64Array, trainRows: readonly number[]): Float64Array {
  const mean = trainRows.reduce((sum, row) => sum + column[row], 0) / trainRows.length;
  const variance =
    trainRows.reduce((sum, row) => sum + (column[row] - mean) ** 2, 0) / trainRows.length;
  const deviation = Math.sqrt(variance) || 1;
  return column.map((value) => (value - mean) / deviation);
}
