/**
 * Starts two CrypTen parties as processes of `crypten-run.py`, over gloo on loopback with one thread each.
 *
 * The library is not part of this project: whoever compares has a checkout of it.
 * @module
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { slowest, type Figures, type Runner } from './figures.ts';
import { WORKLOADS } from './models.ts';
import { allInputs, familyOf } from './workloads.ts';

/** What the processes say about themselves. */
export interface CryptenVersions {
  readonly torch: string;
  readonly crypten: string;
}

/** A running CrypTen. */
export interface CryptenRunner extends Runner<Figures> {
  readonly versions: CryptenVersions;
}

/** Whether a folder holds the library. */
export function holdsCrypten(folder: string): boolean {
  return existsSync(join(folder, 'crypten', '__init__.py'));
}

/** Starts the library from a folder, with a Python interpreter that has PyTorch. */
export async function startCrypten(folder: string, python: string): Promise<CryptenRunner> {
  const scratch = mkdtempSync(join(tmpdir(), 'cryptensor-bench-'));
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const parties = [0, 1].map((rank) => startParty(folder, python, scratch, rank));
  const [versions] = await everybody<CryptenVersions>(parties);
  const files = new Map<string, readonly InputFile[]>();
  return {
    versions,
    run: async ({ workload, reps, output }) => {
      const inputs = files.get(workload) ?? written(workload, scratch);
      files.set(workload, inputs);
      const file = output ? join(scratch, 'output') : null;
      const order = { operation: familyOf(workload), reps, inputs, output: file };
      for (const { child } of parties) child.stdin?.write(`${JSON.stringify(order)}\n`);
      const replies = await everybody<Pick<Figures, 'times' | 'rounds' | 'bytesSent'>>(parties);
      const result = file === null ? null : doublesOf(file);
      return slowest(
        replies.map((one) => ({ ...one, preprocessBytes: 0, oneOffBytes: 0, output: result })),
      );
    },
    close: async () => {
      const ends = parties.map(({ child }) => once(child, 'exit'));
      for (const { child } of parties) child.stdin?.end();
      await Promise.all(ends);
    },
  };
}

interface Party {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
}

function startParty(folder: string, python: string, scratch: string, rank: number): Party {
  const script = fileURLToPath(new URL('./crypten-run.py', import.meta.url));
  const child = spawn(python, [script, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      OMP_NUM_THREADS: '1',
      GLOO_SOCKET_IFNAME: 'lo',
      DISTRIBUTED_BACKEND: 'gloo',
      RENDEZVOUS: `file://${join(scratch, 'rendezvous')}`,
      WORLD_SIZE: '2',
      RANK: String(rank),
    },
  });
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** One answer of each party. */
async function everybody<T>(parties: readonly Party[]): Promise<T[]> {
  const answers = await Promise.all(parties.map(({ lines }) => lines.next()));
  return answers.map(({ done, value }) => {
    if (done === true) throw new Error('a CrypTen process ended; its error is above');
    return JSON.parse(value) as T;
  });
}

interface InputFile {
  readonly shape: readonly number[];
  readonly src: number;
  readonly file: string;
}

/** Writes a workload's inputs as single-precision numbers. */
function written(name: string, folder: string): InputFile[] {
  const workload = WORKLOADS.find((candidate) => candidate.name === name);
  const inputs = workload === undefined ? [] : allInputs(workload);
  return inputs.map(({ shape, src, values }, i) => {
    const file = join(folder, `${name.replaceAll(':', '-')}-${i}`);
    writeFileSync(file, Float32Array.from(values));
    return { shape, src, file };
  });
}

function doublesOf(file: string): Float64Array {
  const bytes = readFileSync(file);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
