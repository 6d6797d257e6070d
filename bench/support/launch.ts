/**
 * Starts the processes of a benchmark: two parties and a dealer with keys and a session made for it.
 * @module
 */

import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { generateIdentity, identityJson } from '../../src/net/identity.ts';
import { toHex } from '../../src/core/bytes.ts';
import { bundled } from './bundle.ts';
import { slowest, type Order, type OurFigures, type Runner } from './figures.ts';

/** Told to a party in place of an order. */
export const END = 'end';

/** Kernels that the parties use. */
export type Backend = 'auto' | 'wasm' | 'ts';

/** What a process is told first. A party answers `ready`, takes orders, and closes at `END`. */
export interface Place {
  readonly role: 'party' | 'dealer';
  readonly manifest: unknown;
  readonly identity: unknown;
  readonly backend: Backend;
}

/** Starts our parties and their dealer; each order goes to both parties. */
export async function startParties(backend: Backend): Promise<Runner<OurFigures>> {
  const { manifest, identities } = await makeBenchSession();
  const program = await bundled('member');
  const children = identities.map((identity, i) => {
    const child = fork(program, {
      execArgv: process.execArgv.filter((arg) => !/^--import|^tsx$/.test(arg)),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    const place: Place = { role: i === 2 ? 'dealer' : 'party', manifest, identity, backend };
    child.send(place);
    return child;
  });
  const parties = children.slice(0, 2);
  const ends = Promise.all(children.map(ended));
  const failure = ends.then(() => new Promise<never>(() => undefined));
  failure.catch(() => undefined);
  await Promise.race([Promise.all(parties.map((party) => heard(party))), failure]);
  return {
    run: async (order) => {
      const replies = Promise.all(parties.map((child) => reply(child, order)));
      return slowest(await Promise.race([replies, failure]));
    },
    close: async () => {
      for (const party of parties) party.send(END);
      await ends;
    },
  };
}

function reply(child: ChildProcess, order: Order): Promise<OurFigures> {
  child.send(order);
  return heard<OurFigures>(child);
}

function heard<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as T)));
}

/** A session of two parties and a dealer on free loopback ports, as JSON. */
export interface BenchSession {
  readonly manifest: unknown;
  /** Key files of party 0, party 1 and the dealer. */
  readonly identities: readonly unknown[];
}

/** Makes keys and a session for one benchmark. */
export async function makeBenchSession(): Promise<BenchSession> {
  const identities = ['alice', 'bob', 'dealer'].map((name) => generateIdentity(name));
  const ports = await Promise.all(identities.map(freePort));
  const member = (i: number): object => ({
    name: identities[i].name,
    publicKey: toHex(identities[i].x25519.public),
    address: `127.0.0.1:${ports[i]}`,
  });
  const manifest = {
    format: 'cryptensor-session',
    version: 1,
    session: `bench-${Date.now().toString(36)}-0000000000`,
    mode: 'dealer',
    precision: 16,
    parties: [0, 1].map((rank) => ({ rank, ...member(rank) })),
    dealer: member(2),
  };
  return { manifest, identities: identities.map(identityJson) };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a benchmark process ended with code ${code}`));
    });
  });
}

/** A port of this machine that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
