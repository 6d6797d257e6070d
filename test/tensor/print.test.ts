/** Printing at chosen parties, and in turn. */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import type { Party } from '../../src/tensor/index.ts';

/** What is written to the console meanwhile, and where to. */
async function written(body: () => Promise<unknown>): Promise<[string, string][]> {
  const lines: [string, string][] = [];
  const before = { log: console.log, info: console.info };
  const keep =
    (where: string) =>
    (...parts: unknown[]): void =>
      void lines.push([where, parts.map(String).join(' ')]);
  Object.assign(console, { log: keep('log'), info: keep('info') });
  try {
    await body();
  } finally {
    Object.assign(console, before);
  }
  return lines;
}

const say = (party: Party): string => `party ${party.rank}`;

describe('tensor: print and log', () => {
  it('write at party 0, or at those of dst', async () => {
    const lines = await written(() =>
      simulate(3, async (party) => {
        await party.print(say(party));
        await party.print(say(party), { dst: 2 });
        await party.print(say(party), { dst: [0, 1] });
        await party.print(say(party), { dst: [] });
      }),
    );
    const texts = lines.map(([, text]) => text).sort();
    assert.deepEqual(texts, ['party 0', 'party 0', 'party 1', 'party 2']);
    assert.ok(lines.every(([where]) => where === 'log'));
  });

  it('log() says whose line it is', async () => {
    const lines = await written(() =>
      simulate(2, async (party) => party.log(say(party), { dst: [1] })),
    );
    assert.equal(lines.length, 1);
    assert.equal(lines[0][0], 'info');
    assert.match(lines[0][1], /.+: party 1$/);
  });

  it('in order, every party writes, rank after rank, whenever it comes to it', async () => {
    const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    for (const n of [1, 2, 4]) {
      const lines = await written(() =>
        simulate(n, async (party) => {
          for (const line of ['a', 'b']) {
            await wait(5 * (n - party.rank)); // the first ones are late
            await party.print(`${line}${party.rank}`, { inOrder: true });
          }
        }),
      );
      const ranks = [...Array(n).keys()];
      assert.deepEqual(
        lines.map(([, text]) => text),
        ['a', 'b'].flatMap((line) => ranks.map((rank) => `${line}${rank}`)),
      );
    }
  });

  it('show a secret as its shape', async () => {
    const lines = await written(() =>
      simulate(1, async (party) => party.print(party.cryptensor([1, 2]))),
    );
    assert.match(lines[0][1], /^CrypTensor\(\[2\].*HIDDEN/);
  });

  it('refuse at the call a dst that is no party', () =>
    simulate(2, async (party) => {
      for (const dst of [2, -1, [0, 3]]) {
        assert.throws(() => void party.print('x', { dst }), {
          code: 'ERR_MPC_RANK',
          message: /print: dst/,
        });
      }
    }));
});
