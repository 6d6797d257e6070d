/**
 * ONNX models: loading them as modules, and writing modules as models.
 * @module
 */

import { OnnxGraph, type LoadOptions } from './graph.ts';
import { readModel } from './read.ts';

export { OnnxGraph, type LoadOptions } from './graph.ts';
export type { OpenShape } from './builder.ts';
export { save, skeleton, type SaveOptions } from './save.ts';
export { UnsupportedNodes, type UnsupportedNode } from './unsupported.ts';

/**
 * A model from the bytes of an ONNX file, opsets 9 to 21.
 *
 * Its parameters are plain until `encrypt`, which reads their values from the bytes: leave those as they are until then. Constants and whole numbers are part of the program, equal at every party.
 *
 * @throws {MpcError} ERR_MPC_MODEL for bytes that are no model, and, as `UnsupportedNodes`, for nodes that cannot be run: all at once.
 * @example
 * const model = onnx.load(await readFile('model.onnx')).encrypt(party, { src: 0 });
 * const y = await model.forward(party.cryptensor(x, { src: 1 })).getPlainText();
 */
export function load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): OnnxGraph {
  const file = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  return new OnnxGraph(readModel(file), options);
}
