/**
 * 1. Hello, share.
 *
 * Two parties in this process, over the real protocols. Each knows a salary; they learn the sum and
 * who earns more, and nothing else.
 *
 *     npx tsx examples/01-hello-share.ts
 */
import { simulate } from 'cryptensor';

await simulate(2, async (party) => {
  // The same line runs at every party; only `src` has to know the value.
  const alice = party.cryptensor(party.rank === 0 ? 52_000 : null, { src: 0, shape: [] });
  const bob = party.cryptensor(party.rank === 1 ? 48_500 : null, { src: 1, shape: [] });

  // No await: shapes are known at once, shares arrive later.
  const sum = alice.add(bob);
  const aliceEarnsMore = alice.gt(bob);

  // A secret prints as what it is.
  if (party.rank === 0) console.log(String(sum));

  // The only await is where a value becomes public.
  const [total, answer] = await Promise.all([sum.getPlainText(), aliceEarnsMore.getPlainText()]);
  console.log(`party ${party.rank}: sum ${total}, alice earns more: ${answer}`);

  if (party.rank === 0) {
    const { rounds, online } = party.stats();
    console.log(`${rounds} rounds, ${online.bytesSent} bytes sent by each party`);
  }
});
