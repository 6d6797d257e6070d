/**
 * From a peer's bytes to a checked request: the door of the dealer.
 * @module
 */

import { MpcError } from '../../../core/errors.ts';
import { DescriptorReader, MAX_REQUEST_WORDS } from '../descriptor.ts';
import type { MaterialRequest } from '../material.ts';
import { CIRCUIT_KIND, readCircuit } from './binary.ts';
import { COMPARE_KIND, readCompare, readRectify, RECTIFY_KIND } from './comparison.ts';
import { readToArithmetic, readToBinary, TO_ARITHMETIC_KIND, TO_BINARY_KIND } from './convert.ts';
import { CURVE_KIND, readCurve } from './curve.ts';
import { POWER_KIND, readPower } from './power.ts';
import { PRODUCT_KIND, readProduct } from './product.ts';
import { RANDOM_KIND, readRandom } from './random.ts';
import { readSeries, SERIES_KIND } from './series.ts';
import { readSteps, STEPS_KIND } from './steps.ts';
import {
  readTruncateOpened,
  readTruncatePair,
  TRUNCATE_OPENED_KIND,
  TRUNCATE_PAIR_KIND,
} from './truncation.ts';
import { readZero, ZERO_KIND } from './zero.ts';

const READERS: ReadonlyMap<number, (reader: DescriptorReader) => MaterialRequest> = new Map([
  [PRODUCT_KIND, readProduct],
  [TRUNCATE_PAIR_KIND, readTruncatePair],
  [TRUNCATE_OPENED_KIND, readTruncateOpened],
  [COMPARE_KIND, readCompare],
  [RECTIFY_KIND, readRectify],
  [SERIES_KIND, readSeries],
  [RANDOM_KIND, readRandom],
  [STEPS_KIND, readSteps],
  [CURVE_KIND, readCurve],
  [POWER_KIND, readPower],
  [ZERO_KIND, readZero],
  [CIRCUIT_KIND, readCircuit],
  [TO_BINARY_KIND, readToBinary],
  [TO_ARITHMETIC_KIND, readToArithmetic],
]);

/** No descriptor is longer: two masks at 8 forks and 8 dims take 359 bytes. */
const MAX_DESCRIPTOR_BYTES = 512;

/**
 * Decodes a request.
 *
 * @throws {MpcError} ERR_MPC_ABORT if it is malformed or asks for something unknown or too large.
 */
export function readRequest(descriptor: Uint8Array): MaterialRequest {
  if (descriptor.length > MAX_DESCRIPTOR_BYTES) {
    throw new MpcError('ERR_MPC_ABORT', 'material request is too long');
  }
  const reader = new DescriptorReader(descriptor);
  const kind = reader.u8();
  const read = READERS.get(kind);
  if (read === undefined)
    throw new MpcError('ERR_MPC_ABORT', `material request: unknown kind ${kind}`);
  const request = read(reader);
  if (request.descriptor.some((byte, i) => byte !== descriptor[i])) {
    throw new MpcError('ERR_MPC_ABORT', 'material request is not in canonical form');
  }
  if (request.segments.some(({ words }) => words > MAX_REQUEST_WORDS)) {
    throw new MpcError('ERR_MPC_ABORT', 'material request is too large');
  }
  return request;
}
