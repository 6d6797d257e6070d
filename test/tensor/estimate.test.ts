import assert from 'node:assert/strict';
import { estimate } from '../../src/estimate.ts';
import * as nn from '../../src/nn/index.ts';
import * as optim from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import type { Party, PartyEstimate } from '../../src/tensor/index.ts';

type Program = (party: Party) => Promise<unknown> | unknown;

const values = (...shape: number[]): { shape: number[]; data: Float64Array } => {
  const n = shape.reduce((size, dim) => size * dim, 1);
  return { shape, data: Float64Array.from({ length: n }, (_, i) => Math.sin(7 * i + 1)) };
};

const PROGRAMS: ReadonlyMap<string, Program> = new Map<string, Program>([
  ['sharing alone', (party) => void party.cryptensor(values(5), { src: 1 })],
  [
    'a product, revealed to one',
    (party) =>
      party
        .cryptensor(values(3, 4))
        .mul(party.cryptensor(values(4)))
        .getPlainText({ dst: 1 }),
  ],
  [
    'fixed operands, used twice',
    async (party) => {
      const w = party.cryptensor(values(6, 5), { src: 1 });
      for (const src of [0, 1]) {
        await party.cryptensor(values(2, 6), { src }).matmul(w).getPlainText();
      }
    },
  ],
  [
    'comparisons',
    async (party) => {
      const x = party.cryptensor(values(33));
      await x.gt(0.5).mul(x.abs()).sum().getPlainText();
    },
  ],
  [
    'sigmoid of a product',
    (party) => party.cryptensor(values(70)).square().sigmoid().getPlainText(),
  ],
  ['nothing at all', () => undefined],
  ['an empty tensor', (party) => party.cryptensor(values(0, 3)).relu().getPlainText()],
  [
    'convolution and pooling',
    (party) =>
      party
        .cryptensor(values(1, 2, 6, 6))
        .conv2d(party.cryptensor(values(3, 2, 3, 3), { src: 1 }), { padding: 1 })
        .relu()
        .avgPool2d(2)
        .getPlainText(),
  ],
  [
    'forked work',
    async (party) => {
      const x = party.cryptensor(values(9));
      const inner = party.fork(1);
      const y = inner.cryptensor(values(9), { src: 1 }).mul(x);
      await Promise.all([y.getPlainText(), x.square().getPlainText()]);
    },
  ],
  [
    'two training steps',
    async (party) => {
      const model = new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU(), new nn.Linear(3, 1));
      model.encrypt(party, { src: 0 });
      const sgd = new optim.SGD(model.parameters(), { lr: 0.1 });
      const [x, y] = [party.cryptensor(values(8, 4)), party.cryptensor(values(8, 1), { src: 1 })];
      for (let step = 0; step < 2; step++) {
        sgd.zeroGrad();
        const loss = model.forward(x).mseLoss(y);
        loss.backward();
        sgd.step();
        await loss.getPlainText();
      }
    },
  ],
]);

describe('estimate()', () => {
  for (const [name, program] of PROGRAMS) {
    for (const n of [2, 3]) {
      it(`${name}: rounds and bytes of the real run, ${n} parties`, async () => {
        const parties = await simulate(n, async (party) => {
          await program(party);
          return party;
        });
        const real = parties.map((party) => party.stats());
        const estimated = await estimate(n, program);
        assert.deepEqual(
          estimated.parties.map(({ computeMs: _, ...costs }: PartyEstimate) => costs),
          real.map(({ total: _, ...costs }) => costs),
        );
        assert.equal(estimated.rounds, real[0].rounds);
      });
    }
  }

  it('adds up rounds, bytes and arithmetic', async () => {
    const program: Program = (party) => party.cryptensor(values(1000)).square().getPlainText();
    const { parties, rounds, totalMs } = await estimate(2, program, { rttMs: 200, mbps: 8 });
    const ms = parties.map(({ online, preprocessing, computeMs }) => {
      const sent = online.bytesSent + preprocessing.bytesSent;
      const received = online.bytesReceived + preprocessing.bytesReceived;
      return rounds * 100 + Math.max(sent, received) / 1000 + computeMs;
    });
    assert.equal(totalMs, Math.max(...ms));
    assert.equal(rounds, 3);
  });

  it('party.estimate() says the same, in the session it is called in', async () => {
    const program: Program = (party) => party.cryptensor(values(20)).relu().getPlainText();
    const [, here] = await simulate(3, (party) => party.estimate(program, { rttMs: 1e9 }), {
      precision: 12,
    });
    const { parties, rounds } = await estimate(3, program, { precision: 12 });
    assert.deepEqual(
      here.parties.map(({ online }) => online),
      parties.map(({ online }) => online),
    );
    assert.ok(rounds === 4 && here.totalMs > 2e9);
  });

  it('passes on what the program throws', async () => {
    await assert.rejects(
      estimate(2, (party) => party.cryptensor(values(3)).add(values(2)).getPlainText()),
      /add: /,
    );
  });
});
