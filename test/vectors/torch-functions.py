"""Writes torch-functions.json: functions that are approximated, for test/functions/functions.test.ts.

    apt-get install -y python3-torch
    /usr/bin/python3 test/vectors/torch-functions.py > test/vectors/torch-functions.json

See recorder.py for the form of a case.
"""

import math

import torch
import torch.nn.functional as F

from recorder import Recorder

recorder = Recorder(20251123, 'torch-functions.py')
rand, case = recorder.rand, recorder.case

SHAPES = [(), (0,), (1,), (5,), (2, 3), (0, 3), (2, 1, 4)]


def spread(shape, low, high, signed=False):
    """Log-uniform between low and high, rounded to multiples of 2^-8 and kept from 0."""
    u = torch.rand(shape, generator=recorder.gen, dtype=torch.float64)
    x = (torch.exp(math.log(low) + u * math.log(high / low)) * 256).round().clamp(min=1) / 256
    if signed:
        x = torch.where(torch.rand(shape, generator=recorder.gen) < 0.5, -x, x)
    return x


for shape in SHAPES:
    case('exp', torch.exp, [rand(shape, -12, 9)])
    case('log', torch.log, [spread(shape, 0.01, 1000)])
    case('reciprocal', torch.reciprocal, [spread(shape, 0.05, 500, True)])
    case('sqrt', torch.sqrt, [spread(shape, 0.01, 10000)])
    case('rsqrt', torch.rsqrt, [spread(shape, 0.05, 10000)])
    case('sin', torch.sin, [rand(shape, -20, 20)])
    case('cos', torch.cos, [rand(shape, -20, 20)])
    case('tanh', torch.tanh, [rand(shape, -7, 7)])
    case('erf', torch.erf, [rand(shape, -4, 4)])
    case('gelu', F.gelu, [rand(shape, -6, 6)])
    case('silu', F.silu, [rand(shape, -15, 15)])
    case('softplus', F.softplus, [rand(shape, -13, 13)])
    case('sigmoid', torch.sigmoid, [rand(shape, -13, 13)])
    case('divSecret', torch.div, [rand(shape, -20, 20), spread(shape, 0.05, 500, True)])

for a, b in [((2, 3), (3,)), ((3,), (2, 1)), ((), (4,)), ((2, 2), ()), ((2, 1, 3), (2, 1))]:
    case('divSecret', torch.div, [rand(a, -20, 20), spread(b, 0.05, 500, True)])

ROWS = [((), 0), ((), -1), ((1,), 0), ((5,), 0), ((5,), -1), ((2, 3), 0), ((2, 3), 1), ((4, 1), 1), ((4, 1), 0), ((0, 3), 1), ((0, 3), 0)]
ROWS += [((2, 3, 4), 1), ((2, 3, 4), -1), ((2, 1, 3, 2), 2), ((2, 10), -1)]
for shape, dim in ROWS:
    case('softmax', lambda x: torch.softmax(x, dim), [rand(shape, -12, 12)], [dim])
    case('logSoftmax', lambda x: torch.log_softmax(x, dim), [rand(shape, -12, 12)], [dim])

for shape, inner in [((5,), (5,)), ((2, 3), (3,)), ((2, 3), (2, 3)), ((2, 4, 3), (3,)), ((2, 4, 3), (4, 3)), ((3, 16), (16,)), ((2, 65), (65,)), ((4, 1), (1,)), ((0, 3), (3,))]:
    x = rand(shape, -8, 8)
    case('layerNorm', lambda x: F.layer_norm(x, inner), [x], [list(inner), {}])
    case('layerNorm', lambda x, w: F.layer_norm(x, inner, w), [x, rand(inner)], [list(inner), {}])
    case('layerNorm', lambda x, w, b: F.layer_norm(x, inner, w, b, 0.25), [x, rand(inner), rand(inner)], [list(inner), {'eps': 0.25}])

small = rand((3, 100), -32, 32) / 128
case('layerNormSmall', lambda x: F.layer_norm(x, (100,)), [small], [[100], {}])
case('cosineSimilaritySmall', lambda x, y: F.cosine_similarity(x, y), [rand((2, 8), -2, 2) / 16, rand((2, 8), -100, 100)], [1])

