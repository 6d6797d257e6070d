"""Writes torch-conv.json: convolutions and average pools of PyTorch in float64, for test/functions/conv.test.ts.

    apt-get install -y python3-torch
    /usr/bin/python3 test/vectors/torch-conv.py > test/vectors/torch-conv.json

Inputs and upstream gradients are multiples of 2^-8, so fixed point holds them and their products exactly. Each case: op, args (options
as the TypeScript method takes them; of a pool: window and options), inputs [shape, data] (image, kernel, perhaps bias), output
[shape, data], dy (data), gradients (data).
"""

import json

import torch
import torch.nn.functional as F

SEED = 20240818
gen = torch.Generator().manual_seed(SEED)
cases = []


def rand(shape, limit=2):
    return torch.randint(-limit * 256, limit * 256 + 1, shape, generator=gen).double() / 256


def flat(x):
    return [round(v, 9) for v in x.detach().reshape(-1).tolist()]


def case(op, fn, inputs, args):
    leaves = [x.clone().requires_grad_(True) for x in inputs]
    out = fn(*leaves)
    dy = rand(out.shape)
    out.backward(dy)
    cases.append({
        'op': op,
        'args': args,
        'in': [[list(x.shape), flat(x)] for x in inputs],
        'out': [list(out.shape), flat(out)],
        'dy': flat(dy),
        'grads': [flat(x.grad) for x in leaves],
    })


FUNCTIONS = {
    'conv1d': F.conv1d, 'conv2d': F.conv2d,
    'convTranspose1d': F.conv_transpose1d, 'convTranspose2d': F.conv_transpose2d,
}
NAMES = {'outputPadding': 'output_padding'}


def conv(op, x, w, bias=False, **options):
    groups = options.get('groups', 1)
    inputs = [rand(x), rand(w)]
    if bias:
        inputs.append(rand((w[1] * groups if 'Transpose' in op else w[0],)))
    named = {NAMES.get(k, k): v for k, v in options.items()}
    case(op, lambda *t: FUNCTIONS[op](*t, **named), inputs, [options])


# Plain, batches, rectangles, one place, kernels as large as the image, no batch dim, an empty batch.
conv('conv2d', (1, 1, 3, 3), (1, 1, 2, 2))
conv('conv2d', (2, 3, 4, 5), (4, 3, 3, 2), bias=True)
conv('conv2d', (2, 2, 3, 3), (3, 2, 3, 3))
conv('conv2d', (2, 3, 2, 3), (4, 3, 1, 1), bias=True)
conv('conv2d', (1, 1, 1, 1), (1, 1, 1, 1))
conv('conv2d', (3, 1, 5, 2), (2, 1, 1, 2))
conv('conv2d', (2, 5, 4), (3, 2, 2, 3), bias=True)
conv('conv2d', (0, 2, 4, 4), (3, 2, 2, 2), bias=True)
# Stride, padding, dilation, each alone and unlike along the dims; places that no window reads.
conv('conv2d', (2, 2, 5, 6), (3, 2, 2, 3), stride=2)
conv('conv2d', (1, 2, 7, 5), (2, 2, 3, 2), stride=[3, 1])
conv('conv2d', (1, 1, 6, 6), (1, 1, 2, 2), stride=4)
conv('conv2d', (2, 2, 3, 4), (3, 2, 3, 3), padding=1, bias=True)
conv('conv2d', (1, 2, 3, 2), (2, 2, 2, 3), padding=[0, 2])
conv('conv2d', (1, 1, 1, 2), (2, 1, 3, 3), padding=[2, 1])
conv('conv2d', (1, 2, 6, 5), (2, 2, 2, 2), dilation=[3, 2])
conv('conv2d', (2, 1, 5, 5), (2, 1, 3, 2), dilation=2)
conv('conv2d', (1, 2, 7, 6), (2, 2, 3, 3), stride=2, padding=1, bias=True)
conv('conv2d', (2, 2, 6, 7), (2, 2, 3, 2), stride=[2, 3], padding=[1, 2], dilation=[2, 1])
conv('conv2d', (1, 1, 8, 5), (1, 1, 3, 3), stride=3, padding=2, dilation=2)
# Groups: some, depthwise, depthwise with several filters each.
conv('conv2d', (2, 4, 3, 4), (6, 2, 2, 2), groups=2, bias=True)
conv('conv2d', (1, 3, 4, 4), (3, 1, 3, 3), groups=3, padding=1)
conv('conv2d', (2, 3, 3, 3), (6, 1, 2, 2), groups=3, stride=2, padding=1, bias=True)
conv('conv2d', (1, 4, 5, 4), (4, 2, 2, 3), groups=2, stride=[2, 1], padding=[1, 1], dilation=[2, 1])
conv('conv2d', (4, 4, 3), (2, 2, 2, 2), groups=2)
conv('conv2d', (1, 3, 4, 3), (3, 3, 3, 3), padding=1)
conv('conv2d', (3, 1, 3, 3), (1, 1, 2, 2), stride=1, padding=[1, 0], bias=True)

