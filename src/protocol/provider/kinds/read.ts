/**
 * From a peer's bytes to a checked request: the door of the dealer.
 * @module
 */

import { MpcError } from '../../../core/errors.ts';
import { DescriptorReader, MAX_REQUEST_WORDS } from '../descriptor.ts';
import type { MaterialRequest } from '../material.ts';
import { COMPARE_KIND, readCompare, readRectify, RECTIFY_KIND } from './comparison.ts';
import { PRODUCT_KIND, readProduct } from './product.ts';
import { readSpline, SPLINE_KIND } from './spline.ts';
import {
  readTruncateOpened,
  readTruncatePair,
  TRUNCATE_OPENED_KIND,
  TRUNCATE_PAIR_KIND,
} from './truncation.ts';

const READERS: ReadonlyMap<number, (reader: DescriptorReader) => MaterialRequest> = new Map([
  [PRODUCT_KIND, readProduct],
  [TRUNCATE_PAIR_KIND, readTruncatePair],
  [TRUNCATE_OPENED_KIND, readTruncateOpened],
  [COMPARE_KIND, readCompare],
  [RECTIFY_KIND, readRectify],
  [SPLINE_KIND, readSpline],
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
