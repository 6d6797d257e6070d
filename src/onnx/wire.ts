/**
 * Protocol buffers read within bounds: pbf decodes the scalars, this checks that every length fits into what holds it.
 * @module
 */

import { PbfReader } from 'pbf';
import { modelError } from './limits.ts';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** A message, read field by field; what `visit` does not read is skipped. */
export class Wire {
  readonly #pbf: PbfReader;
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#pbf = new PbfReader(bytes);
    this.#end = bytes.length;
  }

  /** Walks the fields of the message that the reader stands at. */
  fields(visit: (field: number) => void): void {
    const pbf = this.#pbf;
    for (let field = pbf.nextField(this.#end); field !== 0; field = pbf.nextField(this.#end)) {
      visit(field);
      if (pbf.pos > this.#end) throw truncated();
    }
    if (pbf.pos !== this.#end) throw truncated();
  }

  /** A nested message. */
  message(visit: (field: number) => void): void {
    const outer = this.#end;
    this.#end = this.#stretch();
    this.fields(visit);
    this.#end = outer;
  }

  /** A whole number; above 2^53 the nearest double. */
  int(): number {
    this.#expect(VARINT);
    return this.#pbf.readVarint(true);
  }

  /** One or several whole numbers, packed or not. */
  ints(into: number[]): void {
    this.#list(VARINT, into, () => this.#pbf.readVarint(true));
  }

  /** A 32-bit floating-point number. */
  float(): number {
    this.#expect(FIXED32);
    this.#room(4);
    return this.#pbf.readFloat();
  }

  /** One or several of them, packed or not. */
  floats(into: number[]): void {
    this.#list(FIXED32, into, () => this.#pbf.readFloat());
  }

  /** One or several 64-bit floating-point numbers, packed or not. */
  doubles(into: number[]): void {
    this.#list(FIXED64, into, () => this.#pbf.readDouble());
  }

  /** Text; broken UTF-8 reads as U+FFFD. */
  string(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** A view of bytes of the file. */
  bytes(): Uint8Array {
    const end = this.#stretch();
    const { buf, pos } = this.#pbf;
    this.#pbf.pos = end;
    return buf.subarray(pos, end);
  }

  #list(type: number, into: number[], read: () => number): void {
    if (this.#pbf.type !== BYTES) {
      this.#expect(type);
      into.push(read());
      return;
    }
    const end = this.#stretch();
    while (this.#pbf.pos < end) into.push(read());
    if (this.#pbf.pos !== end) throw truncated();
  }

  /** Reads a length and says where it ends. */
  #stretch(): number {
    this.#expect(BYTES);
    const length = this.#pbf.readVarint();
    this.#room(length);
    return this.#pbf.pos + length;
  }

  #expect(type: number): void {
    if (this.#pbf.type !== type) throw modelError('malformed file: a field has another wire type');
  }

  #room(bytes: number): void {
    if (!(bytes <= this.#end - this.#pbf.pos)) throw truncated();
  }
}

function truncated(): Error {
  return modelError('malformed file: a field ends outside what holds it');
}
