/** What the parties of the runtime tests compute together: each has half of the columns, all get the result. */
import type { CrypTensor, Party } from '../../src/tensor/index.ts';

const ROWS = 64;
const COLUMNS = 16;
const STEPS = 5;

/** Values that both sides can compute, so that the result can be checked. */
export function columnsOf(rank: number): number[][] {
  return Array.from({ length: ROWS }, (_, i) =>
    Array.from({ length: COLUMNS }, (_, j) => Math.sin(1 + i * 7 + j * 13 + rank * 29)),
  );
}

/** Gradient descent on a least-squares problem over both parties' columns; the weights are revealed. */
export async function program(party: Party): Promise<number[]> {
  const input = (src: number): CrypTensor =>
    party.cryptensor(party.rank === src ? columnsOf(src) : null, { src, shape: [ROWS, COLUMNS] });
  const [left, right] = [input(0), input(1)];
  let w = party.full([COLUMNS], 0.1);
  for (let step = 0; step < STEPS; step++) {
    const error = left
      .matmul(w.reshape([COLUMNS, 1]))
      .sub(right.sum(1).reshape([ROWS, 1]))
      .relu();
    const gradient = left.t().matmul(error).reshape([COLUMNS]);
    w = w.sub(gradient.mul(0.01));
  }
  const plain = await w.getPlainText();
  return Array.from(plain?.data ?? []);
}

/** The same in float64. */
export function twin(): number[] {
  const [left, right] = [columnsOf(0), columnsOf(1)];
  let w = Array.from({ length: COLUMNS }, () => 0.1);
  for (let step = 0; step < STEPS; step++) {
    const error = left.map((row, i) => {
      const dot = row.reduce((sum, x, j) => sum + x * w[j], 0);
      return Math.max(dot - right[i].reduce((sum, x) => sum + x, 0), 0);
    });
    w = w.map((wj, j) => wj - 0.01 * left.reduce((sum, row, i) => sum + row[j] * error[i], 0));
  }
  return w;
}
