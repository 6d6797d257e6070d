/** Every fault, at every position of a small program: the right error at every party, in time; never a wrong result. */
import assert from 'node:assert/strict';
import { CARRIERS } from '../support/fault-bytes.ts';
import { Tally } from '../support/fault-judge.ts';
import { kindsOf, type Fault } from '../support/fault-kinds.ts';
import {
  everything,
  FAULTS,
  faultsOf,
  runAll,
  sampled,
  SEED,
  unitsOf,
} from '../support/fault-plan.ts';
import { STEP_NAMES } from '../support/fault-program.ts';
import { type FaultRun, runWithFault } from '../support/fault-run.ts';

type Level = 'connect' | 'bytes' | 'frames';
const NAMES = Object.keys(CARRIERS);

/** Packets and records until the first one of the agreement on the run. */
const CONNECT_UNITS = 4;
const firstOf = (units: ReadonlyMap<string, number>): Map<string, number> =>
  new Map([...units].map(([link, count]) => [link, Math.min(count, CONNECT_UNITS)]));

const isQuick = ({ kind }: Fault): boolean => everything || kind !== 'black hole';

describe('faults', function () {
  this.timeout(everything ? 600_000 : 120_000);
  const tally = new Tally();
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);

  before(() => {
    process.on('unhandledRejection', note);
    process.stdout.write(`      CRYPTENSOR_FAULTS=${FAULTS} CRYPTENSOR_SEED=${SEED}\n`);
  });
  after(() => {
    process.off('unhandledRejection', note);
    process.stdout.write(`${tally.table()}\n`);
  });

  const check = async (runs: readonly FaultRun[]): Promise<void> => {
    const complaints = await runAll(runs, tally);
    assert.equal(complaints.length, 0, complaints.slice(0, 40).join('\n'));
    assert.deepEqual(unhandled, []);
  };

  /** Two parties over pipes meet every fault at every position; the others every so many, and all kinds. */
  const planned = async (level: Level, name: string, n: number): Promise<FaultRun[]> => {
    const carrier = CARRIERS[name];
    const usual = await unitsOf(n, carrier, level);
    const units = level === 'connect' ? firstOf(usual) : usual;
    const stride = n === 2 && name === 'pipe' ? 1 : level === 'bytes' ? 4 * n : 6 * n;
    // Connecting is slow: one of each kind.
    const share = level === 'connect' ? 0 : n === 2 ? 1 : 0.5;
    const all = faultsOf(level, units, stride);
    // A black hole while connecting takes 10 s more: `connect` waits for its links to end.
    const known = level === 'connect' ? all.filter(isQuick) : all;
    const faults = sampled(known, share * Number(FAULTS));
    return faults.map((fault) => ({ n, carrier, fault }));
  };

  for (const level of ['connect', 'bytes', 'frames'] as const) {
    it(`${level}, 2 and 3 parties and a dealer, over ${NAMES.join(', ')}`, async () => {
      const runs: FaultRun[] = [];
      for (const name of NAMES) {
        const few = level === 'connect' && name !== 'tcp' && !everything;
        for (const n of few ? [2] : [2, 3]) runs.push(...(await planned(level, name, n)));
      }
      await check(runs);
    });
  }

  const carrier = CARRIERS.pipe;

  it('another program at one party', async () => {
    const runs = [2, 3].flatMap((n) =>
      Object.keys(kindsOf('program')).flatMap((kind) =>
        STEP_NAMES.flatMap((_, at) =>
          Array.from({ length: n }, (__, from): FaultRun => {
            const fault: Fault = { level: 'program', kind, from, to: from, at, seed: 0 };
            return { n, carrier, fault };
          }),
        ),
      ),
    );
    await check(everything ? runs : runs.filter((_, i) => (i + SEED) % 4 === 0));
  });

  it('other terms at one member: a named disagreement before any key is used', async () => {
    const runs = [2, 3].flatMap((n) =>
      Object.keys(kindsOf('terms')).flatMap((kind) =>
        Array.from({ length: n + 1 }, (_, from): FaultRun => {
          const fault: Fault = {
            level: 'terms',
            kind,
            from,
            to: from === 0 ? 1 : 0,
            at: 0,
            seed: 0,
          };
          return { n, carrier, fault };
        }),
      ),
    );
    await check(runs);
  });

  it('links end by themselves, also towards a member that hangs', async () => {
    const kinds = ['stall', 'black hole', 'kill link', 'flip bit', 'drop', 'truncate', 'pause'];
    const runs = kinds.flatMap((kind) =>
      [CARRIERS.tcp, CARRIERS['message port']].map((over): FaultRun => {
        const fault: Fault = { level: 'bytes', kind, from: 1, to: 0, at: 3, seed: SEED };
        return { n: 2, carrier: over, fault, natural: true };
      }),
    );
    await check(runs);
  });

  it('positive control: a changed share, well encrypted, gives the wrong result that these tests look for', async () => {
    // Which openings share a frame depends on timing, and not every word of them decides a result.
    const codes = new Set<string>();
    for (let at = 5; at < 15 && !codes.has('wrong'); at++) {
      const fault: Fault = { level: 'frames', kind: 'other opening', from: 1, to: 0, at, seed: 0 };
      const { endings } = await runWithFault({ n: 2, carrier, fault, timeoutMs: 8000 });
      for (const { code } of endings) codes.add(code);
    }
    assert.ok(codes.has('wrong'), [...codes].join());
  });
});
