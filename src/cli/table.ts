/**
 * CSV files of one party: read as a stream, checked, never quoted.
 *
 * Errors name file, line and column; cells stay here (M8). Columns that are not asked for are not
 * looked at, so they may hold text.
 * @module
 */

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import Papa from 'papaparse';
import { MpcError } from '../core/errors.ts';

/** Which columns to read; all numeric ones unless said. */
export interface TableOptions {
  /** Column with the labels; read into `target`, not into the features. */
  readonly target?: string | undefined;
  /** Names of the feature columns, in this order. Default: every column but target and id. */
  readonly features?: readonly string[] | undefined;
  /** Column that only names the rows: left out, may hold text. */
  readonly id?: string | undefined;
}

/** A table of numbers by column. */
export interface Table {
  /** Name of the file, without its folder. */
  readonly file: string;
  readonly rows: number;
  readonly features: readonly string[];
  /** By feature, then by row. */
  readonly columns: readonly Float64Array[];
  readonly target: Float64Array | undefined;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MAX_NAMES_SHOWN = 40;
const DELIMITERS = [',', ';', '\t', '|'];
const HEADER_BYTES = 65536;

/**
 * Reads a CSV file with a header line.
 *
 * @throws {MpcError} ERR_MPC_FILE if it cannot be read; ERR_MPC_CSV for a missing, duplicate or
 * unknown column, a ragged line, an empty cell or one that is not a number.
 */
export async function readTable(path: string, options: TableOptions = {}): Promise<Table> {
  const reader = new TableReader(basename(path), options);
  try {
    await parseLines(path, await delimiterOf(path), (cells, errors) => reader.line(cells, errors));
  } catch (cause) {
    if (cause instanceof MpcError) throw cause;
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new MpcError('ERR_MPC_FILE', `${path} cannot be read${why}`, { cause });
  }
  return reader.finish();
}

/**
 * Checks that the labels are 0 and 1.
 *
 * @throws {MpcError} ERR_MPC_CSV naming the row, not the value.
 */
export function checkLabels({ file, target }: Table): void {
  const row = target?.findIndex((label) => label !== 0 && label !== 1) ?? -1;
  if (row < 0) return;
  throw new MpcError('ERR_MPC_CSV', `${file}: the label of row ${row + 1} is neither 0 nor 1`);
}

/** Streams a file through papaparse, line by line, until one is refused. */
async function parseLines(
  path: string,
  delimiter: string,
  take: (cells: readonly string[], errors: readonly Papa.ParseError[]) => void,
): Promise<void> {
  const input = createReadStream(path, { encoding: 'utf8' });
  try {
    await new Promise<void>((resolve, reject) => {
      Papa.parse<string[]>(input, {
        delimiter,
        step({ data: cells, errors }, parser) {
          try {
            take(cells, errors);
          } catch (error) {
            // Aborting calls `complete`, so the error goes first.
            reject(asError(error));
            parser.abort();
          }
        },
        complete: () => resolve(),
        error: (error) => reject(error),
      });
    });
  } finally {
    input.destroy();
  }
}

/** The delimiter that the header uses most. papaparse's own guess goes wrong on small files. */
async function delimiterOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const [header] = buffer.toString('utf8', 0, bytesRead).split(/[\r\n]/, 1);
    const uses = (delimiter: string): number => header.split(delimiter).length;
    return DELIMITERS.reduce((best, next) => (uses(next) > uses(best) ? next : best));
  } finally {
    await file.close();
  }
}

/** Takes the lines of a file one by one. */
class TableReader {
  readonly #file: string;
  readonly #options: TableOptions;
  #header: readonly string[] | undefined;
  /** Positions of the columns to read: features, then the target. */
  #wanted: readonly number[] = [];
  #values: number[][] = [];
  #rows = 0;
  #line = 1;
  #blankLine: number | undefined;

  constructor(file: string, options: TableOptions) {
    this.#file = file;
    this.#options = options;
  }

