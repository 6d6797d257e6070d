/**
 * Headless Chromium: the suite by mocha's browser build, then programs of a page and Node processes.
 * @module
 */

import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { bundle } from './bundle.mjs';
import { pagePrograms } from './page-programs.mjs';
import { within } from './processes.mjs';
import { serve } from './server.mjs';

const LAUNCH_S = 60;
const SUITE_S = 600;
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const STRICT = "default-src 'self'; script-src 'self'; connect-src 'self' ws://127.0.0.1:*";
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const html = (...scripts) =>
  `<!doctype html><meta charset="utf-8"><title>cryptensor</title><link rel="icon" href="data:,">` +
  `<body><div id="mocha"></div>${scripts.join('')}</body>`;

/** Headers of a page: /isolated.html is cross-origin isolated, /strict.html may not compile Wasm. */
function headersOf(path) {
  if (path === '/isolated.html') return ISOLATED;
  return path === '/strict.html' ? { 'content-security-policy': STRICT } : {};
}

/** Runs everything; counts tests and programs alike. */
export async function runChromium({ root, compiled, suite }) {
  const files = [
    ...suite.present.map((name) => `test/${name}.test.js`),
    'test/runtime/browser/socket-suite.js',
  ];
  const loads = files.map((name) => `import '${compiled}${name}';\n`);
  const program = html('<script type="module" src="/page.js"></script>');
  const texts = {
    ...(await bundle(compiled, {
      setup: `import '${compiled}test/runtime/browser/setup.js';`,
      suite: loads.join(''),
      page: `import '${compiled}test/runtime/page.js';`,
    })),
    '/mocha.js': readFileSync(`${root}node_modules/mocha/mocha.js`),
    '/suite.html': html('<script src="/mocha.js"></script>'),
    '/plain.html': program,
    '/isolated.html': program,
    '/strict.html': program,
  };
  const server = await serve(compiled, texts, headersOf);
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  let browser;
  try {
    browser = await chromium.launch({ executablePath, args: FLAGS, timeout: 1000 * LAUNCH_S });
    process.stdout.write(`chromium ${browser.version()}\n`);
    const page = await browser.newPage();
    const counts = await within(SUITE_S, 'the suite', runSuite(page, server.origin));
    await page.close();
    const programs = await pagePrograms({ browser, origin: server.origin, compiled });
    return {
      passed: counts.passed + programs.passed,
      failed: counts.failed + programs.failed,
    };
  } finally {
    await browser?.close();
    server.close();
  }
}

/** mocha in a page, telling us of each test. */
async function runSuite(page, origin) {
  page.on('pageerror', (error) => process.stdout.write(`page error: ${error.stack ?? error}\n`));
  await page.exposeFunction('tell', (text) => void process.stdout.write(`${text}\n`));
  await page.goto(`${origin}/suite.html`);
  return page.evaluate(async () => {
    const { mocha, tell } = globalThis;
    mocha.setup({ ui: 'bdd', timeout: 60_000, reporter: 'min' });
    await import('/setup.js');
    await import('/suite.js');
    return new Promise((resolve) => {
      const counts = { passed: 0, failed: 0 };
      const runner = mocha.run(() => resolve(counts));
      runner.on('suite', ({ title }) => tell(`  ${title}`));
      runner.on('pass', ({ title, duration }) => {
        counts.passed += 1;
        tell(`    ✔ ${title} (${duration}ms)`);
      });
      runner.on('pending', ({ title }) => tell(`    - ${title}`));
      runner.on('fail', (test, error) => {
        counts.failed += 1;
        tell(`    FAILED ${test.fullTitle()}\n${error.stack ?? error}`);
      });
    });
  });
}
