/** What the examples print with: progress, tables, curves and pictures of characters. */

const BARS = [...'▁▂▃▄▅▆▇█'];
const GREYS = [...' ░▒▓█'];

/** A line that the next one replaces; on a terminal only, so that files hold results alone. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** A line that stays. */
export function say(text = ''): void {
  progress('');
  console.log(text);
}

/** Numbers as a small curve. */
export function curve(values: readonly number[]): string {
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  return values
    .map((value) => BARS[Math.round(((value - low) / span) * (BARS.length - 1))])
    .join('');
}

/** A part of one as a bar. */
export function bar(part: number, width = 20): string {
  const full = Math.round(Math.min(Math.max(part, 0), 1) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** Grey values from 0 to 1, row by row, as lines of characters. */
export function picture(pixels: readonly number[], width: number): string[] {
  const cells = pixels.map((grey) => GREYS[Math.round(grey * (GREYS.length - 1))].repeat(2));
  return Array.from({ length: pixels.length / width }, (_, row) =>
    cells.slice(row * width, (row + 1) * width).join(''),
  );
}

/** Rows of cells in columns; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const [heading, ...others] = rows;
  return [line(heading), rule, ...others.map(line)].join('\n');
}

/** 0.974 as `97.4 %`. */
export function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}

/** Bytes as megabytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
