/**
 * Real sessions: a page is party 1, Node processes are party 0 and the dealer, over WebSockets and the secure channel.
 * @module
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start, within } from './processes.mjs';

const LIMIT_S = 90;

/** Page → what must hold of it. */
const PAGES = [
  ['/isolated.html', 'a cross-origin isolated page', { isolated: true, backend: 'wasm-simd' }],
  [
    '/plain.html',
    'a page without cross-origin isolation',
    { isolated: false, backend: 'wasm-simd' },
  ],
  ['/strict.html', "a page whose CSP lacks 'wasm-unsafe-eval'", { isolated: false, backend: 'ts' }],
];

/** Runs them one after the other. */
export async function pagePrograms({ browser, origin, compiled }) {
  const counts = { passed: 0, failed: 0 };
  const attempt = async (title, body) => {
    try {
      const note = await within(LIMIT_S, title, body());
      counts.passed += 1;
      process.stdout.write(`    ✔ ${title}${note ? `: ${note}` : ''}\n`);
    } catch (error) {
      counts.failed += 1;
      process.stdout.write(`    FAILED ${title}\n${error.stack ?? error}\n`);
    }
  };
  process.stdout.write('  programs of a page, a Node process and a dealer process\n');
  for (const [path, title, expected] of PAGES) {
    await attempt(title, () => twoParties({ browser, url: origin + path, compiled, expected }));
  }
  await attempt('a page on plain http from elsewhere has no WebCrypto: a named error', () =>
    insecurePage({ browser, origin, compiled }),
  );
  return counts;
}

async function twoParties({ browser, url, compiled, expected }) {
  const { twin } = await import(`${compiled}test/runtime/program.js`);
  const { json, identities } = await makeSession(compiled);
  const folder = mkdtempSync(join(tmpdir(), 'cryptensor-runtime-'));
  const page = await browser.newPage();
  const processes = [];
  const launch = (role, rank) => {
    const file = join(folder, `${role}.json`);
    writeFileSync(file, JSON.stringify({ session: json, identity: identities[rank] }), {
      mode: 0o600,
    });
    const child = start(process.execPath, [`${compiled}test/runtime/party.js`, role, file]);
    processes.push(child);
    return child.ended;
  };
  try {
    const ended = [launch('party', 0), launch('dealer', 2)];
    await page.goto(url);
    await page.waitForFunction(() => 'runtimeParty' in globalThis);
    const result = await page.evaluate(
      ([session, identity]) => globalThis.runtimeParty.run(session, identity),
      [json, identities[1]],
    );
    const [party, dealer] = await Promise.all(ended);
    check(party.code === 0, `party 0: ${party.output}`);
    check(dealer.code === 0, `dealer: ${dealer.output}`);
    check(result.backend === expected.backend, `backend ${result.backend}: ${result.reason}`);
    check(result.isolated === expected.isolated, `cross-origin isolated: ${result.isolated}`);
    if (expected.backend === 'ts') check(/wasm-unsafe-eval/.test(result.reason), result.reason);
    const weights = JSON.parse(party.output);
    const same =
      weights.length === result.weights.length && weights.every((w, i) => w === result.weights[i]);
    check(same, 'both parties learn the same');
    const error = Math.max(...twin().map((w, i) => Math.abs(w - weights[i])));
    check(weights.length > 0 && error < 2e-3, `largest error ${error}`);
    const dealt = JSON.parse(dealer.output);
    return (
      `${result.backend}, connected in ${Math.round(result.connectMs)} ms, ${result.rounds} rounds in ` +
      `${Math.round(result.programMs)} ms, ${dealt.dealtBytes} bytes dealt, error ${error.toExponential(1)}`
    );
  } catch (error) {
    const outputs = processes.map(({ output }) => output()).join('\n');
    throw new Error(`${error.message}\n${outputs}`, { cause: error });
  } finally {
    for (const { child } of processes) child.kill('SIGKILL');
    await page.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The server under a name that is not localhost is no secure context. */
async function insecurePage({ browser, origin, compiled }) {
  const { json, identities } = await makeSession(compiled);
  const page = await browser.newPage();
  try {
    await page.route('http://elsewhere.test/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      await route.fulfill({ response: await route.fetch({ url: origin + pathname }) });
    });
    await page.goto('http://elsewhere.test/plain.html');
    await page.waitForFunction(() => 'runtimeParty' in globalThis);
    const secure = await page.evaluate(() => globalThis.isSecureContext);
    check(!secure, 'the page is a secure context');
    const fault = await page.evaluate(
      ([session, identity]) => globalThis.runtimeParty.fault(session, identity),
      [json, identities[1]],
    );
    check(/ERR_MPC_UNSUPPORTED .*WebCrypto/.test(fault), fault);
    return '';
  } finally {
    await page.close();
  }
}

/** Two parties and a dealer; party 1, the page, has no address. */
async function makeSession(compiled) {
  const { generateIdentity, identityJson } = await import(`${compiled}src/net/identity.js`);
  const { toHex } = await import(`${compiled}src/core/bytes.js`);
  const keys = ['node', 'page', 'dealer'].map((name) => generateIdentity(name));
  const [a, b] = await freePorts(2);
  const member = (rank, address) => ({
    name: ['node', 'page', 'dealer'][rank],
    publicKey: toHex(keys[rank].x25519.public),
    ...(address === undefined ? {} : { address }),
  });
  const json = {
    format: 'cryptensor-session',
    version: 1,
    session: `runtime-test-${Date.now()}`,
    mode: 'dealer',
    precision: 16,
    parties: [
      { rank: 0, ...member(0, `ws://127.0.0.1:${a}/party`) },
      { rank: 1, ...member(1) },
    ],
    dealer: member(2, `ws://127.0.0.1:${b}/dealer`),
  };
  return { json, identities: keys.map((key) => identityJson(key)) };
}

/** Ports of loopback that were free a moment ago. */
async function freePorts(n) {
  const servers = Array.from({ length: n }, () => createServer());
  const ports = [];
  for (const server of servers) {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push(server.address().port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function check(holds, why) {
  if (!holds) throw new Error(why);
}
