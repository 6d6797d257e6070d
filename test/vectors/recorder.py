"""Records cases of PyTorch in float64 for test/support/torch.ts: used by torch-ops.py and torch-local.py.

Inputs and upstream gradients are multiples of 2^-8, so fixed point holds them exactly and only the arithmetic is compared.
Each case: op, args (as the TypeScript method takes them), inputs [shape, data], output [shape, data], dy (data), gradients
(data, or null where the input takes none).
"""

import json

import torch


class Recorder:
    def __init__(self, seed, file):
        self.gen = torch.Generator().manual_seed(seed)
        self.source = f'PyTorch {torch.__version__} float64, test/vectors/{file}, seed {seed}'
        self.cases = []

    def rand(self, shape, low=-4.0, high=4.0, nonzero=False):
        k = torch.randint(int(low * 256), int(high * 256) + 1, shape, generator=self.gen).double()
        if nonzero:
            k = torch.where(k == 0, torch.ones_like(k), k)
        return k / 256

    def index(self, shape, size):
        """Positions below `size`, repeated ones among them."""
        return torch.randint(0, max(size, 1), shape, generator=self.gen)

    def case(self, op, fn, inputs, args=(), grads=None):
        """grads: which inputs take a gradient; default all."""
        grads = [True] * len(inputs) if grads is None else grads
        leaves = [x.clone().requires_grad_(g) for x, g in zip(inputs, grads)]
        out = fn(*leaves)
        record = {
            'op': op,
            'args': list(args),
            'in': [[list(x.shape), flat(x)] for x in inputs],
            'out': [list(out.shape), flat(out.double())],
        }
        if any(grads):
            dy = self.rand(out.shape, -2, 2)
            out.backward(dy)
            record['dy'] = flat(dy)
            record['grads'] = [
                flat(torch.zeros_like(x) if x.grad is None else x.grad) if g else None
                for x, g in zip(leaves, grads)
            ]
        self.cases.append(record)

    def write(self):
        print('{')
        print(f'  "source": {json.dumps(self.source)},')
        print('  "cases": [')
        print(',\n'.join('    ' + json.dumps(c, separators=(',', ':')) for c in self.cases))
        print('  ]\n}')


def flat(x):
    return [round(v, 9) for v in x.detach().reshape(-1).tolist()]