conv('conv1d', (1, 1, 4), (1, 1, 2))
conv('conv1d', (2, 3, 6), (4, 3, 3), bias=True)
conv('conv1d', (2, 2, 5), (3, 2, 5))
conv('conv1d', (2, 2, 7), (2, 2, 3), stride=2, padding=1)
conv('conv1d', (1, 2, 9), (2, 2, 3), stride=3, dilation=2, bias=True)
conv('conv1d', (2, 4, 5), (4, 2, 2), groups=2, padding=2)
conv('conv1d', (3, 4, 6), (8, 1, 3), groups=4, stride=2, padding=1, dilation=2, bias=True)
conv('conv1d', (2, 6), (3, 2, 2), bias=True)
conv('conv1d', (0, 2, 5), (3, 2, 2))
conv('conv1d', (1, 1, 2), (1, 1, 3), padding=[3])

conv('convTranspose2d', (1, 1, 2, 2), (1, 1, 2, 2))
conv('convTranspose2d', (2, 3, 2, 3), (3, 2, 2, 3), bias=True)
conv('convTranspose2d', (1, 2, 3, 3), (2, 3, 1, 1))
conv('convTranspose2d', (2, 2, 3, 2), (2, 1, 2, 2), stride=2)
conv('convTranspose2d', (1, 2, 2, 3), (2, 2, 2, 2), stride=[3, 2], bias=True)
conv('convTranspose2d', (2, 2, 3, 3), (2, 2, 3, 3), padding=1)
conv('convTranspose2d', (1, 1, 3, 4), (1, 2, 3, 2), padding=[2, 0])
conv('convTranspose2d', (1, 2, 2, 2), (2, 1, 3, 3), stride=2, padding=1, outputPadding=1, bias=True)
conv('convTranspose2d', (2, 1, 2, 3), (1, 2, 2, 3), stride=[3, 2], outputPadding=[2, 1])
conv('convTranspose2d', (1, 1, 2, 2), (1, 1, 2, 2), dilation=3, outputPadding=2)
conv('convTranspose2d', (1, 2, 2, 3), (2, 2, 3, 2), stride=[1, 2], padding=[1, 0], dilation=[2, 3], outputPadding=[1, 2])
conv('convTranspose2d', (1, 4, 2, 3), (4, 3, 2, 2), groups=2, bias=True)
conv('convTranspose2d', (2, 3, 2, 2), (3, 1, 3, 3), groups=3, stride=2, padding=1, outputPadding=1)
conv('convTranspose2d', (2, 2, 3), (2, 1, 2, 2), stride=2, bias=True)
conv('convTranspose2d', (0, 2, 2, 2), (2, 3, 2, 2), bias=True)

conv('convTranspose1d', (1, 1, 3), (1, 1, 2))
conv('convTranspose1d', (2, 3, 4), (3, 2, 3), bias=True)
conv('convTranspose1d', (2, 2, 4), (2, 2, 3), stride=2, padding=1, outputPadding=1)
conv('convTranspose1d', (1, 4, 3), (4, 2, 2), groups=2, stride=3, dilation=2, outputPadding=2, bias=True)
conv('convTranspose1d', (2, 3), (2, 3, 2), padding=1)
conv('convTranspose1d', (2, 4, 2), (4, 1, 3), groups=4, stride=2)


def pool(op, x, kernel, **options):
    names = {'ceilMode': 'ceil_mode', 'countIncludePad': 'count_include_pad', 'divisorOverride': 'divisor_override'}
    named = {names.get(k, k): v for k, v in options.items()}
    fn = F.avg_pool1d if op == 'avgPool1d' else F.avg_pool2d
    case(op, lambda t: fn(t, kernel, **named), [rand(x)], [kernel, options])


pool('avgPool2d', (2, 2, 4, 6), 2)
pool('avgPool2d', (1, 2, 5, 4), [2, 3])
pool('avgPool2d', (1, 2, 4, 5), [4, 5])
pool('avgPool2d', (2, 1, 5, 5), 3, stride=1)
pool('avgPool2d', (1, 2, 5, 6), 3, stride=[2, 1], padding=1)
pool('avgPool2d', (1, 1, 4, 5), [3, 2], stride=2, padding=[1, 0], countIncludePad=False)
pool('avgPool2d', (1, 2, 5, 6), 2, ceilMode=True)
pool('avgPool2d', (1, 1, 6, 7), 3, stride=2, padding=1, ceilMode=True)
pool('avgPool2d', (1, 1, 6, 7), 3, stride=2, padding=1, ceilMode=True, countIncludePad=False)
pool('avgPool2d', (1, 1, 3, 4), 2, stride=3, padding=1, ceilMode=True)
pool('avgPool2d', (2, 3, 4), 2, divisorOverride=3)
pool('avgPool2d', (0, 2, 4, 4), 2)
pool('avgPool1d', (2, 3, 6), 2)
pool('avgPool1d', (2, 7), 3, stride=2)
pool('avgPool1d', (1, 2, 6), 4, stride=3, padding=2, ceilMode=True)
pool('avgPool1d', (1, 1, 5), 3, stride=1, padding=1, countIncludePad=False)

print('{')
print(f'  "source": "PyTorch {torch.__version__} float64, test/vectors/torch-conv.py, seed {SEED}",')
print('  "cases": [')
print(',\n'.join('    ' + json.dumps(c, separators=(',', ':')) for c in cases))
print('  ]\n}')
