/** `cryptensor preprocess` and `run --preprocessing`: processes, what they show, how they end. */
import assert from 'node:assert/strict';
import { Command } from 'commander';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalSession } from '../../src/cli/local-session.ts';
import { preprocessCommand } from '../../src/cli/preprocess.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { serveAsDealer } from '../../src/connect.node.ts';
import { Cli, cli, type Ended, placed, temporaryFolder, twoParties } from './support.ts';

const PROGRAM = `export default async function (party, args, report) {
  report.print('at work');
  const x = party.cryptensor([1.5, -2, Number(args[0] ?? 3)], { src: 0 });
  const y = party.cryptensor([2, 3, 4], { src: 1 });
  const out = await x.mul(y).relu().getPlainText();
  return { values: [...out.data].map(Math.round), stats: party.stats().preprocessing };
}
`;

/** A stream that keeps what is written. */
class Memory {
  readonly isTTY: boolean;
  readonly columns = 100;
  text = '';
  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }
  write(text: string): void {
    this.text += text;
  }
}

describe('cli: preprocess', function () {
  this.timeout(120_000);
  const place = temporaryFolder();
  let session: LocalSession;
  let program = '';
  before(() => {
    program = place.write('program.mjs', PROGRAM);
  });
  beforeEach(async () => {
    session = await twoParties();
  });
  afterEach(() => session.remove());
  after(() => place.remove());

  const file = (name: string): string => join(session.folder, name);
  const make = (who: number, ...args: string[]): Cli =>
    new Cli(['preprocess', program, ...placed(session, who), ...args]);
  const run = (who: number, prep: string, ...args: string[]): Cli =>
    new Cli([
      ...['run', program, '--json', ...placed(session, who), '--preprocessing', file(prep)],
      ...['--', ...args],
    ]);
  const endOf = (...processes: Cli[]): Promise<Ended[]> =>
    Promise.all(processes.map(({ ended }) => ended));

  it('makes a file at each party, and runs need no dealer until they are used up', async () => {
    const out = (name: string): string[] => ['--runs', '2', '--out', file(name)];
    const [alice, bob, dealer] = await endOf(
      make(0, ...out('a.prep')),
      make(1, ...out('b.prep'), '--json'),
      new Cli(['dealer', ...placed(session, 2), '--json']),
    );
    for (const { code, stderr } of [alice, bob, dealer]) assert.equal(code, 0, stderr);
    // The table, and nothing that the traced program prints.
    assert.match(alice.stdout, /^operation +steps +material of a run +of 2\n─+\n/);
    assert.match(alice.stdout, /^mul +1 +24 B +48 B$/m);
    assert.match(alice.stdout, /^relu +1 +498 B +996 B$/m);
    assert.match(alice.stdout, /^in all +2 +522 B +1\.0 kB$/m);
    assert.match(alice.stdout, /^file +.*a\.prep/m);
    const generation = /^generation +([0-9a-f]{12})/m.exec(alice.stdout)?.[1] ?? 'none';
    assert.doesNotMatch(alice.stdout, /at work/);
    assert.doesNotMatch(alice.stderr, /\u001b/);
    assert.match(alice.stderr, /run with --preprocessing/);
    const report = JSON.parse(bob.stdout) as Record<string, unknown>;
    assert.ok(String(report['generation']).startsWith(generation));
    assert.deepEqual([report['runs'], report['steps'], report['bytesPerRun']], [2, 2, 522]);
    assert.equal(report['fileBytes'], statSync(file('b.prep')).size);
    assert.deepEqual(
      (JSON.parse(dealer.stdout) as { requests: number; dealtBytes: number }).dealtBytes,
      2 * 522,
    );
    for (const third of [3, 5]) {
      const ends = await endOf(run(0, 'a.prep', String(third)), run(1, 'b.prep', String(third)));
      for (const { code, stdout, stderr } of ends) {
        assert.equal(code, 0, stderr);
        assert.deepEqual(JSON.parse(stdout.replace('at work\n', '')), {
          values: [3, 0, 4 * third],
          stats: { bytesSent: 0, bytesReceived: 0 },
        });
      }
    }
    for (const { code, stderr } of await endOf(run(0, 'a.prep'), run(1, 'b.prep'))) {
      assert.equal(code, 3, stderr);
      assert.match(
        stderr,
        /^error ERR_MPC_PREPROCESSING: .*all 2 runs .* used up; make more with/m,
      );
      assert.doesNotMatch(stderr, /\n {4}at /);
    }
  });

  it('wrong options and files end with their codes before anybody is called', async () => {
    const there = place.write('there.prep', 'something');
    const [none, zero, exists, missing, foreign] = await Promise.all([
      make(0).ended,
      make(0, '--runs', '0').ended,
      make(0, '--runs', '1', '--out', there).ended,
      run(0, 'nothing.prep').ended,
      new Cli(['run', program, ...placed(session, 0), '--preprocessing', there]).ended,
    ]);
    assert.equal(none.code, 2, none.stderr);
    assert.match(none.stderr, /--runs/);
    assert.equal(zero.code, 2, zero.stderr);
    assert.match(zero.stderr, /--runs takes a whole number from 1 to 1000000, got "0"/);
    assert.equal(exists.code, 4, exists.stderr);
    assert.match(exists.stderr, /^error ERR_MPC_FILE: .*there\.prep exists already/m);
    assert.equal(readFileSync(there, 'utf8'), 'something');
    assert.equal(missing.code, 4, missing.stderr);
    assert.match(missing.stderr, /^error ERR_MPC_FILE: .*nothing\.prep \(ENOENT\)/m);
    assert.equal(foreign.code, 4, foreign.stderr);
    assert.match(foreign.stderr, /^error ERR_MPC_FILE: .*there\.prep is /m);
    const help = await cli('preprocess', '--help');
    assert.match(help.stdout, /--runs <n>/);
  });

  it('Ctrl-C while material is made: 130, the others learn who stopped, and no file is left', async () => {
    const large = place.write(
      'large.mjs',
      `export default async (party) => {
         const x = party.cryptensor(new Float64Array(60000), { src: 0 });
         await x.relu().sum().getPlainText();
       }`,
    );
    const order = (who: number, name: string): Cli =>
      new Cli([
        ...['preprocess', large, ...placed(session, who), '--runs', '400'],
        ...['--out', file(name)],
      ]);
    const processes = [
      order(0, 'a.prep'),
      order(1, 'b.prep'),
      new Cli(['dealer', ...placed(session, 2)]),
    ];
    await processes[0].saw(/material for 400 runs: \d/);
    assert.ok(existsSync(file('b.prep.part')));
    processes[0].kill('SIGINT');
    const [alice, bob, dealer] = await endOf(...processes);
    assert.equal(alice.code, 130, alice.stderr);
    for (const { code, stderr } of [bob, dealer]) {
      assert.equal(code, 3, stderr);
      assert.match(stderr, /party 0 \(alice\) stopped: ERR_MPC_INTERRUPTED/);
    }
    for (const name of ['a.prep', 'a.prep.part', 'b.prep', 'b.prep.part']) {
      assert.ok(!existsSync(file(name)), name);
    }
  });

  it('the built-in program agrees on its terms while it is traced, and writes nothing', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => [Math.sin(i), Math.cos(5 * i)]);
    const csv = [
      place.write(
        'a.csv',
        `x,y\n${rows.map(([x, y]) => `${x},${x + y > 0 ? 1 : 0}`).join('\n')}\n`,
      ),
      place.write('b.csv', `z\n${rows.map(([, y]) => y).join('\n')}\n`),
    ];
    const terms = (who: number): string[] => [
      ...['--', '--csv', csv[who], '--epochs', '2', '--hidden', '3'],
      ...['--save', file(`${who}.json`), ...(who === 0 ? ['--target', 'y'] : [])],
    ];
    const made = await endOf(
      ...[0, 1].map(
        (who) =>
          new Cli([
            ...['preprocess', 'hospitals', ...placed(session, who), '--runs', '1'],
            ...['--out', file(`${who}.prep`), ...terms(who)],
          ]),
      ),
      new Cli(['dealer', ...placed(session, 2)]),
    );
    for (const { code, stderr } of made) assert.equal(code, 0, stderr);
    assert.ok(!existsSync(file('0.json')), 'a model of zeros was saved');
    const trained = await endOf(
      ...[0, 1].map(
        (who) =>
          new Cli([
            ...['run', 'hospitals', '--json', ...placed(session, who)],
            ...['--preprocessing', file(`${who}.prep`), ...terms(who)],
          ]),
      ),
    );
    for (const { code, stderr } of trained) assert.equal(code, 0, stderr);
    const [{ models }] = trained.map(
      ({ stdout }) => JSON.parse(stdout) as { models: { preprocessingBytes: number }[] },
    );
    assert.equal(models[0].preprocessingBytes, 0);
    assert.ok(existsSync(file('0.json')));
  });

  it('progress is a bar on a terminal, plain lines in a pipe', async () => {
    const large = place.write(
      'bar.mjs',
      `export default (party) => party.cryptensor(new Float64Array(30000), { src: 0 }).relu();`,
    );
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const listeners = signals.map((signal) => process.listeners(signal));
    const err = [new Memory(true), new Memory(false)];
    const dealing = serveAsDealer({
      session: session.sessionFile,
      identity: session.keyFiles[2],
      timeoutMs: 20_000,
    });
    try {
      await Promise.all(
        err.map((sink, who) => {
          const root = new Command('cryptensor');
          preprocessCommand(root, new Terminal(new Memory(false), sink));
          const args = ['preprocess', large, ...placed(session, who), '--runs', '8'];
          return root.parseAsync([...args, '--out', file(`${who}.prep`)], { from: 'user' });
        }),
      );
    } finally {
      signals.forEach((signal, i) => {
        process.removeAllListeners(signal);
        for (const listener of listeners[i]) process.on(signal, listener as () => void);
      });
    }
    await (
      await dealing
    ).done;
    const [terminal, pipe] = err.map(({ text }) => text);
    assert.match(
      terminal,
      /\r\u001b\[2K[━─]{16} {2}material for 8 runs: \d+\.\d\d %, \d\.\d s left/,
    );
    assert.doesNotMatch(terminal.replace(/done in[^]*$/, ''), /\n/);
    assert.doesNotMatch(pipe, /[\r\u001b]/);
    assert.match(pipe, /^done in /m);
    assert.ok(pipe.split('\n').length < 12, 'a line for every block');
  });
});
