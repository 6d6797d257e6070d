"""Writes torch-pool.json: max pools and adaptive pools of PyTorch in float64, for test/functions/pool.test.ts.

    apt-get install -y python3-torch
    /usr/bin/python3 test/vectors/torch-pool.py > test/vectors/torch-pool.json

See recorder.py for the form of a case. Images are multiples of 1/2 with ties, some below -256; positions count in the plane.
"""

import torch
import torch.nn.functional as F

from recorder import Recorder

recorder = Recorder(20240822, 'torch-pool.py')
case = recorder.case
FUNCTIONS = {
    'maxPool1d': F.max_pool1d, 'maxPool2d': F.max_pool2d,
    'adaptiveMaxPool1d': F.adaptive_max_pool1d, 'adaptiveMaxPool2d': F.adaptive_max_pool2d,
    'adaptiveAvgPool1d': F.adaptive_avg_pool1d, 'adaptiveAvgPool2d': F.adaptive_avg_pool2d,
}


def image(shape, low):
    return torch.randint(-4, 5, shape, generator=recorder.gen).double() / 2 + low


def pool(op, shape, size, low=0, **options):
    x = image(shape, low)
    args = [size, options] if op.startswith('max') else [size]
    named = {'ceil_mode' if k == 'ceilMode' else k: v for k, v in options.items()}
    sizes = tuple(size) if isinstance(size, list) else size
    if op.startswith('adaptiveAvg'):
        case(op, lambda x: FUNCTIONS[op](x, sizes), [x], args)
        return
    both = lambda x: FUNCTIONS[op](x, sizes, **named, return_indices=True)
    case(op, lambda x: both(x)[0], [x], args)
    case(op + 'Indices', lambda x: both(x)[1], [x], args, grads=[False])


pool('maxPool2d', (2, 2, 4, 6), 2)
pool('maxPool2d', (1, 2, 5, 4), [2, 3])
pool('maxPool2d', (1, 2, 4, 5), [4, 5])
pool('maxPool2d', (1, 2, 3, 4), 1)
pool('maxPool2d', (2, 1, 5, 5), 3, stride=1)
pool('maxPool2d', (1, 2, 5, 6), 3, stride=[2, 1], padding=1, low=-300)
pool('maxPool2d', (1, 1, 4, 5), [3, 2], stride=2, padding=[1, 0], low=-70000)
pool('maxPool2d', (1, 2, 5, 6), 2, ceilMode=True)
pool('maxPool2d', (1, 1, 6, 7), 3, stride=2, padding=1, ceilMode=True, low=-300)
pool('maxPool2d', (1, 1, 3, 4), 2, stride=3, padding=1, ceilMode=True)
pool('maxPool2d', (1, 1, 7, 7), 3, stride=2, padding=1, dilation=2)
pool('maxPool2d', (1, 2, 6, 8), [2, 3], stride=1, padding=[1, 1], dilation=[3, 2])
pool('maxPool2d', (2, 3, 4), 2, stride=1)
pool('maxPool2d', (0, 2, 4, 4), 2)
pool('maxPool2d', (1, 1, 6, 6), 2, stride=4)
pool('maxPool2d', (1, 1, 1, 1), 1)
pool('maxPool2d', (1, 1, 5, 5), 5, stride=1, padding=2)
pool('maxPool1d', (2, 3, 6), 2)
pool('maxPool1d', (1, 2, 7), 3, stride=2, padding=1, low=-300)
pool('maxPool1d', (2, 5), 2, stride=1)
pool('maxPool1d', (1, 1, 8), 3, stride=2, ceilMode=True)
pool('maxPool1d', (1, 1, 9), 3, stride=2, padding=1, dilation=2, ceilMode=True)
pool('maxPool1d', (1, 2, 12), 9, stride=1, padding=4)

for size in range(1, 11):
    for out in range(1, size + 1):
        for op in ['adaptiveAvgPool1d', 'adaptiveMaxPool1d']:
            pool(op, (1, 2, size), out, low=-300 if out % 3 == 0 else 0)
pool('adaptiveAvgPool1d', (3, 4), 6)
pool('adaptiveMaxPool1d', (3, 4), 6)
for op in ['adaptiveAvgPool2d', 'adaptiveMaxPool2d']:
    for h in range(1, 11):
        w = 11 - h
        pool(op, (1, 1, h, w), [max(1, h // 2), (w + 1) // 2])
    pool(op, (2, 2, 5, 7), [3, None])
    pool(op, (1, 2, 5, 7), [None, 4])
    pool(op, (1, 1, 4, 5), [None, None])
    pool(op, (1, 2, 6, 6), 3)
    pool(op, (2, 7, 5), 2)
    pool(op, (1, 1, 2, 3), [3, 5])
    pool(op, (0, 2, 4, 4), 3)
    pool(op, (2, 3, 4, 4), 1)

recorder.write()
