/** Operations that a program defines itself. */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor, OwnFunction, Party } from '../../src/tensor/index.ts';

const open = async (x: CrypTensor | null): Promise<number[]> => {
  assert.ok(x, 'no tensor');
  return [...(await x.getPlainText()).data];
};

const leaf = (party: Party, values: number[]): CrypTensor =>
  party.cryptensor(values, { requiresGrad: true });

const cube: OwnFunction<[CrypTensor]> = {
  forward(ctx, x) {
    ctx.saveForBackward(x);
    return x.square().mul(x);
  },
  backward(ctx, gradient) {
    const [x] = ctx.savedTensors;
    return [gradient.mul(x.square()).mul(3)];
  },
};

for (const n of [1, 2]) {
  const run = (body: (party: Party) => Promise<void>) => simulate(n, body);

  describe(`tensor: own functions over ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it('run forward and backward, in the middle of a graph and in a fork', () =>
      run(async (party) => {
        const f = party.registerFunction('cube', cube);
        const x = leaf(party, [1, -2]);
        f(x.mul(2)).mul(3).sum().backward(); // 24x³
        assert.deepEqual(await open(x.grad), [72, 288]);
        x.zeroGrad();
        const fork = party.fork();
        const y = fork.cryptensor([3, 4]);
        f(x).mul(y).sum().backward();
        assert.deepEqual(await open(x.grad), [9, 48]);
        assert.deepEqual(await open(f(party.cryptensor([2]))), [8]);
      }));

    it('neither part is recorded, and what was saved is safe from calls in place', () =>
      run(async (party) => {
        const seen: boolean[] = [];
        const f = party.registerFunction('watched', {
          forward(ctx, x: CrypTensor) {
            seen.push(x.mul(2).requiresGrad);
            ctx.saveForBackward(x);
            return x;
          },
          backward(ctx, gradient) {
            const [x] = ctx.savedTensors;
            const product = gradient.mul(x);
            seen.push(product.requiresGrad, x.requiresGrad);
            return [product];
          },
        });
        const x = leaf(party, [1, 2]);
        const y = x.mul(1);
        const z = f(y);
        assert.deepEqual([z.requiresGrad, z.isLeaf], [true, false]);
        y.mul_(100);
        z.sum().backward();
        assert.deepEqual(await open(x.grad), [1, 2]);
        assert.deepEqual(seen, [false, false, false]);
        assert.equal(party.noGrad(() => f(x)).requiresGrad, false);
      }));

    it('find tensors inside lists, objects, maps and sets, in order of appearance', () =>
      run(async (party) => {
        const names = 'abcdef';
        const leaves = [...names].map((_, i) => leaf(party, [i]));
        const [a, b, c, d, e, g] = leaves;
        let needs: readonly boolean[] = [];
        interface Nest {
          readonly list: readonly (CrypTensor | readonly CrypTensor[])[];
          readonly map: Map<string, CrypTensor>;
          readonly set: Set<CrypTensor>;
          readonly label: string | null;
        }
        const f = party.registerFunction('nested', {
          forward(ctx, first: CrypTensor, _nest: Nest) {
            needs = ctx.needsInputGrad;
            return party.cat([first, first, first, first, first, first, first]);
          },
          backward: (_, gradient) => gradient.unbind().map((part) => part.reshape(1)),
        });
        const plain = party.cryptensor([7]);
        const nest = {
          list: [b, [c, d]],
          map: new Map([['k', e]]),
          set: new Set([plain, g]),
          label: null,
        };
        f(a, nest).mul([1, 2, 3, 4, 5, 6, 7]).sum().backward();
        assert.deepEqual(needs, [true, true, true, true, true, false, true]);
        const gradients = await Promise.all(leaves.map((x) => open(x.grad)));
        assert.deepEqual(gradients.flat(), [1, 2, 3, 4, 5, 7]);
        assert.equal(plain.grad, null);
      }));

    it('may have no gradient: marked, the result takes none; unmarked, backward says so', () =>
      run(async (party) => {
        const x = leaf(party, [1, 2]);
        const marked = party.registerFunction('marked', {
          forward(ctx, y: CrypTensor) {
            ctx.markNonDifferentiable();
            return y.mul(2);
          },
        });
        assert.equal(marked(x).requiresGrad, false);
        const silent = party.registerFunction('silent', {
          forward: (_, y: CrypTensor) => y.mul(2),
        });
        assert.throws(() => silent(x).sum().backward(), {
          code: 'ERR_MPC_UNSUPPORTED',
          message: /backward: silent has no gradient/,
        });
        assert.equal(x.grad, null);
      }));

    it('stand in the statistics under their names', () =>
      run(async (party) => {
        const f = party.registerFunction('cube', cube);
        party.resetStats();
        f(leaf(party, [1]))
          .sum()
          .backward();
        const names = [...party.stats().ops.keys()];
        assert.ok(names.includes('cube') && names.includes('cube/mul'), names.join());
        assert.ok(names.includes('cube.backward/mul'), names.join());
      }));

    it('a name is taken once in a session, forks and operations included', () =>
      run(async (party) => {
        party.registerFunction('cube', cube);
        for (const [where, name] of [
          [party, 'cube'],
          [party.fork(), 'cube'],
          [party, 'relu'],
        ] as const) {
          assert.throws(() => where.registerFunction(name, cube), {
            code: 'ERR_MPC_UNSUPPORTED',
            message: `registerFunction: there is a ${name} already`,
          });
        }
      }));

    it('are told when they give the wrong things', () =>
      run(async (party) => {
        const x = leaf(party, [1, 2]);
        const give = (name: string, gradients: (g: CrypTensor) => CrypTensor[]) =>
          party.registerFunction(name, {
            forward: (_, y: CrypTensor) => y.mul(2),
            backward: (_, gradient) => gradients(gradient),
          });
        const few = give('few', () => []);
        assert.throws(() => few(x).sum().backward(), {
          code: 'ERR_MPC_SHAPE',
          message: /few.backward: expected 1 gradients.*got 0/,
        });
        const wrong = give('wrong', (gradient) => [gradient.sum()]);
        assert.throws(() => wrong(x).sum().backward(), {
          code: 'ERR_MPC_SHAPE',
          message: /wrong.backward: gradient 0 has shape \[\], its tensor \[2\]/,
        });
        const nothing = party.registerFunction('nothing', {
          forward: (_, y: CrypTensor) => y.shape as unknown as CrypTensor,
        });
        assert.throws(() => nothing(x), { name: 'TypeError', message: /must return a CrypTensor/ });
        const empty = party.registerFunction('empty', {
          forward: (_, y: number) => party.zeros([y]),
        });
        assert.throws(() => empty(3), { name: 'TypeError', message: /at least one CrypTensor/ });
      }));
  });
}
