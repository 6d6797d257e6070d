/**
 * 4. A small neural network, in batches.
 *
 * New here: a container of layers, batches as views, a loss whose value is not needed, and a pause now
 * and then so that the queue of operations stays short.
 *
 *     npx tsx examples/04-mlp.ts
 */
import { nn, optim, simulate } from 'cryptensor';
import { test, train } from './patients.ts';

const EPOCHS = 8;
const BATCH = 64;

await simulate(2, async (party) => {
  const share = (rows: typeof train) => ({
    x: party.cat([party.cryptensor(rows.a, { src: 0 }), party.cryptensor(rows.b, { src: 1 })], 1),
    y: party.cryptensor(rows.labels, { src: 0 }),
  });
  const { x, y } = share(train);
  const exam = share(test);

  const model = new nn.Sequential(new nn.Linear(30, 16), new nn.ReLU(), new nn.Linear(16, 1));
  model.encrypt(party, { src: 0 });
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.3 });
  // Training needs the gradient of the loss only; its value is asked for once per epoch.
  const gradientOnly = new nn.BCEWithLogitsLoss({ skipForward: true });
  const criterion = new nn.BCEWithLogitsLoss();

  // Made once: what has been opened about a batch is not opened again in the next epoch.
  const batches = Array.from({ length: Math.ceil(x.size(0) / BATCH) }, (_, i) => {
    const rows = Math.min(BATCH, x.size(0) - i * BATCH);
    return { x: x.narrow(0, i * BATCH, rows), y: y.narrow(0, i * BATCH, rows) };
  });

  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    for (const batch of batches) {
      optimizer.zeroGrad();
      gradientOnly.forward(model.forward(batch.x), batch.y).backward();
      optimizer.step();
    }
    await party.settle(...model.parameters());
    const loss = await criterion.forward(model.forward(x), y).getPlainText();
    if (party.rank === 0) console.log(`epoch ${epoch}: loss ${loss}`);
  }

  const answers = model.forward(exam.x).ge(0);
  const mistakes = await answers.sub(exam.y).square().sum().getPlainText();
  if (party.rank === 0) {
    const { rounds, online } = party.stats();
    console.log(`${mistakes} mistakes on ${test.labels.length} new patients`);
    console.log(`${rounds} rounds, ${(online.bytesSent / 1e6).toFixed(1)} MB sent by each party`);
  }
});
