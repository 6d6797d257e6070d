/** Numbers from the command line, for the examples that follow: `--epochs 5` instead of what is usual. */
import { parseArgs } from 'node:util';

/** The defaults, with those replaced that the command line names. */
export function settings<T extends Record<string, number>>(defaults: T): T {
  const options = Object.fromEntries(
    Object.keys(defaults).map((name) => [name, { type: 'string' as const }]),
  );
  const given = Object.entries(parseArgs({ options }).values);
  for (const [name, text] of given) {
    const number = Number(text);
    if (!(number > 0)) throw new Error(`--${name} needs a number above 0`);
    Object.assign(defaults, { [name]: number });
  }
  return defaults;
}
