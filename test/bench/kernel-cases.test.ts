/** The kernel benchmark has rows for every kernel of the contract, and each row runs the kernel it names. */

import assert from 'node:assert/strict';
import ts from 'typescript';
import { KERNEL_CASES } from '../../bench/support/kernels/index.ts';
import type { Kernels } from '../../src/kernels/contract.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { read } from '../tidy/sources.ts';

/** Names that say how much memory a kernel needs. */
const SIZES = ['matmulScratch', 'compareTablesBytes', 'groupMasksBytes'];

/** Methods of the families of the contract: the interfaces that one backend is put together from. */
function kernelNames(contract: string): string[] {
  const file = ts.createSourceFile('contract.ts', contract, ts.ScriptTarget.ES2022, true);
  return file.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => /.Kernels$/.test(name.text))
    .flatMap(({ members }) => members.filter(ts.isMethodSignature))
    .map(({ name }) => name.getText(file))
    .filter((name) => !SIZES.includes(name));
}

function missing(contract: string): string[] {
  return kernelNames(contract).filter((name) => !(name in KERNEL_CASES));
}

describe('bench: kernels', () => {
  const contract = read('src/kernels/contract.ts');

  it('has rows for every kernel of the contract, and for nothing else', () => {
    assert.ok(kernelNames(contract).length > 40);
    assert.deepEqual(missing(contract), []);
    assert.deepEqual(Object.keys(KERNEL_CASES).sort(), kernelNames(contract).sort());
  });

  it('finds a kernel without a row', () => {
    const more = `${contract}\nexport interface MoreKernels { twice(out: Ptr, a: Ptr, n: number): void; }`;
    assert.ok(missing(more).includes('twice'));
  });

  it('runs the kernel that a row is listed under, on blocks that hold what it needs', async () => {
    const kernels = await selectKernels({ backend: 'auto' });
    let called: string[] = [];
    const watched = new Proxy(kernels, {
      get(target, name: keyof Kernels & string) {
        called.push(name);
        return target[name];
      },
    });
    for (const [name, cases] of Object.entries(KERNEL_CASES)) {
      assert.ok(cases.length > 0, name);
      for (const { label, blocks, setUp, run } of cases.filter(({ units }) => units < 1e8)) {
        const at = blocks.map((bytes) => kernels.reserve(bytes));
        setUp?.(kernels, at);
        called = [];
        run(watched, at);
        assert.ok(called.includes(name), `${name} ${label} calls ${called.join()}`);
        for (const block of at) kernels.release(block);
      }
    }
  });
});
