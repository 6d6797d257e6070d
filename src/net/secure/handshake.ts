/**
 * From a bare transport to an authenticated link: hellos, Noise, key confirmation.
 *
 * KK when the manifest pins both keys. XX otherwise: then no link is returned before the peer's
 * fingerprint is confirmed; the default is to refuse (M2). Which connections to make is decided in
 * `mesh.ts`.
 * @module
 */

import { equalBytes } from '../../core/bytes.ts';
import { MpcError, type MpcErrorCode } from '../../core/errors.ts';
import { decodeAbort, encodeAbort } from '../abort.ts';
import { fingerprint, type Identity } from '../identity.ts';
import type { Transport } from '../link.ts';
import { type Manifest, memberNames, members, pinnedKey } from '../manifest.ts';
import { peerLabel } from '../peer-label.ts';
import { type ChannelOptions, SecureLink } from './channel.ts';
import type { Aead } from './crypto.ts';
import {
  compareHellos,
  decodeHello,
  encodeHello,
  helloOf,
  patternFor,
  prologueOf,
  wrongKey,
} from './hello.ts';
import { HandshakeState } from './noise.ts';
import { type Packet, PACKET_TYPES, PacketIo } from './packet-io.ts';
import { CLOSE_REASONS } from './record.ts';

/** Codes a refusal of the other side may carry over. */
const REFUSALS: readonly MpcErrorCode[] = ['ERR_MPC_RANK', 'ERR_MPC_MANIFEST', 'ERR_MPC_VERSION'];

/** Asks a person whether this is the peer's key; see `fingerprint`. */
export type ConfirmFingerprint = (peer: number, fingerprint: string) => boolean | Promise<boolean>;

/** Who we are and whom we accept. */
export interface HandshakeSettings {
  readonly manifest: Manifest;
  /** Our rank; the dealer's is the number of parties. */
  readonly me: number;
  readonly identity: Identity;
  readonly aead: Aead;
  readonly timeoutMs: number;
  /** Needed where a key is not pinned; without it such peers are refused. */
  readonly confirmFingerprint?: ConfirmFingerprint;
  readonly channel?: Omit<ChannelOptions, 'peer' | 'label'>;
  /**
   * The dialled side: whether a rank may still connect. Asked at the hello and again, as the last
   * step (`final`), when the peer has proved its key: a `true` then means it is connected.
   */
  readonly admit?: (peer: number, final: boolean) => boolean;
}

/** An authenticated peer. */
export interface Connected {
  readonly peer: number;
  readonly link: SecureLink;
}

/** What a failed handshake says of the peer; `session` is whether it named our session. */
export class HandshakeFailure extends MpcError {
  readonly sameSession: boolean;
  constructor(error: MpcError, sameSession: boolean) {
    super(error.code, error.message, { cause: error.cause });
    this.name = error.name;
    this.sameSession = sameSession;
  }
}

/**
 * Runs the handshake; the transport must not have been started.
 *
 * @param dialled the rank we dialled; undefined: we were called, the hello says by whom.
 * @throws {HandshakeFailure} with code ERR_MPC_HANDSHAKE (key, tampering), ERR_MPC_RANK, ERR_MPC_VERSION,
 * ERR_MPC_MANIFEST (terms), ERR_MPC_TIMEOUT, ERR_MPC_TRANSPORT (connection lost).
 */
export async function shakeHands(
  transport: Transport,
  settings: HandshakeSettings,
  dialled: number | undefined,
): Promise<Connected> {
  const attempt = new Attempt(transport, settings, dialled);
  const timer = setTimeout(() => attempt.timeOut(), settings.timeoutMs);
  try {
    return await attempt.run();
  } finally {
    clearTimeout(timer);
  }
}

class Attempt {
  readonly #transport: Transport;
  readonly #settings: HandshakeSettings;
  readonly #dialled: number | undefined;
  readonly #io: PacketIo;
  #label: string;
  #peer: number | undefined;
  #sameSession: boolean;
  #link: SecureLink | undefined;
  #timeout: MpcError | undefined;

  constructor(transport: Transport, settings: HandshakeSettings, dialled: number | undefined) {
    this.#transport = transport;
    this.#settings = settings;
    this.#dialled = dialled;
    this.#sameSession = dialled !== undefined;
    this.#label =
      dialled === undefined ? transport.remote : peerLabel(dialled, memberNames(settings.manifest));
    this.#io = new PacketIo(transport);
  }

  timeOut(): void {
    const why = `no answer from ${this.#label} during the handshake for ${this.#settings.timeoutMs} ms`;
    this.#timeout = new MpcError('ERR_MPC_TIMEOUT', why);
    this.#io.fail(this.#timeout);
    this.#link?.destroy();
  }

