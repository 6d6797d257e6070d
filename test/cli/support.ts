/** Processes of the command line, each bounded by a kill timer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeLocalSession, type LocalSession } from '../../src/cli/local-session.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One process of the command line. */
export class Cli {
  readonly ended: Promise<Ended>;
  readonly #process: ChildProcess;
  #stdout = '';
  #stderr = '';
  readonly #watchers = new Set<() => void>();

  constructor(args: readonly string[], killAfterMs = 90_000, env: Record<string, string> = {}) {
    this.#process = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), killAfterMs);
    const { stdout, stderr } = this.#process;
    stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#watchers.forEach((look) => look());
    });
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#watchers.forEach((look) => look());
    });
    this.ended = new Promise((resolve) => {
      this.#process.on('close', (code, signal) => {
        clearTimeout(timer);
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
        this.#watchers.forEach((look) => look());
      });
    });
  }

  /** Sends a signal to this process alone. */
  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Waits until its output matches; rejects when it has ended without. */
  saw(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.test(this.#stdout) || pattern.test(this.#stderr);
        const over = this.#process.exitCode !== null || this.#process.signalCode !== null;
        if (!found && !over) return;
        this.#watchers.delete(look);
        if (found) resolve();
        else reject(new Error(`never saw ${String(pattern)}:\n${this.#stdout}\n${this.#stderr}`));
      };
      this.#watchers.add(look);
      look();
    });
  }
}

/** Runs one command to its end. */
export function cli(...args: string[]): Promise<Ended> {
  return new Cli(args).ended;
}

/** A temporary folder, removed by `remove`. */
export function temporaryFolder(): {
  folder: string;
  write(name: string, text: string): string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'cryptensor-test-'));
  return {
    folder,
    write(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Keys and a session file of alice, bob and a dealer on loopback. */
export function twoParties(): Promise<LocalSession> {
  return makeLocalSession(['alice', 'bob'], 16);
}

/** Options that place a process: 0 alice, 1 bob, 2 the dealer. */
export function placed(session: LocalSession, who: number, timeoutS = 40): string[] {
  return [
    ...['--session', session.sessionFile, '--identity', session.keyFiles[who]],
    ...['--timeout', String(timeoutS)],
  ];
}
