/**
 * One authenticated link to every other participant of a session.
 *
 * Of each pair the dealer listens, or the lower rank, and the other one dials; unless the one to
 * listen has no address in the manifest (a page, a party behind a firewall): then it dials. So all
 * copies of a manifest must agree on who has an address, not on what it is. How to listen and dial is
 * injected: `mesh.node.ts`, `websocket.ts`. Agreement on a run comes after this, in `run.ts`.
 * @module
 */

import { equalBytes } from '../core/bytes.ts';
import { assert, MpcError } from '../core/errors.ts';
import { quiet } from '../core/later.ts';
import { fingerprint, type Identity } from './identity.ts';
import type { Transport } from './link.ts';
import { type Manifest, memberNames, members, pinnedKey } from './manifest.ts';
import { peerLabel } from './peer-label.ts';
import type { ChannelOptions, SecureLink } from './secure/channel.ts';
import type { Aead } from './secure/crypto.ts';
import { type ConfirmFingerprint, HandshakeFailure, shakeHands } from './secure/handshake.ts';
import { wrongKey } from './secure/hello.ts';

/** A bound address. */
export interface Listener {
  /** With the actual port. */
  readonly address: string;
  /** Stops keeping the process alive. */
  background(): void;
  close(): void;
}

/** How bytes get from machine to machine. */
export interface Network {
  listen(address: string, accept: (transport: Transport) => void): Promise<Listener>;
  dial(address: string, timeoutMs: number): Promise<Transport>;
}

/** Who connects, as whom, and how long it waits. */
export interface MeshOptions {
  readonly manifest: Manifest;
  readonly me: number | 'dealer';
  readonly identity: Identity;
  /** How long to wait for everybody; ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** `connected` as links come up, `refused` for callers turned away; text for people. */
  readonly onProgress?: (event: MeshEvent) => void;
  readonly confirmFingerprint?: ConfirmFingerprint;
  /** Where to listen if not on our address of the manifest, e.g. `0.0.0.0:7000`. */
  readonly listenAddress?: string;
  readonly channel?: Omit<ChannelOptions, 'peer' | 'label'>;
}

/** What happens while a session is being connected. */
export type MeshEvent =
  | { readonly type: 'listening'; readonly address: string }
  | { readonly type: 'connected'; readonly peer: number; readonly label: string }
  | { readonly type: 'refused'; readonly reason: string };

/** All links of a participant. */
export interface Mesh {
  readonly rank: number;
  readonly links: ReadonlyMap<number, SecureLink>;
  /** By rank, for MuxOptions.names. */
  readonly names: readonly string[];
  /** Stops turning away late callers; links stay. Happens by itself when all links have ended. */
  close(): void;
}

const HANDSHAKE_MS = 10_000;
const DIAL_MS = 5000;
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1000;
const MAX_CALLERS = 32;

/**
 * Connects with every other participant.
 *
 * @throws {MpcError} ERR_MPC_TIMEOUT naming who is missing and where; ERR_MPC_RANK, ERR_MPC_VERSION,
 * ERR_MPC_MANIFEST, ERR_MPC_HANDSHAKE as in `shakeHands`; ERR_MPC_MANIFEST also for a pair without
 * any address; ERR_MPC_TRANSPORT if we cannot listen; ERR_MPC_UNSUPPORTED for an address this runtime
 * has no means for; ERR_MPC_CLOSED if somebody leaves meanwhile; ERR_MPC_INTERRUPTED by `signal`.
 */
export async function buildMesh(options: MeshOptions, network: Network, aead: Aead): Promise<Mesh> {
  return new Builder(options, network, aead).build();
}

class Builder {
  readonly #options: MeshOptions;
  readonly #network: Network;
  readonly #aead: Aead;
  readonly #me: number;
  readonly #names: readonly string[];
  readonly #links = new Map<number, SecureLink>();
  /** Ranks whose link is accepted, or being handed to us. */
  readonly #claimed = new Set<number>();
  readonly #unfinished = new Set<Transport>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #deadlineMs: number;
  #listener: Listener | undefined;
  #state: 'connecting' | 'complete' | 'failed' = 'connecting';
  #lastRefusal = '';
  #resolve: () => void = () => undefined;
  #reject: (error: MpcError) => void = () => undefined;

