/**
 * The arguments of the program `hospitals`.
 * @module
 */

import { parseArgs } from 'node:util';
import { UsageError } from '../exit.ts';
import type { TableOptions } from '../table.ts';
import type { Recipe } from './recipe.ts';

/** What follows `--` on the command line. */
export interface Options extends TableOptions {
  readonly csv: string;
  /** One model per recipe, trained in this order. */
  readonly recipes: readonly Recipe[];
  readonly seed: number;
  /** File for the trained model; all parties must ask for it, since it is opened to all. */
  readonly save: string | undefined;
  /** In the demo alone: report raw words of our shares. */
  readonly demoOnlyShowShares: boolean;
}

/** Most models of one run. */
export const MAX_MODELS = 4;

/** The part of the usage errors that says what there is. */
const USAGE = `arguments of hospitals, after --:
  --csv FILE         own table, first line names the columns (required)
  --target COLUMN    labels 0 and 1; at exactly one party
  --features A,B,…   columns to use; default: all but target and id
  --id COLUMN        names the rows; not used
  --hidden N,…       width of the hidden layer, 0 for logistic regression; one model per entry (0)
  --epochs N,…       passes over the rows (20)
  --lr R,…           learning rate (0.5)
  --batch N          rows per step (32)
  --seed N           names the split and the initial weights (1)
  --save FILE        open the trained models to all parties and write them here`;

/**
 * Reads them.
 *
 * @throws {UsageError} that lists what there is.
 */
export function readOptions(args: readonly string[]): Options {
  const { csv, target, features, id, save, ...rest } = parse(args);
  if (csv === undefined) throw new UsageError(`--csv FILE is missing\n\n${USAGE}`);
  const batch = whole('--batch', rest.batch, 1, 1_000_000)[0];
  const seed = whole('--seed', rest.seed, 0, 1_000_000)[0];
  const hidden = whole('--hidden', rest.hidden, 0, 4096);
  const epochs = whole('--epochs', rest.epochs, 1, 10_000);
  const rates = numbers('--lr', rest.lr, (lr) => lr > 0 && lr <= 100);
  if (hidden.length > MAX_MODELS) {
    throw new UsageError(`--hidden names at most ${MAX_MODELS} models`);
  }
  const recipes = hidden.map((width, i): Recipe => ({
    // The last entry of a shorter list holds for the remaining models.
    epochs: epochs[Math.min(i, epochs.length - 1)],
    lr: rates[Math.min(i, rates.length - 1)],
    batch,
    hidden: width,
    seed,
  }));
  return {
    csv,
    target,
    id,
    features: features?.split(',').map((name) => name.trim()),
    recipes,
    seed,
    save,
    demoOnlyShowShares: rest['demo-only-show-shares'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        csv: { type: 'string' },
        target: { type: 'string' },
        features: { type: 'string' },
        id: { type: 'string' },
        hidden: { type: 'string', default: '0' },
        epochs: { type: 'string', default: '20' },
        lr: { type: 'string', default: '0.5' },
        batch: { type: 'string', default: '32' },
        seed: { type: 'string', default: '1' },
        save: { type: 'string' },
        'demo-only-show-shares': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown arguments';
    throw new UsageError(`${why}\n\n${USAGE}`);
  }
}

function whole(option: string, text: string, min: number, max: number): number[] {
  return numbers(option, text, (n) => Number.isInteger(n) && n >= min && n <= max);
}

function numbers(option: string, text: string, fits: (n: number) => boolean): number[] {
  return text.split(',').map((part) => {
    const value = Number(part);
    if (part.trim() === '' || !fits(value)) {
      throw new UsageError(`${option} does not take "${part}"\n\n${USAGE}`);
    }
    return value;
  });
}
