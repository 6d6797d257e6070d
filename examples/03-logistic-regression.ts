/**
 * 3. Logistic regression on real data.
 *
 * Two hospitals have different measurements of the same patients; hospital A (party 0) has the
 * diagnoses, too. `nn` and `optim` are those of PyTorch.
 *
 *     npx tsx examples/03-logistic-regression.ts
 */
import { nn, optim, simulate } from 'cryptensor';
import { test, train } from './patients.ts';

await simulate(2, async (party) => {
  const share = (rows: typeof train) => ({
    x: party.cat([party.cryptensor(rows.a, { src: 0 }), party.cryptensor(rows.b, { src: 1 })], 1),
    y: party.cryptensor(rows.labels, { src: 0 }),
  });
  const { x, y } = share(train);
  const exam = share(test);

  const model = new nn.Linear(30, 1).encrypt(party);
  const criterion = new nn.BCEWithLogitsLoss();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.5 });

  for (let epoch = 1; epoch <= 30; epoch++) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(x), y);
    loss.backward();
    optimizer.step();
    if (epoch % 10 === 0) {
      const value = await loss.getPlainText();
      if (party.rank === 0) console.log(`epoch ${epoch}: loss ${value}`);
    }
  }

  // Only the share of right answers is opened, not which patients they are.
  const answers = model.forward(exam.x).ge(0);
  const mistakes = await answers.sub(exam.y).square().sum().getPlainText();
  if (party.rank === 0) console.log(`${mistakes} mistakes on ${test.labels.length} new patients`);
});
