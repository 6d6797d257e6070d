/**
 * Floats of 16 bits: IEEE 754 binary16 (f16) and the upper half of binary32 (bf16).
 * @module
 */

/** A layout of sign, exponent and fraction in 16 bits. */
interface Layout {
  readonly fraction: number;
  /** Exponent of the smallest normal number. */
  readonly least: number;
}

const BINARY16: Layout = { fraction: 10, least: -14 };
const BFLOAT16: Layout = { fraction: 7, least: -126 };

/** Adding and taking away 2^52 rounds a double below it to a whole number, ties to even. */
const WHOLE = 2 ** 52;
const SCRATCH = new DataView(new ArrayBuffer(8));

function read({ fraction, least }: Layout, bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits & 0x7fff) >> fraction;
  const digits = bits & ((1 << fraction) - 1);
  if (exponent === 0x7fff >> fraction) return digits === 0 ? sign * Infinity : NaN;
  const unit = 2 ** (Math.max(exponent, 1) - 1 + least - fraction);
  return sign * (exponent === 0 ? digits : digits + (1 << fraction)) * unit;
}

/** Rounds once, to the nearest, ties to even; what is too large becomes infinite. */
function write({ fraction, least }: Layout, value: number): number {
  const infinite = (0x7fff >> fraction) << fraction;
  if (Number.isNaN(value)) return infinite | (1 << (fraction - 1));
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === Infinity) return sign | infinite;
  const exponent = Math.max(exponentOf(size), least);
  const digits = size / 2 ** (exponent - fraction) + WHOLE - WHOLE;
  // A subnormal number has exponent bits 0; a carry out of the digits runs into the exponent, as it should.
  const bits = ((exponent - least) << fraction) + digits;
  return sign | Math.min(bits, infinite);
}

/** floor(log2 size), from the bits of the double; subnormal doubles are below anything that matters here. */
function exponentOf(size: number): number {
  SCRATCH.setFloat64(0, size);
  return (SCRATCH.getUint16(0) >> 4) - 1023;
}

/** The number that 16 bits of binary16 stand for. */
export function fromFloat16(bits: number): number {
  return read(BINARY16, bits);
}

/** The nearest binary16, ties to even. */
export function toFloat16(value: number): number {
  return write(BINARY16, value);
}

/** The number that 16 bits of bfloat16 stand for. */
export function fromBfloat16(bits: number): number {
  return read(BFLOAT16, bits);
}

/** The nearest bfloat16, ties to even. */
export function toBfloat16(value: number): number {
  return write(BFLOAT16, value);
}
