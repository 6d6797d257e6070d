/**
 * Several parties on this machine: one operating-system process each, watched by this one.
 *
 * A child runs the same command line with `--supervised`: its progress and result come as messages
 * over a pipe between the processes, its output as lines. It stops when this process says so, or is
 * gone.
 * @module
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { EXIT } from './exit.ts';

/** What a supervised child says. */
export type ChildMessage =
  | { readonly kind: 'progress'; readonly text: string; readonly part?: number | undefined }
  | { readonly kind: 'milestone'; readonly text: string }
  | { readonly kind: 'result'; readonly value: unknown };

/** How a child is to be run. */
export interface ChildPlan {
  /** Shown before its lines. */
  readonly name: string;
  /** Command and options, without `--supervised`. */
  readonly args: readonly string[];
}

/** What a child does that somebody may want to show. */
export interface ChildEvents {
  progress(child: string, text: string, part: number | undefined): void;
  milestone(child: string, text: string): void;
  line(child: string, stream: 'out' | 'err', text: string): void;
}

/** How a child ended. */
export interface ChildEnd {
  readonly name: string;
  readonly exitCode: number;
  readonly result: unknown;
  /** Set if a signal ended it. */
  readonly signal: NodeJS.Signals | undefined;
  /** It was asked to stop, so its exit code says nothing. */
  readonly stopped: boolean;
}

/** How long the others may take to notice the first failure; then they are asked to stop. */
const NOTICE_MS = 3000;
/** How long anybody may take to stop. */
const GRACE_MS = 10_000;

/** Starts all children and waits until every one has ended; the first failure bounds the others. */
export async function runChildren(
  plans: readonly ChildPlan[],
  events: ChildEvents,
  signal: AbortSignal,
): Promise<ChildEnd[]> {
  const children = plans.map((plan) => new Child(plan, events));
  let notice: NodeJS.Timeout | undefined;
  let grace: NodeJS.Timeout | undefined;
  const stop = (): void => {
    children.forEach((child) => child.stop());
    grace ??= setTimeout(killAll, GRACE_MS);
  };
  const killAll = (): void => children.forEach((child) => child.kill());
  signal.addEventListener('abort', stop);
  process.on('exit', killAll);
  if (signal.aborted) stop();
  const ends = await Promise.all(
    children.map(async (child) => {
      const end = await child.ended;
      // Those that were never connected with it cannot notice.
      if (end.exitCode !== EXIT.ok) notice ??= setTimeout(stop, NOTICE_MS);
      return end;
    }),
  );
  clearTimeout(notice);
  clearTimeout(grace);
  signal.removeEventListener('abort', stop);
  process.off('exit', killAll);
  return ends;
}

/** The exit code that says most about a group: a cause before the complaints that it led to. */
export function groupExitCode(ends: readonly ChildEnd[]): number {
  const codes = ends
    .filter(({ stopped }) => !stopped)
    .map(({ exitCode }) => exitCode)
    .filter((code) => code !== EXIT.ok);
  return codes.find((code) => code !== EXIT.peer) ?? codes[0] ?? EXIT.ok;
}

/** Sends a message to the parent of this process, if it is supervised. */
export function tellParent(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

/** One process. */
class Child {
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess;
  #result: unknown;
  #stopped = false;

  constructor(plan: ChildPlan, events: ChildEvents) {
    const { name, args } = plan;
    const command = [...process.execArgv, process.argv[1], ...args, '--supervised'];
    // Options of the command stand before `--`, arguments of the program after it.
    const cut = args.indexOf('--');
    if (cut >= 0) {
      command.splice(
        process.execArgv.length + 1,
        Infinity,
        ...args.slice(0, cut),
        '--supervised',
        ...args.slice(cut),
      );
    }
    this.#process = spawn(process.execPath, command, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const { stdout, stderr } = this.#process;
    const lines = Promise.all([
      eachLine(stdout, (text) => events.line(name, 'out', text)),
      eachLine(stderr, (text) => {
        // That it was stopped is no news to whoever stopped it.
        if (!this.#stopped) events.line(name, 'err', text);
      }),
    ]);
    this.#process.on('message', (message) => {
      const said = readMessage(message);
      if (said?.kind === 'progress') events.progress(name, said.text, said.part);
      if (said?.kind === 'milestone') events.milestone(name, said.text);
      if (said?.kind === 'result') this.#result = said.value;
    });
    const exit = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      this.#process.on('error', () => resolve([EXIT.program, null]));
      this.#process.on('close', (code, signal) => resolve([code, signal]));
    });
    this.ended = exit.then(async ([code, signal]) => {
      await lines;
      return {
        name,
        exitCode: code ?? EXIT.peer,
        result: this.#result,
        signal: signal ?? undefined,
        stopped: this.#stopped,
      };
    });
  }

  /** Asks it to say good-bye to its peers and end. */
  stop(): void {
    this.#stopped = true;
    if (this.#process.connected) this.#process.send('stop');
  }

  kill(): void {
    if (this.#process.exitCode === null) this.#process.kill('SIGKILL');
  }
}

async function eachLine(stream: Readable | null, take: (text: string) => void): Promise<void> {
  if (stream === null) return;
  for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) take(text);
}

function readMessage(message: unknown): ChildMessage | undefined {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return undefined;
  if (message.kind === 'progress' && 'text' in message) {
    const part = 'part' in message && typeof message.part === 'number' ? message.part : undefined;
    return { kind: 'progress', text: String(message.text), part };
  }
  if (message.kind === 'milestone' && 'text' in message) {
    return { kind: 'milestone', text: String(message.text) };
  }
  if (message.kind === 'result' && 'value' in message) {
    return { kind: 'result', value: message.value };
  }
  return undefined;
}
