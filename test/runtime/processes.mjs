/**
 * Child processes with a time limit, ended by their process id whatever happens.
 * @module
 */

import { spawn } from 'node:child_process';

const running = new Set();

/** Starts a process whose output is kept and, with `show`, printed. */
export function start(command, args, { cwd, show = false, env = {} } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const keep = (bytes) => {
    output += bytes;
    if (show) process.stdout.write(bytes);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: `${output}\n${error.message}` }));
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code: code ?? 1, signal, output });
    });
  });
  return { child, ended, output: () => output };
}

/** Runs a process to its end; after `seconds` it is killed and counts as failed. */
export async function run(command, args, { seconds, ...options }) {
  const { child, ended } = start(command, args, options);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, 1000 * seconds);
  const result = await ended;
  clearTimeout(timer);
  return late
    ? { ...result, code: 1, output: `${result.output}\ntime limit of ${seconds} s` }
    : result;
}

/** Rejects when `promise` takes longer. */
export async function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what}: time limit of ${seconds} s`)),
      1000 * seconds,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Kills what is left. */
export function killAll() {
  for (const child of running) child.kill('SIGKILL');
}

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
