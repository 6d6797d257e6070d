/**
 * cryptensor for Node and Deno: everything of the common entry, and real parties over TCP with files.
 * @module
 */

export * from './index.ts';
export { connect, serveAsDealer, type ConnectOptions, type DealerRun } from './connect.node.ts';
export { simulate } from './simulate.node.ts';
export { preprocess, type PreprocessOptions, type PreprocessReport } from './preprocess.node.ts';
