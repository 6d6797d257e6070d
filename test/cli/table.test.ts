import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTable, type TableOptions } from '../../src/cli/table.ts';
import { MpcError } from '../../src/core/errors.ts';

describe('cli: readTable()', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cryptensor-table-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const write = (text: string): string => {
    const path = join(folder, 'own.csv');
    writeFileSync(path, text);
    return path;
  };

  const refuses = async (
    text: string,
    code: string,
    message: RegExp,
    options: TableOptions = {},
  ): Promise<void> => {
    await assert.rejects(readTable(write(text), options), (error: unknown) => {
      assert.ok(error instanceof MpcError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /777/, 'a value is shown');
      return true;
    });
  };

  it('reads columns, target apart', async () => {
    const table = await readTable(write('a,b,y\n1,2.5,0\n-3e2,.5,1\n'), { target: 'y' });
    assert.deepEqual(table.features, ['a', 'b']);
    assert.equal(table.rows, 2);
    assert.deepEqual(
      table.columns.map((column) => [...column]),
      [
        [1, -300],
        [2.5, 0.5],
      ],
    );
    assert.deepEqual([...(table.target ?? [])], [0, 1]);
  });

  it('reads chosen columns in the order asked for, and lets others hold text', async () => {
    const text = 'id,a,note,b\np1,1,"x, y",2\np2,3,"line\nbreak",4\n';
    const table = await readTable(write(text), { features: ['b', 'a'], id: 'id' });
    assert.deepEqual(table.features, ['b', 'a']);
    assert.deepEqual([...table.columns[0]], [2, 4]);
  });

  it('leaves the id column out', async () => {
    const table = await readTable(write('id,a\nx,1\ny,2\n'), { id: 'id' });
    assert.deepEqual(table.features, ['a']);
  });

  it('takes CRLF, semicolons, a byte order mark and blank lines at the end', async () => {
    const table = await readTable(write('\ufeffa;b\r\n1;2\r\n3;4\r\n\r\n'));
    assert.deepEqual(table.features, ['a', 'b']);
    assert.equal(table.rows, 2);
  });

  it('shows no cell as a name of a column, however lines end', async () => {
    for (const text of [
      '"a\r",\nx77712345,b\r1,2,3\r',
      '"a\r",x77712345\r1,2\r',
      'a,"\n777b"\n1,2\n',
    ]) {
      await refuses(text, 'ERR_MPC_CSV', /line 1: the name of column [12] holds a line break/, {
        target: 'y',
      });
    }
    const spaced = await readTable(write(' a ,\tb\t,c \r\n1,2,3\r\n'));
    assert.deepEqual(spaced.features, ['a', 'b', 'c']);
  });

  it('reads files larger than a chunk', async () => {
    const rows = 40_000;
    const lines = Array.from({ length: rows }, (_, i) => `${i},${i % 7},${-i / 8}`);
    const table = await readTable(write(`a,b,c\n${lines.join('\n')}\n`));
    assert.equal(table.rows, rows);
    assert.equal(table.columns[2][rows - 1], -(rows - 1) / 8);
  });

  it('names file and line of what is wrong, never a value', async () => {
    await refuses('a,b\n1,2\n777\n', 'ERR_MPC_CSV', /own\.csv, line 3: 1 cells where .* 2$/);
    await refuses('a,b\n1,2,777\n', 'ERR_MPC_CSV', /line 2: 3 cells/);
    await refuses('a,b\n1,777x\n', 'ERR_MPC_CSV', /line 2: column "b" is not a number/);
    await refuses('a,b\n1,2\n3,\n', 'ERR_MPC_CSV', /line 3: column "b" is empty/);
    await refuses('a,b\n1,2\n\n3,777\n', 'ERR_MPC_CSV', /line 3: the line is empty/);
    await refuses('a,b\n1,NaN\n', 'ERR_MPC_CSV', /line 2: column "b" is not a number/);
    await refuses('a,b\n1,1e999\n', 'ERR_MPC_CSV', /line 2: column "b" is not a number/);
    await refuses('a,b\n1,0x777\n', 'ERR_MPC_CSV', /line 2/);
    await refuses('a,n,b\n1,"x\ny",2\n1,z,q777\n', 'ERR_MPC_CSV', /line 4: column "b"/, {
      features: ['a', 'b'],
    });
    await refuses('a,b\n1,"2\n', 'ERR_MPC_CSV', /broken quotes/);
  });

  it('wants a header that names every column once', async () => {
    await refuses('a,b,a\n1,2,3\n', 'ERR_MPC_CSV', /line 1: columns 1 and 3 are both named "a"/);
    await refuses('a,,c\n1,2,3\n', 'ERR_MPC_CSV', /line 1: column 2 has no name/);
    await refuses('777,2\n1,2\n', 'ERR_MPC_CSV', /line 1: numbers where the names/);
    await refuses('', 'ERR_MPC_CSV', /own\.csv is empty/);
    await refuses('a,b\n', 'ERR_MPC_CSV', /own\.csv has no rows/);
  });

  it('lists the columns when one is unknown', async () => {
    const known = /own\.csv: no column "z"; there are a, b$/;
    await refuses('a,b\n1,2\n', 'ERR_MPC_CSV', known, { target: 'z' });
    await refuses('a,b\n1,2\n', 'ERR_MPC_CSV', known, { features: ['a', 'z'] });
    await refuses('a,b\n1,2\n', 'ERR_MPC_CSV', known, { id: 'z' });
  });

  it('refuses a column that is asked for twice, and a table without features', async () => {
    const twice = /column "a" is asked for twice/;
    await refuses('a,b\n1,2\n', 'ERR_MPC_CSV', twice, { features: ['a', 'b', 'a'] });
    await refuses('a,b\n1,2\n', 'ERR_MPC_CSV', twice, { features: ['a'], target: 'a' });
    await refuses('a\n1\n', 'ERR_MPC_CSV', /no feature columns/, { target: 'a' });
  });

  it('says when there is no such file', async () => {
    const missing = { code: 'ERR_MPC_FILE', message: /missing\.csv cannot be read \(ENOENT\)/ };
    await assert.rejects(readTable(join(folder, 'missing.csv')), missing);
    await assert.rejects(readTable(folder), { code: 'ERR_MPC_FILE' });
  });
});
