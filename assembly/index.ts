/**
 * The export list of the kernel binary, and what it says about itself. Nothing else.
 *
 * The ABI number is KERNEL_ABI of src/kernels/contract.ts; a test compares them and the list below with the contract.
 * @module
 */

/** The number is the ABI. */
const HEAD: string = '{"abi":1,"simd":';

const KERNELS: string =
  'add sub mul neg addScalar mulScalar shiftLeft shiftRight xor and beaver ' +
  'gatherStrided scatterStrided sumAxis bitAt packLow unpackLow ' +
  'gatherRows addRows runningSums ' +
  'matmulScratch matmul ' +
  'encode decode ' +
  'blake3Xof ' +
  'truncateSplit truncateJoin truncateOpened selectOpened bitOpened truncateDeal ' +
  'compareBlocks compareTablesBytes compareTables compareCarry compareDealMono compareDealWide ' +
  'groupMasksBytes groupMasks groupBlocks groupJoin groupCarry groupDeal ' +
  'harmonicsDeal harmonicsSum powerDeal powerSum zeroDeal zeroBlocks zeroJoin zeroSelect ' +
  'shiftRightSigned bitTranspose bitUntranspose layerMask layerAnd layerDeal';

/** JSON: abi, simd, kernel names. Called through as-bind. */
export function describe(): string {
  return HEAD + (ASC_FEATURE_SIMD ? 'true' : 'false') + ',"kernels":"' + KERNELS + '"}';
}

export { reserve, release } from './heap';
export {
  add,
  sub,
  mul,
  neg,
  addScalar,
  mulScalar,
  shiftLeft,
  shiftRight,
  xor,
  and,
  beaver,
} from './elementwise';
export { gatherStrided, scatterStrided, sumAxis, bitAt, packLow, unpackLow } from './movement';
export { gatherRows, addRows, runningSums } from './rows';
export { matmulScratch, matmul } from './matmul';
export { matmulTile } from './matmul-tile';
export { encode, decode } from './fixed';
export { blake3Xof } from './blake3';
export {
  truncateSplit,
  truncateJoin,
  truncateOpened,
  selectOpened,
  bitOpened,
  truncateDeal,
} from './truncate';
export {
  compareBlocks,
  compareTablesBytes,
  compareTables,
  compareCarry,
  compareDealMono,
  compareDealWide,
} from './compare';
export {
  groupMasksBytes,
  groupMasks,
  groupBlocks,
  groupJoin,
  groupCarry,
  groupDeal,
} from './groups';
export { harmonicsDeal, harmonicsSum } from './harmonics';
export { powerDeal, powerSum } from './powers';
export { zeroDeal, zeroBlocks, zeroJoin, zeroSelect } from './zero';
export {
  shiftRightSigned,
  bitTranspose,
  bitUntranspose,
  layerMask,
  layerAnd,
  layerDeal,
} from './binary';
