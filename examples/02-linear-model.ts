/**
 * 2. A linear model, by hand.
 *
 * Party 0 knows the inputs, party 1 the outputs of y = 2·x₀ − 3·x₁ + 0.5. They find the model together
 * with autograd and plain gradient descent.
 *
 *     npx tsx examples/02-linear-model.ts
 */
import { simulate } from 'cryptensor';

const inputs = Array.from({ length: 64 }, (_, i) => [Math.sin(i), Math.cos(2.3 * i)]);
const outputs = inputs.map(([a, b]) => [2 * a - 3 * b + 0.5]);

await simulate(2, async (party) => {
  const x = party.cryptensor(inputs, { src: 0 });
  const y = party.cryptensor(outputs, { src: 1 });
  const w = party.zeros([2, 1], { requiresGrad: true });
  const b = party.zeros([1], { requiresGrad: true });

  for (let step = 1; step <= 60; step++) {
    const loss = x.matmul(w).add(b).mseLoss(y);
    loss.backward();
    party.noGrad(() => {
      for (const parameter of [w, b]) {
        if (parameter.grad !== null) parameter.sub_(parameter.grad.mul(0.15));
        parameter.zeroGrad();
      }
    });
    if (step % 20 === 0) {
      const value = await loss.getPlainText();
      if (party.rank === 0) console.log(`step ${step}: loss ${value}`);
    }
  }

  // Opened to party 1 alone: party 0 gets null.
  const model = await w.getPlainText({ dst: 1 });
  console.log(`party ${party.rank} sees the weights: ${model === null ? 'no' : model.toArray()}`);
});
