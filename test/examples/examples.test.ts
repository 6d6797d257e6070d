/** Every example runs as its comment says, on small settings, and prints what it is for. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cli } from '../cli/support.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Example {
  readonly settings?: string;
  /** Lines that must be there, in this order. */
  readonly prints: readonly RegExp[];
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  '01-hello-share': {
    prints: [/HIDDEN/, /sum 100500, alice earns more: 1/, /^\d rounds, \d+ bytes/],
  },
  '02-linear-model': {
    prints: [
      /^step 60: loss (0$|[\d.]+e-[6-9])/,
      /party 0 sees the weights: no/,
      /weights: (?:1\.99|2\.00)\d*,-/,
    ],
  },
  '03-logistic-regression': { prints: [/^epoch 30: loss 0\.0/, /^[0-4] mistakes on 113/] },
  '04-mlp': { prints: [/^epoch 8: loss 0\.0/, /^[0-4] mistakes on 113/, /rounds, .* MB/] },
  '06-two-splits': {
    settings: '--epochs 2 --hidden 4',
    prints: [
      /^logistic regression +vertical +[0-9] of 113/,
      /^logistic regression +horizontal +[0-9] of 113/,
      /^network +vertical +\d+ of 113/,
      /^network +horizontal +\d+ of 113/,
    ],
  },
  '07-linear-svm': {
    settings: '--examples 30 --features 20 --epochs 6',
    prints: [/^hinge loss +1\.000 █/, /^right side +(?:9|100)/, /differs by more than 0\.00[01]/],
  },
  '08-access-control': {
    settings: '--epochs 10',
    prints: [
      /^feature aggregation .* [89]\d\.\d % +9\d\.\d %$/,
      /^data labelling .*impossible +9\d\.\d %$/,
      /^dataset augmentation +6 patients .* 9\d\.\d %$/,
      /^model hiding .* 9\d\.\d % \(Bob knows\)$/,
    ],
  },
  '09-digits-cnn': {
    settings: '--images 50 --epochs 1 --tests 3',
    prints: [
      /^trained on 50 images, 1 epochs/,
      /sent by each party; loss/,
      /Bob's 3 images/,
      / 9 /,
    ],
  },
  '10-contextual-bandit': {
    settings: '--visitors 20',
    prints: [/^visitors until +20: █*░* \d+\.0 % took/, /rounds, .* MB sent by each party$/],
  },
  '11-onnx-lenet': {
    settings: '--images 20',
    prints: [/██/, /^looks like 2 .*; written as 2$/, /^20 images, (?:9\d|100)\.0 % recognised/],
  },
  '12-transformer': {
    prints: [
      /^praise █{10}.* the film was great$/,
      /^blame +░{10}.* the film was not great$/,
      /^praise █{10}.* the food was not bad$/,
      /^blame +░{10}.* not bad but very stale$/,
      /rounds, .* MB/,
    ],
  },
  '13-split-learning': {
    settings: '--epochs 3 --noise 0.5',
    prints: [
      /^noise 0 .* (?:8|9|10)\d\.\d % of new patients right +labels not protected$/,
      /^noise 0\.5 .* epsilon \d+\.\d$/,
      /^noise 2 .* epsilon \d+\.\d$/,
    ],
  },
};

function run(name: string, settings = ''): Promise<string> {
  const args = ['--import', 'tsx', `examples/${name}.ts`, ...settings.split(' ').filter(Boolean)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: ROOT, timeout: 60_000 }, (error, out, err) => {
      if (error !== null) reject(new Error(`${name}: ${err}`));
      else resolve(out);
    });
  });
}

describe('examples', function () {
  this.timeout(90_000);

  const names = Object.keys(EXAMPLES);
  // Two at a time: what they cost is mostly starting up.
  for (let i = 0; i < names.length; i += 2) {
    const pair = names.slice(i, i + 2);
    it(`${pair.join(' and ')}: runs and says what it found`, async () => {
      const outs = await Promise.all(pair.map((name) => run(name, EXAMPLES[name].settings)));
      outs.forEach((out, at) => {
        const lines = out.split('\n');
        let from = 0;
        for (const expected of EXAMPLES[pair[at]].prints) {
          const found = lines.findIndex((line, i) => i >= from && expected.test(line));
          assert.ok(found >= 0, `${pair[at]} prints nothing like ${expected}:\n${out}`);
          from = found + 1;
        }
      });
    });
  }

  it('05-real-parties: all parties return the mean', async () => {
    const { code, stdout, stderr } = await cli(
      'launch',
      'examples/05-real-parties.ts',
      '--',
      '3.5',
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^party 0 +│ the mean of 2 secret numbers is 3\.5/m);
    assert.match(stdout, /^party 1 +│ the mean of 2 secret numbers is 3\.5/m);
  });

  it('every numbered file is tested, and README.md lists it', () => {
    const files = readdirSync(`${ROOT}examples`).filter((file) => /^\d\d-.*\.ts$/.test(file));
    const tested = [...names, '05-real-parties'].map((name) => `${name}.ts`);
    assert.deepEqual(tested.sort(), files.sort());
    const readme = readFileSync(`${ROOT}examples/README.md`, 'utf8');
    const listed = [...readme.matchAll(/^\| `(\d\d-[\w-]+\.ts)`/gm)].map(([, file]) => file);
    assert.deepEqual(listed, files.sort());
  });

  it('every command in a comment names its own file', () => {
    for (const name of [...names, '05-real-parties']) {
      const text = readFileSync(`${ROOT}examples/${name}.ts`, 'utf8');
      assert.ok(text.includes(`examples/${name}.ts`), name);
    }
  });

  it('settings that are no numbers are refused', async () => {
    await assert.rejects(run('07-linear-svm', '--epochs none'), /--epochs needs a number above 0/);
  });
});
