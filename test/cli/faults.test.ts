/** Everything that goes wrong between processes: exit codes, names, nothing hangs, no stacks. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalSession } from '../../src/cli/local-session.ts';
import { Cli, cli, type Ended, placed, temporaryFolder, twoParties } from './support.ts';

/** Multiplies and opens until somebody stops it. */
const ENDLESS = `export default async function (party, args, report) {
  const x = party.cryptensor([1, 2, 3], { src: 0 });
  for (let i = 0; ; i++) {
    await x.mul(x.add(i)).sum().getPlainText();
    if (i === 3) report.print('at work');
  }
}
`;

describe('cli: faults', function () {
  this.timeout(120_000);
  const place = temporaryFolder();
  let session: LocalSession;
  let endless = '';

  before(() => {
    endless = place.write('endless.mjs', ENDLESS);
  });
  beforeEach(async () => {
    session = await twoParties();
  });
  afterEach(() => session.remove());
  after(() => place.remove());

  const party = (who: number, program: string, ...args: string[]): Cli =>
    new Cli(['run', program, ...placed(session, who), '--', ...args]);
  const dealer = (): Cli => new Cli(['dealer', ...placed(session, 2)]);
  const all = (program: string): [Cli, Cli, Cli] => [
    party(0, program),
    party(1, program),
    dealer(),
  ];
  const endOf = (...processes: Cli[]): Promise<Ended[]> =>
    Promise.all(processes.map(({ ended }) => ended));

  const fails = (end: Ended, code: number, message: RegExp): void => {
    assert.equal(end.signal, null, `it had to be killed:\n${end.stderr}`);
    assert.match(end.stderr, message);
    assert.equal(end.code, code, end.stderr);
    assert.doesNotMatch(end.stderr, /\n {4}at /, 'a stack is shown');
  };

  it('own files are checked before anybody is called', async () => {
    const good = 'a,b,y\n1,2,0\n';
    const csv = place.write('own.csv', good);
    const ragged = place.write('ragged.csv', `${good}3,4\n`);
    const labels = place.write('labels.csv', `${good}3,4,5\n`);
    const hospitals = (...args: string[]): Promise<Ended> => party(0, 'hospitals', ...args).ended;
    const [missing, column, row, label, option, program] = await Promise.all([
      hospitals('--csv', join(place.folder, 'none.csv')),
      hospitals('--csv', csv, '--target', 'z'),
      hospitals('--csv', ragged, '--target', 'y'),
      hospitals('--csv', labels, '--target', 'y'),
      hospitals('--csv', csv, '--frobnicate'),
      party(0, join(place.folder, 'none.mjs')).ended,
    ]);
    fails(missing, 4, /^error ERR_MPC_FILE: .*none\.csv cannot be read \(ENOENT\)$/m);
    fails(column, 4, /^error ERR_MPC_CSV: own\.csv: no column "z"; there are a, b, y$/m);
    fails(row, 4, /^error ERR_MPC_CSV: ragged\.csv, line 3: 2 cells where the header has 3$/m);
    fails(label, 4, /^error ERR_MPC_CSV: labels\.csv: the label of row 2 is neither 0 nor 1$/m);
    fails(option, 2, /--frobnicate/);
    fails(program, 4, /^error ERR_MPC_FILE: no program .*none\.mjs/m);
  });

  it('a key that the session does not name, and a rank of somebody else', async () => {
    const stranger = join(place.folder, 'stranger.key');
    assert.equal((await cli('keygen', 'stranger', '--out', stranger)).code, 0);
    const at = ['--session', session.sessionFile];
    const [wrong, rank] = await Promise.all([
      cli('run', endless, ...at, '--identity', stranger, '--timeout', '2'),
      cli('run', endless, ...placed(session, 0, 2), '--rank', '1'),
    ]);
    fails(wrong, 3, /^error ERR_MPC_RANK: .*none of the session/m);
    fails(rank, 3, /^error ERR_MPC_RANK: .*rank 1 \(bob\) has another key/m);
  });

  it('two processes that claim one rank: the second one is told', async () => {
    const processes = all(endless);
    await Promise.all(processes.slice(0, 2).map((running) => running.saw(/at work/)));
    const [secondAlice, secondBob] = await Promise.all([
      party(0, endless).ended,
      party(1, endless).ended,
    ]);
    fails(
      secondAlice,
      3,
      /^error ERR_MPC_TRANSPORT: cannot listen on .* already running there\?$/m,
    );
    fails(secondBob, 3, /^error ERR_MPC_(TRANSPORT|RANK): /m);
    processes[0].kill('SIGINT');
    const [alice] = await endOf(...processes);
    assert.equal(alice.code, 130, 'the first alice was disturbed');
  });

  it('different precision on both sides: both are told which', async () => {
    const other = readFileSync(session.sessionFile, 'utf8').replace(
      '"precision": 16',
      '"precision": 20',
    );
    const file = place.write('other.json', other);
    const bob = new Cli([
      ...['run', endless, '--session', file, '--identity', session.keyFiles[1]],
      ...['--timeout', '40'],
    ]);
    const [a, b] = await endOf(party(0, endless), bob);
    fails(a, 4, /^error ERR_MPC_MANIFEST: .*precision: ours 16, theirs 20/m);
    fails(b, 4, /^error ERR_MPC_MANIFEST: .*precision: ours 20, theirs 16/m);
  });

  it('a party that never comes is named', async () => {
    const waiting = dealer();
    await waiting.saw(/listening/);
    const alone = new Cli(['run', endless, ...placed(session, 0, 2)]);
    const [alice, idle] = await endOf(alone, waiting);
    fails(alice, 3, /^error ERR_MPC_TIMEOUT: .*2000 ms with party 1 \(bob\)/m);
    fails(idle, 3, /^error ERR_MPC_CLOSED: party 0 \(alice\) left/m);
  });

  for (const [victim, name] of [
    [1, 'party 1 \\(bob\\)'],
    [2, 'the dealer'],
  ] as const) {
    it(`${name.replaceAll('\\', '')} is killed in the middle: the others name it`, async () => {
      const processes = all(endless);
      await Promise.all(processes.slice(0, 2).map((running) => running.saw(/at work/)));
      processes[victim].kill('SIGKILL');
      const ends = await endOf(...processes);
      assert.equal(ends[victim].signal, 'SIGKILL');
      const rest = ends.filter((_, who) => who !== victim);
      for (const end of rest) fails(end, 3, /^error ERR_MPC_(TRANSPORT|CLOSED|ABORT): /m);
      assert.ok(
        rest.some(({ stderr }) =>
          new RegExp(`connection to ${name} lost|${name} closed`).test(stderr),
        ),
        rest.map(({ stderr }) => stderr).join('\n'),
      );
    });
  }

  it('Ctrl-C ends with 130, and the others learn who stopped', async () => {
    const processes = all(endless);
    await Promise.all(processes.slice(0, 2).map((running) => running.saw(/at work/)));
    processes[0].kill('SIGINT');
    const [alice, bob, idle] = await endOf(...processes);
    fails(alice, 130, /^error ERR_MPC_INTERRUPTED: /m);
    const stopped = /^error ERR_MPC_ABORT: .*party 0 \(alice\) stopped: ERR_MPC_INTERRUPTED/m;
    fails(bob, 3, stopped);
    fails(idle, 3, stopped);
  });

  it('Ctrl-C while waiting for the others', async () => {
    const alice = new Cli(['run', endless, ...placed(session, 0, 20)]);
    await alice.saw(/listening/);
    alice.kill('SIGINT');
    fails(await alice.ended, 130, /^error ERR_MPC_INTERRUPTED: /m);
  });

  it('a program that throws: exit code 1, and the others stop without learning why', async () => {
    const throwing = place.write(
      'throwing.mjs',
      `export default async function (party) {
         const x = party.cryptensor([1, 2], { src: 0 });
         await x.sum().getPlainText();
         if (party.rank === 1) throw new TypeError('own secret 777');
         for (;;) await x.sum().getPlainText();
       }`,
    );
    const [alice, bob, idle] = await endOf(...all(throwing));
    fails(bob, 1, /^error TypeError: own secret 777$/m);
    for (const end of [alice, idle]) {
      fails(end, 3, /^error ERR_MPC_ABORT: .*party 1 \(bob\) stopped: .*TypeError$/m);
      assert.doesNotMatch(end.stderr, /777/);
    }
  });

  it('other numbers of rows, or other arguments: both are told', async () => {
    const a = place.write('a.csv', 'a,y\n1,0\n2,1\n3,1\n4,0\n5,1\n');
    const b = place.write('b.csv', 'b\n1\n2\n3\n4\n');
    const c = place.write('c.csv', 'b\n1\n2\n3\n4\n5\n');
    const [rowsA, rowsB] = await endOf(
      party(0, 'hospitals', '--csv', a, '--target', 'y'),
      party(1, 'hospitals', '--csv', b),
      dealer(),
    );
    for (const end of [rowsA, rowsB]) {
      fails(end, 4, /^error ERR_MPC_CSV: .*party 0 has 5, party 1 has 4/m);
    }
    session.remove();
    session = await twoParties();
    const [argsA, argsB] = await endOf(
      party(0, 'hospitals', '--csv', a, '--target', 'y', '--epochs', '3'),
      party(1, 'hospitals', '--csv', c),
      dealer(),
    );
    for (const end of [argsA, argsB]) {
      fails(end, 3, /^error ERR_MPC_DESYNC: .*--epochs \(model 1\): party 0 3, party 1 20/m);
    }
  });
});
