/**
 * What models send, beside CrypTen: counts, no clocks.
 *
 * CrypTen's counts are those of its version 0.4.0 (commit 775868a) in its default configuration, two parties, one inference, headers
 * included, as its communicator counts them; `npm run bench -- beside-crypten e2e` takes them again.
 */

import assert from 'node:assert/strict';
import { MODELS } from '../../bench/support/models.ts';
import { resnet18 } from '../../bench/support/nets.ts';
import { maxAbsError } from '../../bench/support/references.ts';
import {
  allowedError,
  expectedOf,
  isModel,
  type ModelWorkload,
} from '../../bench/support/workloads.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { estimate } from '../../src/estimate.ts';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';

/** What CrypTen's parties send in one inference, in bytes, and its rounds. */
const CRYPTEN: Readonly<Record<string, readonly [bytes: number, rounds: number]>> = {
  'e2e:logreg-30x569': [0.401e6, 24],
  'e2e:mlp-b1': [1.066e6, 21],
  'e2e:lenet5-b1': [7.015e6, 133],
  'e2e:resnet18-1x3x64x64': [249.139e6, 231],
};

interface Cost {
  /** Payload that one party sends. */
  readonly bytes: number;
  readonly rounds: number;
}

/** The first inference with new weights, and the second. */
interface Costs {
  readonly first: Cost;
  readonly second: Cost;
  readonly result: Float64Array;
}

function model(name: string): ModelWorkload {
  const found = MODELS.filter(isModel).find((workload) => workload.name === name);
  assert.ok(found, name);
  return found;
}

/** Two inferences of one party, each on an input of its own. */
async function twice(party: Party, { inputs, weights, share }: ModelWorkload): Promise<Costs> {
  const forward = share(party, weights());
  const [{ shape, src, values }] = inputs();
  const once = async (): Promise<readonly [CrypTensor, Cost]> => {
    const x = party.cryptensor({ shape, data: values }, { src });
    await party.settle(x);
    party.resetStats();
    const y = forward(x) as CrypTensor;
    await party.settle(y);
    const { rounds, online } = party.stats();
    return [y, { bytes: online.bytesSent, rounds }];
  };
  const [, first] = await once();
  const [y, second] = await once();
  return { first, second, result: (await y.getPlainText()).data };
}

/** Words of the weights that are multiplied: the biases are added. */
function multiplied({ weights }: ModelWorkload): number {
  return weights()
    .filter(({ shape }) => shape.length > 1)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

describe('nn: what models send', () => {
  /** Bytes of a second inference at most, and rounds. */
  const bars: readonly [name: string, bytes: number, rounds: number][] = [
    ['e2e:logreg-30x569', CRYPTEN['e2e:logreg-30x569'][0] / 2, 24 / 4],
    ['e2e:mlp-b1', 15_000, 21 / 2],
    ['e2e:lenet5-b1', CRYPTEN['e2e:lenet5-b1'][0] / 10, 133 / 4],
  ];
  for (const [name, bytes, rounds] of bars) {
    it(`${name}: at most ${bytes} bytes and ${rounds} rounds once the weights are masked, and it is right`, async () => {
      const workload = model(name);
      const all = await simulate(2, (party) => twice(party, workload));
      for (const { first, second, result } of all) {
        assert.ok(second.bytes <= bytes, `${second.bytes} bytes`);
        assert.ok(second.rounds <= rounds, `${second.rounds} rounds`);
        assert.equal(first.bytes - second.bytes, 8 * multiplied(workload));
        assert.equal(first.rounds, second.rounds);
        allowedError(workload, maxAbsError(result, expectedOf(workload)));
      }
    });
  }

  // 11.7 million weights: a party alone sends what it would send, and zeros cost what other weights do.
  it('e2e:resnet18-1x3x64x64: at most a fifth of CrypTen’s bytes, and half of its rounds once the weights are masked', async () => {
    const [bytes, rounds] = CRYPTEN['e2e:resnet18-1x3x64x64'];
    const weights = resnet18()
      .allParameters()
      .map(([, { shape }]) => ({ shape, src: 1, values: new Float64Array(sizeOf(shape)) }));
    const workload = { ...model('e2e:resnet18-1x3x64x64'), weights: () => weights };
    const costs: Costs[] = [];
    await estimate(2, async (party) => void costs.push(await twice(party, workload)));
    assert.equal(costs.length, 2);
    for (const { first, second } of costs) {
      assert.ok(second.bytes <= bytes / 5, `${second.bytes} bytes`);
      assert.ok(second.rounds <= rounds / 2, `${second.rounds} rounds`);
      assert.ok(first.bytes - second.bytes === 8 * multiplied(workload));
    }
  }).timeout(60_000);
});
