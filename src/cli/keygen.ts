/**
 * `cryptensor keygen NAME`: a key file, and the line that others put into the session.
 * @module
 */

import type { Command } from 'commander';
import { toHex } from '../core/bytes.ts';
import { saveIdentity } from '../net/identity.node.ts';
import { fingerprint, generateIdentity } from '../net/identity.ts';
import { UsageError } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Adds the command. */
export function keygenCommand(root: Command, terminal: Terminal): void {
  root
    .command('keygen')
    .argument('<name>', 'how the session will call this party, e.g. alice')
    .description('make a key file for this party; show its public key and fingerprint')
    .option('--out <file>', 'key file to write, readable by you alone (default: NAME.key)')
    .option('--json', 'print JSON')
    .action(async (name: string, options: { out?: string; json?: true }) => {
      if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(name)) {
        throw new UsageError(`a name is 1 to 64 letters, digits, ".", "_" or "-"; got "${name}"`);
      }
      const file = options.out ?? `${name}.key`;
      const identity = generateIdentity(name);
      await saveIdentity(file, identity);
      const publicKey = toHex(identity.x25519.public);
      const print = fingerprint(identity.x25519.public);
      if (options.json) {
        terminal.print(JSON.stringify({ name, file, publicKey, fingerprint: print }));
        return;
      }
      const { paint } = terminal;
      terminal.print(`${paint('dim', 'key file     ')}${file}  (secret: it stays on this machine)`);
      terminal.print(`${paint('dim', 'public key   ')}${paint('bold', `${name}=${publicKey}`)}`);
      terminal.print(`${paint('dim', 'fingerprint  ')}${print}`);
      terminal.note(
        terminal.paintError(
          'dim',
          'Send the public key line to whoever creates the session; read the fingerprint aloud to compare.',
        ),
      );
    });
}