for shape in [(), (0,), (5,), (2, 3)]:
    for exponent in [-3, -2, -1]:
        case('pow', lambda x: x ** exponent, [spread(shape, 0.3, 20, True)], [exponent])
    for exponent in [2, -1, 0.5, 1.7, -0.5]:
        case('posPow', lambda x: x ** exponent, [spread(shape, 0.1, 20)], [exponent])
    case('posPowSecret', torch.pow, [spread(shape, 0.1, 20), rand(shape, -2, 2)])
case('posPowSecret', torch.pow, [spread((2, 3), 0.1, 20), rand((3,), -2, 2)])
case('posPowSecret', torch.pow, [spread((3,), 0.1, 20), rand((2, 1), -2, 2)])

NORMS = [((), None), ((5,), None), ((5,), 0), ((2, 3), None), ((2, 3), 0), ((2, 3), -1), ((2, 3, 4), 1), ((2, 3, 4), (0, 2)), ((3, 1), 1), ((0,), None), ((0, 3), 1), ((3, 0), 1)]
for shape, dim in NORMS:
    for p in [1, 1.5, 2, 3, 'inf']:
        for keepdim in [False, True] if p in (1.5, 2, 'inf') and len(shape) == 2 else [False]:
            order = {'inf': math.inf, 'fro': 2}.get(p, p)
            dims = tuple(range(len(shape))) if dim is None else dim
            if shape == ():
                fn = lambda x: x.abs()
            else:
                fn = lambda x: torch.linalg.vector_norm(x, order, dims, keepdim)
            if p != 'inf' or 0 not in shape:
                case('norm', fn, [rand(shape, -6, 6, nonzero=True)], [p, dim, {'keepdim': keepdim}])

case('norm', lambda x: x.norm(), [rand((6,), -1000, 1000)], [])
case('norm', lambda x: x.norm(), [rand((4,), -8, 8) / 256], [])
for shape, dim in [((5,), 0), ((2, 3), 1), ((2, 3), 0), ((2, 3, 4), 1), ((2, 3, 4), -1), ((0, 3), 1)]:
    case('cosineSimilarity', lambda x, y: F.cosine_similarity(x, y, dim), [rand(shape, -6, 6, True), rand(shape, -6, 6, True)], [dim])

REDUCTIONS = ['mean', 'sum', 'none']


def classes(shape):
    index = torch.randint(0, shape[1] if len(shape) > 1 else shape[0], [s for i, s in enumerate(shape) if i != min(1, len(shape) - 1)], generator=recorder.gen)
    hot = F.one_hot(index, shape[1] if len(shape) > 1 else shape[0]).double()
    return hot.movedim(-1, 1) if len(shape) > 1 else hot


def entropy(x, y, reduction):
    axis = min(1, x.dim() - 1)
    losses = -(torch.log_softmax(x, axis) * y).sum(axis)
    return losses if reduction == 'none' else getattr(losses, reduction)()


def rappor(x, y, alpha, reduction):
    p = torch.sigmoid(x)
    return F.binary_cross_entropy(p if alpha == 0 else alpha * p + (1 - alpha) * (1 - p), y, reduction=reduction)


for reduction in REDUCTIONS:
    options = {'reduction': reduction}
    for shape in [(4,), (2, 3), (5, 10), (2, 3, 2), (3, 1)]:
        case('crossEntropy', lambda x, y: entropy(x, y, reduction), [rand(shape, -8, 8), classes(shape)], [options], [True, False])
    for shape in [(), (5,), (2, 3)]:
        p, y = rand(shape, 0.02, 0.98), rand(shape, 0, 1)
        case('binaryCrossEntropy', lambda x, y: F.binary_cross_entropy(x, y, reduction=reduction), [p, y], [options], [True, False])
        for alpha in [0, 0.125, 0.5, 0.9]:
            y = (rand(shape, 0, 1) > 0.5).double()
            case('rapporLoss', lambda x, y: rappor(x, y, alpha, reduction), [rand(shape, -4, 4), y], [{**options, 'alpha': alpha}], [True, False])

recorder.write()
