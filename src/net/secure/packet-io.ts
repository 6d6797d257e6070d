/**
 * Small length-prefixed packets over a transport, for the time before records exist.
 *
 *   packet  u32 bytes of the rest · u8 type · body; at most 4 KiB
 * @module
 */

import { ByteQueue } from '../../core/byte-queue.ts';
import { concat, u32le } from '../../core/bytes.ts';
import { assert, MpcError } from '../../core/errors.ts';
import type { Transport, TransportHandler } from '../link.ts';

const MAX_PACKET_BYTES = 4096;

/** Numbers are wire format. */
export const PACKET_TYPES = { hello: 1, refuse: 2, noise: 3 } as const;

/** One packet. */
export interface Packet {
  readonly type: number;
  readonly body: Uint8Array;
}

/** Reads and writes packets, then hands the transport over to what comes next. */
export class PacketIo {
  readonly #transport: Transport;
  readonly #queue = new ByteQueue();
  #next: TransportHandler | undefined;
  #waiting: { resolve: (packet: Packet) => void; reject: (error: MpcError) => void } | undefined;
  #failure: MpcError | undefined;
  #end: { readonly error: MpcError | undefined } | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
    transport.start({
      data: (bytes) => {
        if (this.#next !== undefined) {
          this.#next.data(bytes);
          return;
        }
        this.#queue.push(new Uint8Array(bytes));
        this.#pump();
      },
      drained: () => this.#next?.drained?.(),
      closed: (error) => {
        if (this.#next !== undefined) {
          this.#next.closed(error);
          return;
        }
        this.#end = { error };
        const why = error?.message ?? `${transport.remote} ended the connection`;
        this.fail(
          new MpcError('ERR_MPC_TRANSPORT', `${why} during the handshake`, { cause: error }),
        );
      },
    });
  }

  write(type: number, body: Uint8Array): void {
    this.#transport.send([concat([u32le(body.length + 1), Uint8Array.of(type), body])]);
  }

  /** The next packet. Rejects with ERR_MPC_TRANSPORT or ERR_MPC_HANDSHAKE. */
  read(): Promise<Packet> {
    assert(this.#waiting === undefined, 'one packet is read at a time');
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#pump();
    });
  }

  /** Rejects the pending and every later read. */
  fail(error: MpcError): void {
    this.#failure ??= error;
    this.#pump();
  }

  /** Passes what has come and what will come to `handler`. */
  handOver(handler: TransportHandler): void {
    this.#next = handler;
    if (this.#queue.length > 0) handler.data(concat(this.#queue.take(this.#queue.length)));
    if (this.#end !== undefined) handler.closed(this.#end.error);
  }

  #pump(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (this.#queue.length >= 4) {
      const header = this.#queue.peek(4);
      const length = new DataView(header.buffer, header.byteOffset).getUint32(0, true);
      if (length < 1 || length > MAX_PACKET_BYTES) {
        const why = `${this.#transport.remote} does not speak cryptensor`;
        this.#failure ??= new MpcError('ERR_MPC_HANDSHAKE', why);
      } else if (this.#queue.length >= 4 + length) {
        const packet = concat(this.#queue.take(4 + length));
        this.#waiting = undefined;
        waiting.resolve({ type: packet[4], body: packet.subarray(5) });
        return;
      }
    }
    if (this.#failure === undefined) return;
    this.#waiting = undefined;
    waiting.reject(this.#failure);
  }
}
