/** What a party may ask of the dealer: read within the limits, or refused, before anything of its size is allocated. */
import assert from 'node:assert/strict';
import { MAX_REQUEST_WORDS, type MaskRef } from '../../src/protocol/provider/descriptor.ts';
import { CIRCUITS, circuitOf } from '../../src/protocol/binary/circuit.ts';
import { circuitRequest } from '../../src/protocol/provider/kinds/binary.ts';
import { compareRequest, rectifyRequest } from '../../src/protocol/provider/kinds/comparison.ts';
import { toArithmeticRequest, toBinaryRequest } from '../../src/protocol/provider/kinds/convert.ts';
import { curveRequest } from '../../src/protocol/provider/kinds/curve.ts';
import type { IntervalSize } from '../../src/protocol/provider/kinds/interval.ts';
import { powerRequest, type PowerLayout } from '../../src/protocol/provider/kinds/power.ts';
import { productRequest } from '../../src/protocol/provider/kinds/product.ts';
import { readRequest } from '../../src/protocol/provider/kinds/read.ts';
import { seriesRequest } from '../../src/protocol/provider/kinds/series.ts';
import { stepsRequest } from '../../src/protocol/provider/kinds/steps.ts';
import {
  truncateOpenedRequest,
  truncatePairRequest,
} from '../../src/protocol/provider/kinds/truncation.ts';
import { zeroRequest } from '../../src/protocol/provider/kinds/zero.ts';
import { dealtBytes } from '../../src/protocol/provider/material.ts';
import type { SeededGenerator } from '../../src/net/shuffle.ts';
import { hunt } from './_hunt.ts';
import { edge, mutated, noise, pick } from './_mutate.ts';

function maskRef(random: SeededGenerator): MaskRef {
  const space = Array.from({ length: random(4) }, () => ({ rank: random(3), counter: random(9) }));
  const shape = Array.from({ length: random(4) }, () => random(5));
  const strides = shape.map(() => random(9) - 4);
  const length = random(5) === 0 ? edge(random) : 200;
  return { tag: { space, seq: random(99) }, length, view: { shape, strides, offset: random(40) } };
}

const interval = (random: SeededGenerator, n: number): IntervalSize => {
  const blocks = 1 + random(9);
  return {
    n,
    blocks,
    skipped: random(10 - blocks),
    drop: random(62),
    insideR: random(2) === 1,
    highR: random(2) === 1,
  };
};

function layout(random: SeededGenerator): PowerLayout {
  const group = random(6);
  return { fracBits: random(49), group, span: group + random(8 - group), scale: 1 + random(46) };
}

function descriptor(random: SeededGenerator): Uint8Array {
  const n = random(3) === 0 ? edge(random) : random(3000);
  const good = [
    () => productRequest(maskRef(random), maskRef(random)),
    () => {
      const [batches, m, k, size] = [1 + random(2), random(4), random(4), random(4)];
      return productRequest(maskRef(random), maskRef(random), { batches, m, k, n: size });
    },
    () => truncatePairRequest(n, 1 + random(61)),
    () => truncateOpenedRequest(n, random(62)),
    () => compareRequest(n, 1 + random(9)),
    () => rectifyRequest(n, random(62)),
    () => seriesRequest(n, 1 + random(64)),
    () => stepsRequest(n, 1 + random(9), 1 + random(64), random(2) === 1),
    () => curveRequest(interval(random, n), 1 + random(64), random(64)),
    () => powerRequest(interval(random, n), layout(random)),
    () => zeroRequest(n, 1 + random(13)),
    () => circuitRequest(circuitOf(pick(random, CIRCUITS), 1 + random(64)), n),
    () => toBinaryRequest(n, 1 + random(64)),
    () => toArithmeticRequest(n, 1 + random(64)),
  ];
  const made = pick(random, good)().descriptor;
  const kind = random(8);
  if (kind === 0) return Uint8Array.of(random(40), 1, ...noise(random, 80));
  if (kind === 1) return noise(random, 600);
  return kind < 4 ? made : mutated(random, made);
}

describe('fuzz: material', () => {
  hunt({
    name: 'readRequest',
    codes: ['ERR_MPC_ABORT'],
    mostBytes: 8192,
    feed(random) {
      const bytes = descriptor(random);
      const request = readRequest(bytes);
      assert.deepEqual(request.descriptor, bytes.slice(), 'a request is read in its only form');
      for (const { words } of request.segments) {
        assert.ok(Number.isInteger(words) && words >= 0 && words <= MAX_REQUEST_WORDS);
      }
      assert.ok(Number.isSafeInteger(dealtBytes(request)));
      return true;
    },
  });
});
