/** CSV files: a table of finite numbers or a named error that quotes no cell. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTable } from '../../src/cli/table.ts';
import { utf8 } from '../../src/core/bytes.ts';
import { MpcError } from '../../src/core/errors.ts';
import type { SeededGenerator } from '../../src/net/shuffle.ts';
import { hunt } from './_hunt.ts';
import { mutated, noise, pick } from './_mutate.ts';

const GOOD = [
  'a,b,y\n1,2.5,0\n-3e2,.5,1\n',
  'a;b;y\r\n77712345;2;0\r\n3;4;1\r\n',
  '\ufeff"a ""q""","b\nc",y\n"77712345",2,0\n',
  'a\tb\ty\n1\t2\t0\n\n',
].map(utf8);
const CHARS = [
  '"',
  ',',
  ';',
  '\n',
  '\r',
  '\t',
  '|',
  '\0',
  '"'.repeat(9),
  ',,',
  'NaN',
  '1e999',
  'y',
];

function text(random: SeededGenerator): Uint8Array {
  if (random(8) === 0) return noise(random, 200);
  const good = pick(random, GOOD);
  if (random(2) === 0) return mutated(random, good, pick(random, GOOD));
  const at = random(good.length + 1);
  const before = Buffer.from(good.subarray(0, at));
  return Buffer.concat([before, Buffer.from(pick(random, CHARS)), good.subarray(at)]);
}

/** No cell is quoted; names of columns are, and a name may run over lines: in quotes, or where line ends are mixed. */
function checkQuotes(message: string, bytes: Uint8Array): void {
  const [header] = Buffer.from(bytes)
    .toString()
    .split(/[\r\n]/, 1);
  if (header.includes('77712345') || /[\r\n]/.test(message)) return;
  assert.doesNotMatch(message, /77712345/);
}

describe('fuzz: table', () => {
  const PARALLEL = 8;
  let folder = '';
  let free: string[] = [];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cryptensor-fuzz-'));
    free = Array.from({ length: PARALLEL }, (_, i) => join(folder, `own${i}.csv`));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  hunt({
    name: 'readTable',
    codes: ['ERR_MPC_CSV'],
    // The header is looked for in 64 KiB.
    mostBytes: 131_072,
    parallel: PARALLEL,
    async feed(random) {
      const path = free.pop() ?? '';
      const options = random(2) === 0 ? { target: 'y' } : {};
      const bytes = text(random);
      try {
        await writeFile(path, bytes);
        const { rows, columns, target } = await readTable(path, options);
        for (const column of [...columns, ...(target === undefined ? [] : [target])]) {
          assert.equal(column.length, rows);
          assert.ok(column.every(Number.isFinite));
        }
        return true;
      } catch (error) {
        if (error instanceof MpcError) checkQuotes(error.message, bytes);
        throw error;
      } finally {
        free.push(path);
      }
    },
  });
});