  async run(): Promise<Connected> {
    try {
      return await this.#run();
    } catch (cause) {
      let error = cause instanceof MpcError ? cause : odd(cause);
      if (this.#timeout !== undefined) error = this.#timeout;
      if (this.#link !== undefined) {
        this.#link.close();
      } else {
        if (!(error instanceof Refused)) this.#io.write(PACKET_TYPES.refuse, encodeAbort(error));
        this.#transport.close();
      }
      throw new HandshakeFailure(error, this.#sameSession);
    }
  }

  async #run(): Promise<Connected> {
    const { manifest, me, identity, aead } = this.#settings;
    const { ours, theirs, peer } = await this.#hellos();
    const initiator = this.#dialled !== undefined;
    const pattern = patternFor(manifest, me, peer);
    const pinned = pinnedKey(manifest, peer);
    const noise = new HandshakeState({
      pattern,
      initiator,
      prologue: initiator ? prologueOf(ours, theirs) : prologueOf(theirs, ours),
      s: identity.x25519,
      ...(pattern === 'KK' && pinned !== undefined ? { rs: pinned } : {}),
      aead,
    });
    try {
      while (!noise.finished) {
        if (noise.ourTurn) this.#io.write(PACKET_TYPES.noise, await noise.write());
        else await noise.read((await this.#packet(PACKET_TYPES.noise)).body);
      }
    } catch (cause) {
      noise.wipe();
      throw this.#noiseError(cause, pinned);
    }
    const result = noise.finish();
    const link = new SecureLink(this.#transport, result, {
      ...this.#settings.channel,
      peer,
      label: this.#label,
    });
    this.#link = link;
    this.#io.handOver(link);
    await this.#confirmKey(peer, pinned, result.remoteStatic);
    if (initiator) link.sendReady();
    await this.#confirmed(link);
    if (!initiator) {
      if (this.#settings.admit?.(peer, true) === false) {
        link.closeFor(CLOSE_REASONS.rankTaken);
        throw this.#rankTaken();
      }
      link.sendReady();
    }
    return { peer, link };
  }

  /** Waits for the peer's key confirmation. */
  async #confirmed(link: SecureLink): Promise<void> {
    try {
      await link.ready;
    } catch (cause) {
      if (!(cause instanceof MpcError) || cause.code !== 'ERR_MPC_ABORT') throw cause;
      const why = `${this.#label} did not confirm the channel's keys: ${cause.message}`;
      throw new MpcError('ERR_MPC_HANDSHAKE', why, { cause });
    }
  }

  /** Exchanges and compares hellos; the calling side speaks first. */
  async #hellos(): Promise<{ ours: Uint8Array; theirs: Uint8Array; peer: number }> {
    const { manifest, me, identity, admit } = this.#settings;
    const helloTo = (peer: number) =>
      helloOf(manifest, me, patternFor(manifest, me, peer), identity.x25519.public);
    if (this.#dialled !== undefined) {
      const peer = (this.#peer = this.#dialled);
      const hello = helloTo(peer);
      const ours = encodeHello(hello);
      this.#io.write(PACKET_TYPES.hello, ours);
      const theirs = (await this.#packet(PACKET_TYPES.hello)).body;
      const answer = decodeHello(theirs);
      if (answer.rank !== peer) {
        const why = `${this.#label} was expected at ${this.#transport.remote}, rank ${answer.rank} answers there`;
        throw new MpcError('ERR_MPC_RANK', why);
      }
      compareHellos(manifest, hello, answer);
      return { ours, theirs, peer };
    }
    const theirs = (await this.#packet(PACKET_TYPES.hello)).body;
    const call = decodeHello(theirs);
    const peer = (this.#peer = call.rank);
    const hello = helloTo(peer);
    this.#sameSession = call.session === hello.session;
    this.#label = peerLabel(peer, memberNames(manifest));
    // Our hello first: the caller then names the differences from its own side.
    const ours = encodeHello(hello);
    if (this.#sameSession && (peer === me || peer >= members(manifest).length)) {
      const why =
        peer === me ? `two processes take part as ${this.#label}` : `no rank ${peer} here`;
      throw new MpcError('ERR_MPC_RANK', why);
    }
    if (this.#sameSession && admit?.(peer, false) === false) throw this.#rankTaken();
    this.#io.write(PACKET_TYPES.hello, ours);
    compareHellos(manifest, hello, call);
    return { ours, theirs, peer };
  }

  async #packet(type: number): Promise<Packet> {
    const packet = await this.#io.read();
    if (packet.type === type) return packet;
    if (packet.type !== PACKET_TYPES.refuse) {
      throw new MpcError('ERR_MPC_HANDSHAKE', `${this.#label} sent a packet out of turn`);
    }
    const { code, text } = decodeAbort(packet.body);
    const known = REFUSALS.find((refusal) => refusal === code) ?? 'ERR_MPC_HANDSHAKE';
    throw new Refused(known, `${this.#label} refuses us: ${text === '' ? code : text}`);
  }

  /** Which key, rather than which message: that is what the user can act on. */
  #noiseError(cause: unknown, pinned: Uint8Array | undefined): unknown {
    if (!(cause instanceof MpcError) || cause instanceof Refused) return cause;
    if (cause.code !== 'ERR_MPC_HANDSHAKE' || pinned === undefined) return cause;
    const ours = fingerprint(this.#settings.identity.x25519.public);
    const why =
      `${this.#label} did not prove to hold its key, or the connection was tampered with: ` +
      `pinned ${fingerprint(pinned)}, our own key ${ours}`;
    return new MpcError('ERR_MPC_HANDSHAKE', why, { cause });
  }

  async #confirmKey(
    peer: number,
    pinned: Uint8Array | undefined,
    shown: Uint8Array,
  ): Promise<void> {
    const print = fingerprint(shown);
    if (pinned !== undefined) {
      if (!equalBytes(pinned, shown)) throw wrongKey(this.#label, fingerprint(pinned), print);
      return;
    }
    if ((await this.#settings.confirmFingerprint?.(peer, print)) === true) return;
    const why = `${this.#label} has no key in the manifest and its fingerprint was not confirmed: ${print}`;
    throw new MpcError('ERR_MPC_HANDSHAKE', why);
  }

  #rankTaken(): MpcError {
    const why = `another process takes part as ${peerLabel(this.#peer ?? -1, memberNames(this.#settings.manifest))} already`;
    return new MpcError('ERR_MPC_RANK', why);
  }
}

/** The other side said no: it needs no answer. */
class Refused extends MpcError {}

function odd(cause: unknown): MpcError {
  return new MpcError('ERR_MPC_HANDSHAKE', 'the handshake failed', { cause });
}
