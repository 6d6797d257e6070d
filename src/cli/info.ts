/**
 * `cryptensor info`: versions, the backend in use and why. For bug reports.
 * @module
 */

import type { Command } from 'commander';
import { availableParallelism } from 'node:os';
import { toHex } from '../core/bytes.ts';
import { selectKernels } from '../kernels/select.ts';
import { WIRE_VERSION } from '../net/frame.ts';
import { loadIdentity } from '../net/identity.node.ts';
import { fingerprint } from '../net/identity.ts';
import { packageVersion } from './files.ts';
import { pad, type Terminal } from './terminal.ts';

/** The smallest module that needs SIMD: one v128 constant, dropped. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0],
  ...[65, 0, 253, 15, 26, 11],
);

/** Adds the command. */
export function infoCommand(root: Command, terminal: Terminal): void {
  root
    .command('info')
    .description('show versions, the backend in use and why')
    .option('--identity <file>', 'show the public key and fingerprint of a key file, too')
    .option('--json', 'print JSON')
    .action(async (options: { identity?: string; json?: true }) => {
      const facts = await collect(options.identity);
      if (options.json) {
        terminal.print(JSON.stringify(facts));
        return;
      }
      const width = Math.max(...Object.keys(facts).map((name) => name.length));
      for (const [name, value] of Object.entries(facts)) {
        terminal.print(`${terminal.paint('dim', pad(name, width))}  ${value}`);
      }
    });
}

async function collect(identityFile: string | undefined): Promise<Record<string, string>> {
  const kernels = await selectKernels();
  const facts = {
    cryptensor: packageVersion(),
    wire: String(WIRE_VERSION),
    backend: kernels.reason,
    simd: WebAssembly.validate(SIMD_PROBE) ? 'available' : 'not available',
    node: process.versions.node,
    typescript: runsTypeScript() ? 'programs in .ts run' : 'programs in .ts need a loader',
    platform: `${process.platform} ${process.arch}, ${availableParallelism()} cores`,
  };
  if (identityFile === undefined) return facts;
  const { name, x25519 } = await loadIdentity(identityFile);
  const key = `${name === undefined ? '' : `${name}=`}${toHex(x25519.public)}`;
  return { ...facts, 'public key': key, fingerprint: fingerprint(x25519.public) };
}

/** Whether this Node strips types, or a loader is present. */
function runsTypeScript(): boolean {
  const strips = 'typescript' in process.features && process.features.typescript;
  const loader = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((text) =>
    /\btsx\b/.test(text),
  );
  return Boolean(strips) || loader;
}
