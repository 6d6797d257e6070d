/**
 * The methods of `Party`, area by area, and their installation on its prototype.
 *
 * An area is a file with an interface, which carries the doc comments, and a table of that type. Adding one: extend `PartyMethods`
 * by its interface and `TABLES` by its table. Properties, and what prints, settles, forks and closes, stand in party.ts.
 * @module
 */

import { install, methodsOf } from '../install.ts';
import type { Party } from '../party.ts';
import { costMethods, type CostMethods } from './costs.ts';
import { creationMethods, type CreationMethods } from './creation.ts';
import { joiningMethods, type JoiningMethods } from './joining.ts';
import { recordingMethods, type RecordingMethods } from './recording.ts';
import { savingMethods, type SavingMethods } from './saving.ts';

/** Every method of an area. */
export interface PartyMethods
  extends CostMethods, CreationMethods, JoiningMethods, RecordingMethods, SavingMethods {}

const TABLES: readonly object[] = [
  costMethods,
  creationMethods,
  joiningMethods,
  recordingMethods,
  savingMethods,
];

/** Puts the methods on the prototype; the class calls it once. */
export function installPartyMethods(prototype: Party): void {
  for (const [name, method] of methodsOf(TABLES)) install(prototype, name, method);
}
