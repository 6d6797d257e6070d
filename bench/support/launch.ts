/**
 * Starts the processes of a benchmark: two parties and a dealer with keys and a session made for it.
 * @module
 */

import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  generateIdentity,
  identityJson,
  parseIdentity,
  type Identity,
} from '../../src/net/identity.ts';
import { toHex } from '../../src/core/bytes.ts';

/** What a process is told. */
export interface MemberOrder {
  readonly role: 'party' | 'dealer';
  readonly manifest: unknown;
  readonly identity: unknown;
  readonly workloads: readonly string[];
  readonly reps: number;
  readonly backend: 'auto' | 'wasm' | 'ts';
}

/** What a party measured for one workload; times in milliseconds, one entry a repetition. */
export interface MemberReply {
  readonly name: string;
  readonly rounds: number;
  readonly bytesSent: number;
  readonly preprocessBytes: number;
  readonly maxAbsError: number;
  readonly online: readonly number[];
  readonly pending: readonly number[];
  readonly preprocess: readonly number[];
  readonly total: readonly number[];
  readonly cpu: readonly number[];
}

export function identityOfJson(json: unknown): Identity {
  return parseIdentity(json);
}

/** Runs the workloads in fresh processes; `onReplies` gets both parties' figures for each. */
export async function runMembers(
  workloads: readonly string[],
  reps: number,
  backend: MemberOrder['backend'],
  onReplies: (replies: readonly MemberReply[]) => void,
): Promise<void> {
  const { manifest, identities } = await makeBenchSession();
  const waiting = new Map<string, MemberReply>();
  const children = identities.map((identity, i) => {
    const child = fork(fileURLToPath(new URL('./member.ts', import.meta.url)), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('message', (reply: MemberReply) => {
      const other = waiting.get(reply.name);
      waiting.set(reply.name, reply);
      if (other !== undefined) onReplies([other, reply]);
    });
    const role = i === 2 ? 'dealer' : 'party';
    child.send({ role, manifest, identity, workloads, reps, backend });
    return child;
  });
  await Promise.all(children.map(ended));
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

function freePort(): Promise<number> {
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
