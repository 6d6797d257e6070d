/**
 * Everything that is shown: colours, tables, the progress line.
 *
 * Results go to stdout, progress and errors to stderr. Colours only on a terminal, never with
 * NO_COLOR. The single place in `src/` that writes to the standard streams.
 * @module
 */

import { stripVTControlCharacters, styleText } from 'node:util';

/** The few styles in use: calm on light and dark terminals. */
export type Style = 'bold' | 'dim' | 'cyan' | 'green' | 'yellow' | 'red' | 'blue' | 'magenta';

/** Styles a text, or leaves it alone where colours are off. */
export type Paint = (style: Style | Style[], text: string) => string;

/** A stream that text goes to. */
export interface Sink {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Milliseconds between progress lines where they cannot overwrite each other. */
const PLAIN_INTERVAL_MS = 2000;
const TICK_MS = 100;
const DEFAULT_COLUMNS = 80;
const BAR_WIDTH = 16;

/** Whether `stream` should get colours. */
export function wantsColour(stream: Sink, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** A painter for `stream`. */
export function painter(stream: Sink): Paint {
  if (!wantsColour(stream)) return (_, text) => text;
  return (style, text) => styleText(style, text);
}

/** What commands write with. */
export class Terminal {
  /** For results. */
  readonly paint: Paint;
  /** For progress and errors. */
  readonly paintError: Paint;
  /** Whether progress can overwrite itself. */
  readonly live: boolean;
  readonly #out: Sink;
  readonly #err: Sink;
  #shown = false;
  #lastMs = -Infinity;

  constructor(out: Sink = process.stdout, err: Sink = process.stderr) {
    this.#out = out;
    this.#err = err;
    this.paint = painter(out);
    this.paintError = painter(err);
    this.live = err.isTTY === true && process.env.TERM !== 'dumb';
  }

  /** A line of results. */
  print(text = ''): void {
    this.clearProgress();
    this.#out.write(`${text}\n`);
  }

  /** A line beside the results: notes, warnings, errors. */
  note(text: string): void {
    this.clearProgress();
    this.#err.write(`${text}\n`);
  }

  /**
   * Progress: replaces the previous one on a terminal, with a bar for the `part` that is done; in a
   * pipe a plain line every two seconds.
   */
  progress(text: string, part?: number): void {
    const now = performance.now();
    if (now - this.#lastMs < (this.live ? TICK_MS : PLAIN_INTERVAL_MS)) return;
    this.#lastMs = now;
    if (!this.live) {
      this.#err.write(`${stripVTControlCharacters(text)}\n`);
      return;
    }
    const width = (this.#err.columns ?? DEFAULT_COLUMNS) - 1;
    const margin = text.slice(0, text.length - text.trimStart().length);
    const before = part === undefined ? '' : `${margin}${bar(part, BAR_WIDTH, this.paintError)}  `;
    const rest = clip(before === '' ? text : text.trimStart(), width - visibleWidth(before));
    this.#shown = true;
    this.#err.write(`\r\x1b[2K${before}${rest}`);
  }

  /** Progress that stays: something is done. */
  milestone(text: string): void {
    this.clearProgress();
    this.#lastMs = -Infinity;
    const margin = text.slice(0, text.length - text.trimStart().length);
    const tick = this.live ? `${this.paintError('green', '✔')} ` : '';
    this.#err.write(`${margin}${tick}${text.trimStart()}\n`);
  }

  /** Removes the progress line so that something else can be written. */
  clearProgress(): void {
    if (!this.#shown) return;
    this.#shown = false;
    this.#err.write('\r\x1b[2K');
  }
}

/** How a column of a table is aligned. */
export type Align = 'left' | 'right';

/**
 * Rows with aligned columns, two spaces apart, under a rule.
 *
 * @param align by column; the last one given holds for the rest.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
  align: readonly Align[] = ['left', 'right'],
): string {
  const widths = head.map((title, i) =>
    Math.max(visibleWidth(title), ...rows.map((row) => visibleWidth(row[i] ?? ''))),
  );
  const format = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => pad(cell, widths[i], align[Math.min(i, align.length - 1)]))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [paint('dim', format(head)), paint('dim', rule), ...rows.map(format)].join('\n');
}

/** Blocks of lines next to each other. */
export function sideBySide(blocks: readonly string[], gap = 4): string {
  const columns = blocks.map((block) => block.split('\n'));
  const widths = columns.map((lines) => Math.max(...lines.map(visibleWidth)));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    columns
      .map((lines, i) => pad(lines[row] ?? '', widths[i], 'left'))
      .join(' '.repeat(gap))
      .trimEnd(),
  ).join('\n');
}

/** A bar of `width` characters, `part` of it filled. */
export function bar(part: number, width: number, paint: Paint): string {
  const filled = Math.round(Math.min(Math.max(part, 0), 1) * width);
  return paint('cyan', '━'.repeat(filled)) + paint('dim', '─'.repeat(width - filled));
}

/** Every line shifted right. */
export function indent(text: string, spaces = 2): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}

/** Width on the screen, without escape sequences. */
export function visibleWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** Fills up with spaces. */
export function pad(text: string, width: number, align: Align = 'left'): string {
  const space = ' '.repeat(Math.max(width - visibleWidth(text), 0));
  return align === 'left' ? text + space : space + text;
}

/** `1,234,567`. */
export function count(n: number): string {
  return n.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `1.5 kB`, `12.3 MB`. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(n) / 3), units.length);
  return `${(n / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}

/** `0.4 s`, `12 s`, `3 min 20 s`. */
export function seconds(n: number): string {
  if (n < 10) return `${n.toFixed(1)} s`;
  if (n < 90) return `${n.toFixed(0)} s`;
  return `${Math.floor(n / 60)} min ${String(Math.round(n % 60)).padStart(2, '0')} s`;
}

/** `98.25 %`. */
export function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`;
}

/** Cut to `width` visible characters; colours are dropped where something had to go. */
function clip(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  return [...stripVTControlCharacters(text)].slice(0, Math.max(width, 1)).join('');
}
