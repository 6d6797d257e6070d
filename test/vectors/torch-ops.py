"""Writes torch-ops.json: forward values and gradients of PyTorch in float64, for test/functions/torch.test.ts.

    apt-get install -y python3-torch
    /usr/bin/python3 test/vectors/torch-ops.py > test/vectors/torch-ops.json

No input of a function with a kink is 0. See recorder.py for the form of a case.
"""

import torch
import torch.nn.functional as F

from recorder import Recorder

recorder = Recorder(20240817, 'torch-ops.py')
rand, case = recorder.rand, recorder.case

SHAPES = [(), (0,), (1,), (5,), (2, 3), (0, 3), (2, 1, 4), (2, 1, 3, 2)]
for shape in SHAPES:
    case('neg', lambda x: -x, [rand(shape)])
    case('square', lambda x: x.square(), [rand(shape)])
    case('relu', lambda x: x.relu(), [rand(shape, nonzero=True)])
    case('sigmoid', lambda x: x.sigmoid(), [rand(shape, -20, 20)])
    case('abs', lambda x: x.abs(), [rand(shape, nonzero=True)])
    case('sign', lambda x: x.sign(), [rand(shape, nonzero=True)])
    case('clone', lambda x: x.clone(), [rand(shape)])
    case('mulSelf', lambda x: x * x, [rand(shape)])
    case('addSelf', lambda x: x + x, [rand(shape)])
    case('subSelf', lambda x: x - x, [rand(shape)])

PAIRS = [
    ((), ()), ((3,), ()), ((), (3,)), ((1,), ()), ((2, 3), (2, 3)), ((2, 3), (3,)), ((3,), (2, 3)),
    ((2, 1), (1, 3)), ((1, 3), (2, 1)), ((4, 1, 2), (3, 1)), ((0, 3), (3,)), ((2, 1), (2, 0)), ((1, 1), (2,)),
]
for a, b in PAIRS:
    case('add', lambda x, y: x + y, [rand(a), rand(b)])
    case('sub', lambda x, y: x - y, [rand(a), rand(b)])
    case('mul', lambda x, y: x * y, [rand(a), rand(b)])
    case('div', lambda x, y: x / y, [rand(a), rand(b, 0.25, 4, True)], grads=[True, False])
    case('mseLoss', lambda x, y: F.mse_loss(x, y, reduction='none'), [rand(a), rand(a)], [{'reduction': 'none'}])
    x, y = (rand(a) * 2).round() / 2, (rand(b) * 2).round() / 2  # ties
    for op in ['lt', 'le', 'gt', 'ge']:
        case(op, lambda x, y: getattr(torch, op)(x, y), [x, y], grads=[False, False])
    cond = (rand(a) > 0).double()
    case('where', lambda c, p, q: torch.where(c > 0.5, p, q), [cond, rand(b), rand(a)], grads=[False, True, True])

for a, b in [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((1, 1), (1, 1)), ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)), ((4, 2, 3), (1, 3, 2)), ((2, 1, 2, 3), (4, 3, 2)),
    ((3,), (5, 3, 2)), ((5, 2, 3), (3,)), ((2, 0), (0, 3)), ((0, 3), (3, 2)), ((2, 2, 3, 1), (1, 2)), ((3, 17), (17, 5)),
]:
    case('matmul', lambda x, y: x @ y, [rand(a), rand(b)])

for shape, dim in [
    ((), None), ((5,), None), ((5,), 0), ((5,), -1), ((2, 3), None), ((2, 3), 0), ((2, 3), -1), ((2, 3), [0, 1]),
    ((2, 3, 4), 1), ((2, 3, 4), -3), ((2, 3, 4), [0, -1]), ((2, 3, 4), [-1, 0]), ((0, 3), 0), ((0, 3), 1), ((), 0), ((1, 7), 1),
]:
    for keepdim in [False, True]:
        x = rand(shape)
        args = [dim, {'keepdim': keepdim}]
        dims = list(range(len(shape))) if dim is None else dim
        case('sum', lambda x: x.sum(dims, keepdim=keepdim), [x], args)
        if not (shape == (0, 3) and dim == 0):
            case('mean', lambda x: x.mean(dims, keepdim=keepdim), [x], args)

case('t', lambda x: x.t(), [rand((2, 3))])
case('t', lambda x: x.t(), [rand((3,))])
case('t', lambda x: x.t(), [rand(())])
for shape, dims in [((2, 3), (0, 1)), ((2, 3, 4), (-1, 0)), ((2, 3, 4), (1, 1)), ((2, 0, 4), (0, 2))]:
    case('transpose', lambda x: x.transpose(*dims), [rand(shape)], dims)