  line(cells: readonly string[], errors: readonly Papa.ParseError[]): void {
    const line = this.#line;
    // Quoted cells may span lines.
    this.#line += cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 1);
    if (errors.some(({ type }) => type === 'Quotes')) throw this.#wrong(line, 'broken quotes');
    if (cells.length === 1 && cells[0].trim() === '') {
      this.#blankLine ??= line;
      return;
    }
    if (this.#blankLine !== undefined) throw this.#wrong(this.#blankLine, 'the line is empty');
    if (this.#header === undefined) this.#takeHeader(cells);
    else this.#takeRow(line, cells, this.#header);
  }

  finish(): Table {
    const header = this.#header;
    if (header === undefined) throw new MpcError('ERR_MPC_CSV', `${this.#file} is empty`);
    if (this.#rows === 0) throw new MpcError('ERR_MPC_CSV', `${this.#file} has no rows`);
    const columns = this.#values.map((column) => Float64Array.from(column));
    const target = this.#options.target === undefined ? undefined : columns.pop();
    const features = this.#wanted.slice(0, columns.length).map((at) => header[at]);
    return { file: this.#file, rows: this.#rows, features, columns, target };
  }

  #takeHeader(cells: readonly string[]): void {
    const header = cells.map((cell, i) => (i === 0 ? cell.replace(/^\ufeff/, '') : cell).trim());
    // Without this check a file without header would have its first row shown as column names.
    if (header.some((name) => NUMBER.test(name))) {
      throw this.#wrong(1, 'numbers where the names of the columns should be');
    }
    header.forEach((name, i) => {
      if (name === '') throw this.#wrong(1, `column ${i + 1} has no name`);
      // An unclosed quote, or mixed line ends, make rows part of a name, and names are shown.
      const end = i === cells.length - 1 ? /[ \t\r]+$/ : /[ \t]+$/;
      if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(cells[i].replace(/^[ \t]+/, '').replace(end, ''))) {
        throw this.#wrong(
          1,
          `the name of column ${i + 1} holds a line break: is a quote not closed?`,
        );
      }
      const first = header.indexOf(name);
      if (first < i) {
        throw this.#wrong(1, `columns ${first + 1} and ${i + 1} are both named "${name}"`);
      }
    });
    this.#header = header;
    this.#wanted = this.#choose(header);
    this.#values = this.#wanted.map(() => []);
  }

  #choose(header: readonly string[]): number[] {
    const { target, features, id } = this.#options;
    const position = (name: string): number => {
      const at = header.indexOf(name);
      if (at >= 0) return at;
      const names = header.slice(0, MAX_NAMES_SHOWN).join(', ');
      const more = header.length > MAX_NAMES_SHOWN ? ', …' : '';
      const why = `no column "${name}"; there are ${names}${more}`;
      throw new MpcError('ERR_MPC_CSV', `${this.#file}: ${why}`);
    };
    const apart = [target, id].flatMap((name) => (name === undefined ? [] : [position(name)]));
    const chosen =
      features?.map(position) ?? [...header.keys()].filter((at) => !apart.includes(at));
    const twin = chosen.find((at, i) => apart.includes(at) || chosen.indexOf(at) < i);
    if (twin !== undefined) {
      const why = `column "${header[twin]}" is asked for twice`;
      throw new MpcError('ERR_MPC_CSV', `${this.#file}: ${why}`);
    }
    if (chosen.length === 0) {
      throw new MpcError('ERR_MPC_CSV', `${this.#file} has no feature columns`);
    }
    return target === undefined ? chosen : [...chosen, position(target)];
  }

  #takeRow(line: number, cells: readonly string[], header: readonly string[]): void {
    if (cells.length !== header.length) {
      const why = `${cells.length} cells where the header has ${header.length}`;
      throw this.#wrong(line, why);
    }
    this.#wanted.forEach((at, i) => {
      const cell = cells[at].trim();
      const value = Number(cell);
      if (cell === '') throw this.#wrong(line, `column "${header[at]}" is empty`);
      if (!NUMBER.test(cell) || !Number.isFinite(value)) {
        throw this.#wrong(line, `column "${header[at]}" is not a number`);
      }
      this.#values[i].push(value);
    });
    this.#rows++;
  }

  #wrong(line: number, why: string): MpcError {
    return new MpcError('ERR_MPC_CSV', `${this.#file}, line ${line}: ${why}`);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('reading failed');
}
