/**
 * Ctrl-C as an AbortSignal.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { EXIT } from './exit.ts';

/** Longest time that telling the peers may take; ms. */
const GOODBYE_MS = 3000;

/**
 * A signal that aborts on Ctrl-C (SIGINT), SIGTERM or a closed terminal (SIGHUP); the second time the process ends at once.
 *
 * A supervised process leaves Ctrl-C to its parent, and stops on its word or when the parent is gone:
 * a terminal sends Ctrl-C to all processes at once, which would end each of them twice.
 */
export function interruption(supervised: boolean): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
    setTimeout(() => process.exit(EXIT.interrupted), GOODBYE_MS).unref();
  };
  if (supervised) {
    process.on('SIGINT', () => undefined);
    process.on('message', (message) => {
      if (message === 'stop') interrupt();
    });
    process.on('disconnect', () => {
      if (!controller.signal.aborted) interrupt();
    });
    // Listening must not keep a finished process alive.
    process.channel?.unref();
  } else {
    process.on('SIGINT', interrupt);
  }
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', interrupt);
  return controller.signal;
}

/** What peers and the user are told. */
export function interrupted(): MpcError {
  return new MpcError('ERR_MPC_INTERRUPTED', 'interrupted by its user');
}

/** Runs `work`, unless the user loses patience. */
export async function unlessInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let onAbort = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => reject(interrupted());
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
