/**
 * The trained models as a JSON file: `layers[i].weight` is [outputs, inputs], as in PyTorch.
 * @module
 */

import { writeFile } from 'node:fs/promises';
import { MpcError } from '../../core/errors.ts';
import type { Terms } from './agree.ts';
import type { ModelResult } from './model.ts';

/**
 * Writes what every party was shown.
 *
 * @throws {MpcError} ERR_MPC_FILE if the file cannot be written.
 */
export async function saveModels(
  path: string,
  terms: Terms,
  models: readonly ModelResult[],
): Promise<void> {
  const json = {
    format: 'cryptensor-hospitals-models',
    featuresByParty: terms.features,
    models: models.map(({ layers, recipe, weights }) => ({ layers, recipe, weights })),
  };
  try {
    await writeFile(path, `${JSON.stringify(json, null, 2)}\n`);
  } catch (cause) {
    throw new MpcError('ERR_MPC_FILE', `${path} cannot be written`, { cause });
  }
}
