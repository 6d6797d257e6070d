/**
 * cryptensor: machine learning on data that nobody may see.
 *
 * This entry runs everywhere: in browsers, Deno and Node. The `node` entry adds TCP and files.
 * @module
 */

export { MpcError, ProtocolAbort, type MpcErrorCode } from './core/errors.ts';
export { connect, type ConnectOptions } from './connect.ts';
export { estimate, type EstimateOptions } from './estimate.ts';
export {
  fingerprint,
  generateIdentity,
  identityJson,
  parseIdentity,
  type Identity,
} from './net/identity.ts';
export { parseManifest, type Manifest } from './net/manifest.ts';
export { simulate, type SimulateOptions } from './simulate.ts';
export * from './tensor/index.ts';
export * as formats from './formats/index.ts';
export * as nn from './nn/index.ts';
export * as optim from './optim/index.ts';
