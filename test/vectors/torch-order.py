"""Writes torch-order.json: maxima, sorting, clips, equality and logic of PyTorch in float64, for test/functions/order.test.ts.

    apt-get install -y python3-torch
    /usr/bin/python3 test/vectors/torch-order.py > test/vectors/torch-order.json

See recorder.py for the form of a case. Rows have ties (multiples of 1/2) wherever PyTorch says which of equal elements it takes: the
first for a search along a dim, in order for a stable sort. It divides the gradient of max() and maximum(x, y) among equal elements:
there are none in those cases.
"""

import torch
import torch.nn.functional as F

from recorder import Recorder

recorder = Recorder(20240821, 'torch-order.py')
rand, case = recorder.rand, recorder.case


def tied(shape):
    return torch.randint(-3, 4, shape, generator=recorder.gen).double() / 2


def distinct(shape):
    n = torch.Size(shape).numel()
    return (torch.randperm(n, generator=recorder.gen).double() - n // 2).reshape(shape) / 8


def search(op, fn, x, args, hot=None):
    """fn gives values and indices; with `hot`, the dim of a one-hot as well."""
    case(op, lambda x: fn(x)[0], [x], args)
    if op in ('max', 'min') and args[1]['keepdim'] and x.dim() != 3:
        return
    case(op + 'Indices', lambda x: fn(x)[1], [x], args, grads=[False])
    if hot is not None:
        n = x.shape[hot] if x.dim() > 0 else 1
        keep = lambda x: fn(x)[1].reshape(x.sum(hot).shape)
        onehot = lambda x: F.one_hot(keep(x), n).movedim(-1, hot) if x.dim() > 0 else torch.ones(())
        case(op + 'OneHot', onehot, [x], args, grads=[False])


SEARCHES = [
    ((), 0), ((), -1), ((1,), 0), ((2,), 0), ((5,), -1), ((7,), 0), ((2, 3), 0), ((2, 3), -1), ((3, 4), 1), ((2, 3, 4), 1),
    ((2, 3, 4), -3), ((0, 3), 1), ((0, 7), 1), ((2, 0, 3), -1), ((2, 1), 1), ((2, 10), 1), ((17, 2), 0), ((3, 9, 2), -2), ((1, 33), 1),
]
for shape, dim in SEARCHES:
    for keepdim in [False, True]:
        for op in ['max', 'min']:
            find = lambda x: getattr(x, op)(dim, keepdim)
            search(op, find, tied(shape), [dim, {'keepdim': keepdim}], dim)
for shape in [(), (1,), (6,), (2, 3), (2, 2, 5)]:
    for op in ['max', 'min']:
        case(op, lambda x: getattr(x, op)(), [distinct(shape)])
        case('arg' + op, lambda x: getattr(x, 'arg' + op)(), [tied(shape)], grads=[False])

for shape, dim in SEARCHES:
    for descending in [False, True]:
        order = lambda x: torch.sort(x, stable=True, dim=dim, descending=descending)
        search('sort', order, tied(shape), [dim, {'descending': descending, 'stable': True}])
for shape, dim in SEARCHES:
    n = shape[dim] if shape else 1
    for k in sorted({min(n, k) for k in [2, 5]}):
        for largest in [True, False]:
            search('topk', lambda x: x.topk(k, dim, largest), distinct(shape), [k, dim, {'largest': largest}])
search('topk', lambda x: x.topk(0, 1), distinct((2, 3)), [0, 1, {}])

PAIRS = [((), ()), ((3,), ()), ((), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((4, 1, 2), (3, 1)), ((0, 3), (3,)), ((5,), (5,))]
for a, b in PAIRS:
    x, y = rand(a), rand(b)
    for op in ['maximum', 'minimum']:
        case(op, getattr(torch, op), [x + 1 / 512, y])
    for op in ['eq', 'ne']:
        case(op, getattr(torch, op), [tied(a), tied(b)], grads=[False, False])
    p, q = (rand(a) > 0).double(), (rand(b) > 0).double()
    for op in ['and', 'or', 'xor']:
        case('logical' + op.capitalize(), getattr(torch, 'logical_' + op), [p, q], grads=[False, False])
    case('logicalNot', torch.logical_not, [p], grads=[False])

for shape in [(), (0,), (1,), (9,), (2, 3), (0, 3), (2, 1, 5)]:
    # Many elements are the bounds themselves.
    for low, high in [(-1, 1), (-0.5, 1.5), (None, 0.5), (-1.5, None), (0.5, 0.5), (1, -1), (0, 300)]:
        case('clamp', lambda x: x.clamp(low, high), [tied(shape)], [low, high])
    for low, high in [(-1, 1), (-0.5, 1.5), (0.25, 1.25)]:
        case('hardtanh', lambda x: F.hardtanh(x, low, high), [tied(shape)], [low, high])
    case('relu6', F.relu6, [tied(shape) * 4])
    for slope in [0.01, 0.25, 0, 2]:
        case('leakyRelu', lambda x: F.leaky_relu(x, slope), [tied(shape)], [slope])

recorder.write()
