/**
 * 5. The same, over real parties.
 *
 * A program is a module with a default function; it is the same at every party. First all parties as
 * processes of this machine:
 *
 *     npx cryptensor launch -n 2 examples/05-real-parties.ts -- 3.5
 *
 * then each on its own, with keys and a session file (`cryptensor keygen`, `session create`, `dealer`):
 *
 *     npx cryptensor run examples/05-real-parties.ts --session session.json --identity alice.key -- 3.5
 *
 * Node runs TypeScript from 22.18 on; before that, set NODE_OPTIONS="--import tsx".
 */
import type { Party } from 'cryptensor';

/** Every party gives a number on its command line; all learn the mean, nobody learns the others'. */
export default async function mean(party: Party, args: readonly string[]): Promise<string> {
  const own = Number(args[0] ?? party.rank);
  const numbers = Array.from({ length: party.world }, (_, src) =>
    party.cryptensor(party.rank === src ? [own] : null, { src, shape: [1] }),
  );
  const mean = await party.cat(numbers).mean().getPlainText();
  return `the mean of ${party.world} secret numbers is ${mean}`;
}
