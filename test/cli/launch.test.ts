import assert from 'node:assert/strict';
import { cli, temporaryFolder } from './support.ts';

describe('cli: launch', function () {
  this.timeout(120_000);
  const place = temporaryFolder();
  after(() => place.remove());

  it('runs a TypeScript program as three parties and prints what each returns', async () => {
    const program = place.write(
      'sum.ts',
      `interface Arguments { readonly length: number }
       export default async function (party: any, args: Arguments & string[], report: any) {
         const parts = [0, 1, 2].map((src) => party.cryptensor([10 * party.rank, 1], { src }));
         const sum = parts.reduce((a: any, b: any) => a.add(b));
         report.print('arguments ' + args.join());
         return { rank: party.rank, sum: await sum.getPlainText() };
       }`,
    );
    const launch = ['launch', '-n', '3', program];
    const [text, json] = await Promise.all([
      cli(...launch, '--', '--x', 'y'),
      cli(...launch, '--json'),
    ]);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stderr, /under one user/);
    for (const rank of [0, 1, 2]) {
      assert.match(text.stdout, new RegExp(`^party ${rank} +│ arguments --x,y$`, 'm'));
      assert.match(text.stdout, new RegExp(`^party ${rank} +│ .*rank: ${rank}`, 'm'));
    }
    assert.equal(json.code, 0, json.stderr);
    const { parties, dealer } = JSON.parse(json.stdout) as {
      parties: { rank: number; sum: number[] }[];
      dealer: { requests: number };
    };
    assert.deepEqual(
      parties.map(({ rank, sum }) => [rank, sum]),
      [0, 1, 2].map((rank) => [rank, [30, 3]]),
    );
    assert.equal(dealer.requests, 0);
  });

  it('ends with the exit code of the party whose program failed', async () => {
    const program = place.write(
      'failing.mjs',
      `export default async function (party) {
         if (party.rank === 1) throw new RangeError('no luck');
         for (;;) await party.cryptensor([1], { src: 0 }).getPlainText();
       }`,
    );
    const { code, stderr } = await cli('launch', program);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^party 1 +│ error RangeError: no luck$/m);
    assert.match(stderr, /^party 0 +│ error ERR_MPC_ABORT: .*party 1 stopped/m);
    assert.doesNotMatch(stderr, /\n {4}at /);
  });

  it('refuses what is no program, and impossible numbers of parties', async () => {
    const empty = place.write('empty.mjs', 'export const x = 1;\n');
    const [none, one] = await Promise.all([cli('launch', empty), cli('launch', '-n', '1', empty)]);
    assert.equal(none.code, 2, none.stderr);
    assert.match(none.stderr, /export default async function \(party, args, report\)/);
    assert.equal(one.code, 2, one.stderr);
    assert.match(one.stderr, /--parties/);
  });
});
