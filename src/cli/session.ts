/**
 * `cryptensor session`: the file that says who takes part. Every party holds the same one.
 * @module
 */

import type { Command } from 'commander';
import { fromHex, toHex } from '../core/bytes.ts';
import { fingerprint } from '../net/identity.ts';
import {
  type Manifest,
  manifestHash,
  manifestJson,
  type Member,
  members,
  parseManifest,
} from '../net/manifest.ts';
import { UsageError } from './exit.ts';
import { loadManifest, saveManifest } from './files.ts';
import { table, type Terminal } from './terminal.ts';

const SESSION_ID_BYTES = 18;
const DEFAULT_PRECISION = 16;
const MEMBER_FORM = 'NAME=PUBLICKEY@HOST:PORT (the address may be left out)';

interface CreateOptions {
  readonly party: readonly string[];
  readonly dealer: string;
  readonly precision: string;
  readonly out: string;
  readonly force?: true;
}

/** Adds the command and its subcommands. */
export function sessionCommand(root: Command, terminal: Terminal): void {
  const session = root
    .command('session')
    .description('create, inspect or change the session file that all parties share');
  session
    .command('create')
    .description('write a session file; parties get their ranks in the order given')
    .requiredOption('--party <member>', `a party: ${MEMBER_FORM}; once per party`, append, [])
    .requiredOption('--dealer <member>', `who deals randomness: ${MEMBER_FORM}`)
    .option('--precision <bits>', 'fractional bits', String(DEFAULT_PRECISION))
    .requiredOption('--out <file>', 'session file to write')
    .option('--force', 'write over an existing file')
    .action((options: CreateOptions) => create(terminal, options));
  session
    .command('show')
    .argument('<file>', 'session file')
    .description('show names, ranks, fingerprints and addresses')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { json?: true }) => {
      const manifest = await loadManifest(file);
      show(terminal, manifest, options.json === true);
    });
  session
    .command('address')
    .argument('<file>', 'session file')
    .argument('<changes...>', 'NAME=HOST:PORT, once per member')
    .description('set addresses; they may differ between the copies of a session file')
    .action(async (file: string, changes: readonly string[]) => {
      const manifest = changes.reduce(withAddress, await loadManifest(file));
      await saveManifest(file, manifest, true);
      show(terminal, manifest, false);
    });
}

async function create(terminal: Terminal, options: CreateOptions): Promise<void> {
  if (options.party.length < 2) throw new UsageError('a session needs two parties or more');
  const manifest = parseManifest({
    format: 'cryptensor-session',
    version: 1,
    session: freshSessionId(),
    mode: 'dealer',
    precision: Number(options.precision),
    parties: options.party.map((text, rank) => ({ rank, ...readMember(text) })),
    dealer: readMember(options.dealer),
  });
  await saveManifest(options.out, manifest, options.force === true);
  show(terminal, manifest, false);
  const lacking = members(manifest)
    .filter((member, rank) => member.address === undefined && needsAddress(manifest, rank))
    .map(({ name }) => name);
  if (lacking.length > 0) {
    const names = lacking.join(', ');
    const advice = `cryptensor session address ${options.out} ${lacking[0]}=HOST:PORT`;
    terminal.note(`${terminal.paintError('yellow', 'note')}  no address yet: ${names}; ${advice}`);
  }
}

/** A random session id: two sessions of the same members never look alike. */
export function freshSessionId(): string {
  return toHex(globalThis.crypto.getRandomValues(new Uint8Array(SESSION_ID_BYTES)));
}

/** Everybody is dialled by somebody, except the last party. */
function needsAddress(manifest: Manifest, rank: number): boolean {
  return rank !== manifest.parties.length - 1;
}

function show(terminal: Terminal, manifest: Manifest, json: boolean): void {
  const hash = toHex(manifestHash(manifest));
  if (json) {
    const prints = members(manifest).map(({ name, publicKey }) => ({
      name,
      fingerprint: publicKey === undefined ? null : fingerprint(fromHex(publicKey)),
    }));
    terminal.print(JSON.stringify({ ...manifestJson(manifest), hash, fingerprints: prints }));
    return;
  }
  const { paint } = terminal;
  const { session, mode, precision } = manifest;
  terminal.print(`${paint('dim', 'session    ')}${session}`);
  terminal.print(
    `${paint('dim', 'trust      ')}${mode}: the dealer sees no values, and must collude with no party`,
  );
  terminal.print(`${paint('dim', 'precision  ')}${precision} fractional bits`);
  terminal.print(`${paint('dim', 'hash       ')}${hash.slice(0, 32)}  (the same at every party)`);
  terminal.print();
  const rows = members(manifest).map((member, rank) => [
    rank < manifest.parties.length ? `party ${rank}` : 'dealer',
    member.name,
    member.publicKey === undefined ? '?' : fingerprint(fromHex(member.publicKey)),
    member.address ?? '-',
  ]);
  terminal.print(table(['role', 'name', 'fingerprint', 'address'], rows, paint, ['left']));
}

function readMember(text: string): Omit<Member, 'address'> & { address?: string } {
  const match = /^([^=]+)=([0-9a-fA-F]{64})(?:@(.+))?$/.exec(text);
  if (match === null) throw new UsageError(`not a member: "${text}"; use ${MEMBER_FORM}`);
  const [, name, publicKey, address] = match;
  const member = { name, publicKey: publicKey.toLowerCase() };
  return address === undefined ? member : { ...member, address };
}

function withAddress(manifest: Manifest, change: string): Manifest {
  const cut = change.indexOf('=');
  const name = change.slice(0, Math.max(cut, 0));
  const address = change.slice(cut + 1);
  const known = members(manifest).map((member) => member.name);
  if (cut <= 0) throw new UsageError(`not a change: "${change}"; use NAME=HOST:PORT`);
  if (!known.includes(name)) {
    throw new UsageError(`the session has no "${name}"; there are ${known.join(', ')}`);
  }
  const changed = <T extends Member>(member: T): T =>
    member.name === name ? { ...member, address } : member;
  const { parties, dealer } = manifest;
  return parseManifest(
    manifestJson({
      ...manifest,
      parties: parties.map(changed),
      dealer: dealer === undefined ? undefined : changed(dealer),
    }),
  );
}

function append(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
