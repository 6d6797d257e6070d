/**
 * Linear steps: what every party does to its own words, for every sharing scheme.
 * @module
 */

export {
  addAA,
  addAP,
  mulAP,
  negA,
  prompt,
  publicShare,
  refine,
  scaleA,
  subAA,
} from './arithmetic.ts';
export { foldA, type Fold } from './fold.ts';
export { matmulAP, matmulInto, matrixDims, type MatrixDims } from './linear.ts';
export { catA, placeA, reshapeA, sumA } from './movement.ts';
export { addRowsA, overwriteA, pickA, runningSumsA, type Rows } from './rows.ts';
export { constantA, rescaleA } from './scale.ts';
export type { PublicWords } from './words.ts';
