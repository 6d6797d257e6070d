/** Muxes over an in-process network, for tests. */
import { localNetwork, type LocalNetworkOptions } from '../../src/net/local.ts';
import { Meter } from '../../src/net/meter.ts';
import { type MessageId, Mux, type MuxOptions } from '../../src/net/mux.ts';

export type TestMux = { readonly mux: Mux; readonly meter: Meter };

export function localMuxes(
  n: number,
  network: LocalNetworkOptions = {},
  options: Partial<MuxOptions> = {},
): TestMux[] {
  const local = localNetwork(n, network);
  const names = ['alice', 'bob', 'carol', 'dave', 'erin'].slice(0, n);
  return names.map((_, rank) => {
    const meter = new Meter();
    const shuffle = local.shuffle === undefined ? {} : { shuffle: local.shuffle };
    const links = local.linksOf(rank);
    const mux = new Mux({ rank, names, links, timeoutMs: 5000, meter, ...shuffle, ...options });
    return { mux, meter };
  });
}

export const opening = (seq: number, ...space: MessageId['space']): MessageId => ({
  space,
  seq,
  kind: 1,
});

export function bytesOf(n: number, salt = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(n);
  for (let i = 0; i < n; i++) bytes[i] = i * 31 + salt * 17 + (i >> 8);
  return bytes;
}

/** The error a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error('expected a rejection');
}