for shape, dims in [((2, 3, 4), (2, 0, 1)), ((2, 3, 4), (-2, -1, 0)), ((2, 3), (0, 1)), ((), ())]:
    case('permute', lambda x: x.permute(dims), [rand(shape)], [list(dims)])
for shape, sizes in [((2, 3), (3, 2)), ((2, 3), (-1,)), ((), (1, 1)), ((2, 3, 4), (4, -1, 2)), ((0, 3), (3, 0)), ((1,), ())]:
    case('reshape', lambda x: x.reshape(sizes), [rand(shape)], [list(sizes)])
    case('reshapeAfterT', lambda x: x.transpose(0, -1).reshape(sizes) if x.dim() else x.reshape(sizes), [rand(shape)], [list(sizes)])
for shape, dims in [((2, 3, 4), (0, -1)), ((2, 3, 4), (1, 2)), ((2, 3, 4), (-3, -2)), ((), (0, -1)), ((2, 0), (0, -1))]:
    case('flatten', lambda x: x.flatten(*dims), [rand(shape)], dims)
case('squeeze', lambda x: x.squeeze(), [rand((1, 3, 1, 2))])
for dim in [0, 1, -2, 2]:
    case('squeeze', lambda x: x.squeeze(dim), [rand((1, 3, 1, 2))], [dim])
for shape, dim in [((2, 3), 0), ((2, 3), -1), ((2, 3), 1), ((), 0), ((0,), -2)]:
    case('unsqueeze', lambda x: x.unsqueeze(dim), [rand(shape)], [dim])
for shape, sizes in [((3, 1), (3, 4)), ((1,), (2, 3)), ((3, 1), (2, -1, 4)), ((), (2,)), ((2, 1), (2, 0)), ((2, 3), (-1, -1))]:
    case('expand', lambda x: x.expand(sizes), [rand(shape)], [list(sizes)])
NEW = None
for shape, entries, key in [
    ((5, 4, 3), [0], (0,)), ((5, 4, 3), [-1, 2], (-1, 2)), ((5, 4, 3), [[1, 4]], (slice(1, 4),)),
    ((5, 4, 3), [0, [1, 4], [], None], (0, slice(1, 4), slice(None), NEW)), ((5, 4), [[], -2], (slice(None), -2)),
    ((5, 4), [[-3, -1], [0, 4, 2]], (slice(-3, -1), slice(0, 4, 2))), ((5,), [[1]], (slice(1, None),)),
    ((5,), [[0, 99, 3]], (slice(0, 99, 3),)), ((5,), [[3, 2]], (slice(3, 2),)), ((2, 3), [None, [], 1], (NEW, slice(None), 1)),
    ((3,), [1], (1,)), ((2, 3), [], (slice(None),)),
]:
    case('index', lambda x: x[key], [rand(shape)], entries)
for shape, args in [((5, 3), (0, 1, 3)), ((5, 3), (-1, 0, 2)), ((5, 3), (1, 1, 0)), ((5,), (0, 0, 5))]:
    case('narrow', lambda x: x.narrow(*args), [rand(shape)], args)
for shape, dims in [((5,), [0]), ((2, 3), [0, 1]), ((2, 3), [-1]), ((2, 0, 3), [0]), ((2, 3, 2), [-3, 2])]:
    case('flip', lambda x: x.flip(dims), [rand(shape)], [dims])
for shapes, dim in [([(2, 3), (1, 3)], 0), ([(2, 3), (2, 1), (2, 2)], -1), ([(3,), (2,)], 0), ([(2, 3)], 1), ([(2, 0), (2, 3)], 1)]:
    case('cat', lambda *x: torch.cat(x, dim), [rand(s) for s in shapes], [dim])
for shape, dim in [((2, 3), 0), ((2, 3), -1), ((2, 3), 1), ((), 0), ((3,), -2)]:
    case('stack', lambda *x: torch.stack(x, dim), [rand(shape) for _ in range(3)], [dim])

for shape in [(), (7,), (2, 3), (1, 1), (3, 5)]:
    for reduction in ['mean', 'sum', 'none']:
        options = [{'reduction': reduction}]
        y = (rand(shape) > 0).double()
        case('binaryCrossEntropyWithLogits', lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction=reduction),
             [rand(shape, -20, 20, True), y], options)
        case('binaryCrossEntropyWithLogits', lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction=reduction),
             [rand(shape, -3, 3, True), rand(shape, 0, 1)], options)
        case('mseLoss', lambda x, y: F.mse_loss(x, y, reduction=reduction), [rand(shape), rand(shape)], options)

case('chain', lambda x, w, b: ((x @ w + b).relu() * 0.3).mean(0), [rand((6, 4)), rand((4, 3)), rand((3,))])
case('shared', lambda x, y: (x * y + x).sigmoid() * x - y * y, [rand((3, 2)), rand((3, 2))])

recorder.write()