  constructor(options: MeshOptions, network: Network, aead: Aead) {
    const { manifest, me, timeoutMs } = options;
    this.#options = options;
    this.#network = network;
    this.#aead = aead;
    this.#me = me === 'dealer' ? manifest.parties.length : me;
    this.#names = memberNames(manifest);
    this.#deadlineMs = performance.now() + timeoutMs;
  }

  async build(): Promise<Mesh> {
    const { signal, timeoutMs } = this.#options;
    this.#checkOurselves();
    const settled = quiet(
      new Promise<void>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      }),
    );
    const interrupt = (): void =>
      this.#fail(new MpcError('ERR_MPC_INTERRUPTED', 'connecting was interrupted'));
    signal?.addEventListener('abort', interrupt);
    this.#later(timeoutMs, () => this.#fail(this.#missing()));
    try {
      if (signal?.aborted === true) interrupt();
      await this.#listen();
      for (const peer of this.#peers()) if (this.#dials(peer)) void this.#dial(peer);
      await settled;
    } catch (error) {
      this.#stop('failed');
      this.#listener?.close();
      for (const link of this.#links.values()) link.close();
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
    this.#stop('complete');
    const listener = this.#listener;
    listener?.background();
    void Promise.all([...this.#links.values()].map(({ ended }) => ended)).then(() =>
      listener?.close(),
    );
    return {
      rank: this.#me,
      links: this.#links,
      names: this.#names,
      close: () => listener?.close(),
    };
  }

  #checkOurselves(): void {
    const { manifest, identity } = this.#options;
    if (members(manifest)[this.#me] === undefined) {
      throw new MpcError('ERR_MPC_RANK', `the manifest has no ${this.#label(this.#me)}`);
    }
    const pinned = pinnedKey(manifest, this.#me);
    const shown = identity.x25519.public;
    if (pinned !== undefined && !equalBytes(pinned, shown)) {
      const label = `${this.#label(this.#me)} (this process)`;
      throw wrongKey(label, fingerprint(pinned), fingerprint(shown));
    }
    const unreachable = this.#peers().filter((peer) => this.#addressOf(peer) === undefined);
    if (unreachable.length === 0 || this.#addressOf(this.#me) !== undefined) return;
    const labels = [this.#me, ...unreachable].map((rank) => this.#label(rank)).join(', ');
    const why = `manifest: no address for any of ${labels}: of every two members one must have one`;
    throw new MpcError('ERR_MPC_MANIFEST', why);
  }

  #peers(): number[] {
    return members(this.#options.manifest)
      .map((_, rank) => rank)
      .filter((rank) => rank !== this.#me);
  }

  /** Whether we dial `peer`; otherwise it dials us. */
  #dials(peer: number): boolean {
    const dealer = this.#options.manifest.parties.length;
    const callsFirst = peer === dealer || (this.#me !== dealer && peer < this.#me);
    return this.#addressOf(callsFirst ? peer : this.#me) === undefined ? !callsFirst : callsFirst;
  }

  #label(rank: number): string {
    return peerLabel(rank, this.#names);
  }

  #addressOf(rank: number): string | undefined {
    return members(this.#options.manifest)[rank].address;
  }

  async #listen(): Promise<void> {
    const own = this.#addressOf(this.#me);
    if (own === undefined || this.#peers().every((peer) => this.#dials(peer))) return;
    const address = this.#options.listenAddress ?? own;
    const listener = await this.#network.listen(
      address,
      (transport) => void this.#answer(transport),
    );
    this.#listener = listener;
    this.#options.onProgress?.({ type: 'listening', address: listener.address });
  }

  async #dial(peer: number): Promise<void> {
    const address = this.#addressOf(peer);
    assert(address !== undefined, 'who is dialled has an address');
    let retryMs = FIRST_RETRY_MS;
    while (this.#state === 'connecting') {
      try {
        const budget = Math.min(DIAL_MS, this.#remainingMs());
        const transport = await this.#network.dial(address, budget);
        await this.#shake(transport, peer);
        return;
      } catch (error) {
        if (!(error instanceof MpcError) || !isPassing(error)) {
          this.#fail(error instanceof MpcError ? error : odd(error));
          return;
        }
        this.#lastRefusal = error.message;
      }
      await new Promise<void>((resolve) => this.#later(retryMs, resolve));
      retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
    }
  }

  /** Somebody calls. Strangers are turned away and never disturb the session. */
  async #answer(transport: Transport): Promise<void> {
    if (this.#unfinished.size >= MAX_CALLERS) {
      transport.destroy();
      return;
    }
    try {
      await this.#shake(transport, undefined);
    } catch (error) {
      const reason = error instanceof MpcError ? error.message : 'the handshake failed';
      this.#options.onProgress?.({ type: 'refused', reason });
      this.#lastRefusal = reason;
      const ours = error instanceof HandshakeFailure && error.sameSession;
      if (ours && !isPassing(error) && error.code !== 'ERR_MPC_RANK') this.#fail(error);
    }
  }

  async #shake(transport: Transport, dialled: number | undefined): Promise<void> {
    if (this.#state === 'failed') {
      transport.destroy();
      return;
    }
    const { manifest, identity, confirmFingerprint, channel } = this.#options;
    const connecting = this.#state === 'connecting';
    this.#unfinished.add(transport);
    try {
      const { peer, link } = await shakeHands(
        transport,
        {
          manifest,
          me: this.#me,
          identity,
          aead: this.#aead,
          timeoutMs: connecting ? this.#handshakeMs() : HANDSHAKE_MS,
          admit: (rank, final) => this.#admit(rank, final),
          ...(confirmFingerprint === undefined ? {} : { confirmFingerprint }),
          ...(channel === undefined ? {} : { channel }),
        },
        dialled,
      );
      this.#connected(peer, link);
    } finally {
      this.#unfinished.delete(transport);
    }
  }

  /** People compare fingerprints slowly; machines with pinned keys do not. */
  #handshakeMs(): number {
    const slow = this.#options.confirmFingerprint !== undefined;
    return slow ? this.#remainingMs() : Math.min(HANDSHAKE_MS, this.#remainingMs());
  }

  #remainingMs(): number {
    return Math.max(this.#deadlineMs - performance.now(), 1);
  }

  #admit(rank: number, final: boolean): boolean {
    if (this.#state === 'failed' || this.#claimed.has(rank) || this.#dials(rank)) return false;
    if (final) this.#claimed.add(rank);
    return true;
  }

  #connected(peer: number, link: SecureLink): void {
    if (this.#state === 'failed') {
      link.close();
      return;
    }
    this.#links.set(peer, link);
    const label = this.#label(peer);
    this.#options.onProgress?.({ type: 'connected', peer, label });
    void link.ended.then((error) => {
      const why = `${label} left while the session was being connected`;
      const detail = error === undefined ? '' : `: ${error.message}`;
      this.#fail(new MpcError('ERR_MPC_CLOSED', why + detail, { cause: error }));
    });
    if (this.#links.size === this.#peers().length) {
      this.#state = 'complete';
      this.#resolve();
    }
  }

  #missing(): MpcError {
    const absent = this.#peers()
      .filter((peer) => !this.#links.has(peer))
      .map((peer) => {
        const place = this.#addressOf(peer) ?? 'no address';
        return `${this.#label(peer)} at ${place}${this.#dials(peer) ? '' : ' (it dials us)'}`;
      });
    const hint = this.#lastRefusal === '' ? '' : `; last: ${this.#lastRefusal}`;
    const why = `no connection within ${this.#options.timeoutMs} ms with ${absent.join(', ')}${hint}`;
    return new MpcError('ERR_MPC_TIMEOUT', why);
  }

  #fail(error: MpcError): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'failed';
    this.#reject(error);
  }

  #stop(state: 'complete' | 'failed'): void {
    this.#state = state;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    if (state === 'failed') for (const transport of this.#unfinished) transport.destroy();
  }

  #later(delayMs: number, body: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        body();
      },
      Math.min(delayMs, 2 ** 31 - 1),
    );
    this.#timers.add(timer);
  }
}

/** Whether trying again may help. */
function isPassing({ code }: MpcError): boolean {
  return code === 'ERR_MPC_TRANSPORT' || code === 'ERR_MPC_TIMEOUT' || code === 'ERR_MPC_CLOSED';
}

function odd(cause: unknown): MpcError {
  return new MpcError('ERR_MPC_TRANSPORT', 'connecting failed', { cause });
}
