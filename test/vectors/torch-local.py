"""Writes torch-local.json: operations without a protocol of their own, for test/functions/local.test.ts.

    apt-get install -y python3-torch
    /usr/bin/python3 test/vectors/torch-local.py > test/vectors/torch-local.json

Indices come with repeated positions, but for scatter, whose gradient PyTorch leaves open there. See recorder.py for the form of
a case.
"""

import torch
import torch.nn.functional as F

from recorder import Recorder

recorder = Recorder(20251122, 'torch-local.py')
rand, case, index = recorder.rand, recorder.case, recorder.index


def nested(i):
    return {'shape': list(i.shape), 'data': i.reshape(-1).tolist()}


# Movement -------------------------------------------------------------------------------------

for shape, sizes in [((2, 3), (3, 2)), ((2, 3), (-1,)), ((), (1, 1)), ((2, 3, 4), (4, -1, 2)), ((0, 3), (3, 0)), ((1,), ())]:
    case('view', lambda x: x.view(sizes), [rand(shape)], [list(sizes)])

for shape, shifts, dims in [
    ((5,), 2, None), ((5,), -7, 0), ((), 3, None), ((2, 3), 1, None), ((2, 3), 4, -1), ((2, 3), (1, -1), (0, 1)),
    ((2, 3, 4), (5, 2), (-1, 0)), ((2, 3, 4), (1, 1, 1), (1, 1, -2)), ((0, 3), 1, None), ((0, 3), 2, 1), ((2, 3), 0, 0), ((4, 1), (3, 3), (1, 0)),
]:
    args = [shifts] if dims is None else [shifts, dims]
    case('roll', lambda x: torch.roll(x, shifts, dims), [rand(shape)], args)

for shape, padding in [
    ((3,), (1, 2)), ((3,), (0, 0)), ((2, 3), (1, 0)), ((2, 3), (0, 1, 2, 0)), ((2, 3), (-1, 1)), ((2, 3), (1, -2, -1, 3)), ((4, 3), (-1, -1, -1, -2)),
    ((2, 3, 2), (1, 1, 0, 2)), ((2, 3, 2), (1, 0, 0, 1, 2, 0)), ((1, 2, 3, 2), (0, 1, 1, 0)), ((2, 1), (0, 0, 3, 3)), ((0, 2), (1, 1, 2, 0)),
]:
    for value in [0, 1.5]:
        case('pad', lambda x: F.pad(x, padding, value=value), [rand(shape)], [list(padding), {'value': value}])
    inside = F.pad(torch.ones(shape).double(), padding)
    case('padSecret', lambda x, v: F.pad(x, padding) + v * (1 - inside), [rand(shape), rand(())], [list(padding)])
case('pad', lambda x: x * 1, [rand(())], [[], {'value': 2}])

for shape, args in [
    ((5,), (0, 2, 1)), ((5,), (0, 2, 2)), ((5,), (-1, 5, 1)), ((5,), (0, 1, 3)), ((5,), (0, 3, 4)), ((2, 6), (1, 3, 2)), ((6, 2), (0, 4, 1)),
    ((2, 5, 3), (1, 2, 1)), ((2, 5, 3), (-3, 1, 1)), ((9, 2), (0, 8, 1)), ((0, 4), (1, 2, 1)), ((), (0, 1, 1)),
]:
    case('unfold', lambda x: x.unfold(*args), [rand(shape)], args)
case('unfoldAfterT', lambda x: x.t().unfold(0, 2, 1), [rand((3, 4))])

for shape, counts in [
    ((3,), (2,)), ((3,), (2, 3)), ((2, 3), (1, 1)), ((2, 3), (2, 1)), ((2, 3), (1, 2)), ((2, 3), (4, 2, 3)), ((), (3,)), ((), ()), ((), (2, 2)),
    ((2, 3), (0, 2)), ((2, 0), (2, 3)), ((1, 2, 1), (2, 2, 2)),
]:
    case('repeat', lambda x: x.repeat(counts), [rand(shape)], [list(counts)])
    case('tile', lambda x: x.tile(counts), [rand(shape)], [list(counts)])
for shape, counts in [((2, 3), (2,)), ((2, 3, 2), (3, 1)), ((3,), ()), ((2, 2), (0,))]:
    case('tile', lambda x: x.tile(counts), [rand(shape)], [list(counts)])


def joined(parts, dim):
    """The parts, each with a weight of its own, so that their order counts."""
    return torch.cat([part * (i + 1) for i, part in enumerate(parts)], dim)


for shape, size, dim in [
    ((5,), 2, 0), ((5,), 5, 0), ((5,), 9, 0), ((5,), 1, -1), ((5,), [2, 3], 0), ((5,), [0, 5, 0], 0), ((4, 3), 3, 0), ((4, 3), 2, 1), ((4, 3), [1, 2], -1),
    ((2, 6, 2), [3, 1, 2], 1), ((0, 3), 2, 0), ((0, 3), 0, 0), ((0, 3), 1, 1),
]:
    case('split', lambda x: joined(x.split(size, dim), dim), [rand(shape)], [size, dim])
for shape, chunks, dim in [((5,), 2, 0), ((5,), 3, 0), ((5,), 4, 0), ((5,), 9, 0), ((4, 3), 2, -1), ((4, 3), 1, 0), ((6, 2), 4, 0), ((0, 2), 3, 0), ((2, 7, 1), 3, 1)]:
    case('chunk', lambda x: joined(x.chunk(chunks, dim), dim), [rand(shape)], [chunks, dim])
for shape, dim in [((3,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3), -1), ((2, 3, 2), -2), ((2, 0), 0), ((1,), 0)]:
    case('unbind', lambda x: torch.stack([p * (i + 1) for i, p in enumerate(x.unbind(dim))]), [rand(shape)], [dim])

# Indexing -------------------------------------------------------------------------------------

GRIDS = [
    ((5,), 0, (7,)), ((5,), -1, (2,)), ((3, 4), 0, (2, 4)), ((3, 4), 1, (3, 6)), ((3, 4), -2, (5, 2)), ((3, 4), 1, (1, 1)), ((2, 3, 4), 1, (2, 5, 3)),
    ((2, 3, 4), 2, (1, 3, 6)), ((2, 3, 4), 0, (3, 2, 1)), ((2, 1, 3), 1, (2, 4, 3)), ((), 0, ()), ((3, 4), 0, (0, 4)), ((4,), 0, (0,)),
]
for shape, dim, grid in GRIDS:
    i = index(grid, shape[dim] if shape else 1)
    case('gather', lambda x: x.gather(dim, i), [rand(shape)], [dim, nested(i)])
    case('scatterAdd', lambda x, s: x.scatter_add(dim, i, s), [rand(shape), rand(grid)], [dim, nested(i)])
    if len(grid) > 0:
        # PyTorch takes a wider source as well, but not its gradient.
        wider, corner = tuple(size + 1 for size in grid), tuple(slice(0, size) for size in grid)
        case('scatterAdd', lambda x, s: x.scatter_add(dim, i, s[corner]), [rand(shape), rand(wider)], [dim, nested(i)])

for shape, dim, count in [
    ((5,), 0, 3), ((5,), -1, 5), ((3, 4), 0, 2), ((3, 4), 1, 3), ((3, 4), -2, 3), ((2, 3, 4), 1, 2), ((2, 3, 4), -1, 4), ((2, 3, 4), 0, 1), ((3, 4), 0, 0),
]:
    grid = tuple(count if d == dim % len(shape) else size for d, size in enumerate(shape))
    order = torch.rand(shape, generator=recorder.gen).argsort(dim)
    i = order.narrow(dim, 0, count)
    case('scatter', lambda x, s: x.scatter(dim, i, s), [rand(shape), rand(grid)], [dim, nested(i)])
    case('scatterFill', lambda x: x.scatter(dim, i, 1.25), [rand(shape)], [dim, nested(i), 1.25])

for shape, dim, count in [
    ((5,), 0, 3), ((5,), 0, 8), ((5,), -1, 0), ((3, 4), 0, 5), ((3, 4), 1, 2), ((3, 4), -1, 6), ((2, 3, 4), 1, 4), ((2, 3, 4), -3, 3), ((2, 3, 1), 1, 1), ((0, 4), 1, 2), ((2, 2, 2, 2), 2, 3),
]:
    i = index((count,), shape[dim])
    part = tuple(count if d == dim % len(shape) else size for d, size in enumerate(shape))
    case('indexSelect', lambda x: x.index_select(dim, i), [rand(shape)], [dim, i.tolist()])
    case('indexAdd', lambda x, s: x.index_add(dim, i, s), [rand(shape), rand(part)], [dim, i.tolist()])
i = torch.tensor(0)
case('indexSelect', lambda x: x.index_select(0, i), [rand(())], [0, 0])
i = torch.tensor(2)
case('indexSelect', lambda x: x.index_select(0, i), [rand((3, 2))], [0, 2])

for shape, grid in [((5,), (3,)), ((5,), (2, 4)), ((3, 4), (6,)), ((3, 4), (2, 3)), ((2, 3, 4), (30,)), ((), (2,)), ((3,), ()), ((3, 2), (0,)), ((3, 2), (2, 1, 2))]:
    size = torch.Size(shape).numel()
    i = index(grid, size) - (torch.rand(grid, generator=recorder.gen) > 0.5).long() * size
    case('take', lambda x: x.take(i), [rand(shape)], [nested(i)])
for shape, dim, grid in [((5,), 0, (3,)), ((5,), 0, (2, 2)), ((3, 4), 0, (5,)), ((3, 4), 1, (2, 3)), ((3, 4), -1, ()), ((2, 3, 4), 1, (2, 2)), ((2, 3, 4), -3, (3,)), ((2, 3), 0, (0,)), ((2, 3, 2), 1, (4, 1))]:
    size = shape[dim]
    i = index(grid, size) - (torch.rand(grid, generator=recorder.gen) > 0.5).long() * size
    key = (slice(None),) * (dim % len(shape)) + (i,)
    case('take', lambda x: x[key], [rand(shape)], [nested(i), dim])


def assigned(x, key, values):
    y = x.clone()
    y[key] = values
    return y


for shape, entries, key, values in [
    ((5, 4), [0], (0,), (4,)), ((5, 4), [0], (0,), ()), ((5, 4), [[], -1], (slice(None), -1), (5,)), ((5, 4), [[1, 4]], (slice(1, 4),), (3, 4)),
    ((5, 4), [[1, 4]], (slice(1, 4),), (3, 1)), ((5, 4), [[1, 4]], (slice(1, 4),), (4,)), ((5, 4), [[0, 5, 2], [1, 3]], (slice(0, 5, 2), slice(1, 3)), (3, 2)),
    ((5, 4), [-1, 2], (-1, 2), ()), ((5, 4), [[], []], (slice(None), slice(None)), (5, 4)), ((3,), [[1]], (slice(1, None),), (1,)),
    ((2, 3, 2), [[], 1], (slice(None), 1), (2, 2)), ((2, 3, 2), [None, [], 1], (None, slice(None), 1), (1, 2, 2)), ((), [], (), ()), ((3, 2), [[2, 1]], (slice(2, 1),), (0, 2)),
]:
    case('setIndex', lambda x, v: assigned(x, key, v), [rand(shape), rand(values)], [entries])

# Sums and products ----------------------------------------------------------------------------

for shape, dim in [((5,), 0), ((5,), -1), ((2, 3), 0), ((2, 3), 1), ((2, 3), -2), ((2, 3, 4), 1), ((2, 3, 4), -1), ((3, 1), 1), ((), 0), ((0, 3), 0), ((0, 3), 1), ((1, 33), 1)]:
    case('cumsum', lambda x: x.cumsum(dim), [rand(shape)], [dim])
for shape in [(1, 1), (3, 3), (2, 5), (5, 2), (0, 3), (4, 4)]:
    # Not x.trace(): its gradient is wrong for matrices of more rows than columns.
    case('trace', lambda x: x.diagonal().sum(), [rand(shape)])
for n in [0, 1, 2, 7, 64]:
    case('dot', lambda x, y: x.dot(y), [rand((n,)), rand((n,))])
for n, m in [(1, 1), (3, 2), (2, 5), (1, 4), (0, 3), (3, 0), (17, 9)]:
    case('ger', lambda x, y: x.ger(y), [rand((n,)), rand((m,))])

for shape, dim in [
    ((5,), None), ((5,), 0), ((2, 3), None), ((2, 3), 0), ((2, 3), -1), ((2, 3), [0, 1]), ((2, 3, 4), 1), ((2, 3, 4), [0, -1]), ((2, 3, 4), -3), ((8,), None),
    ((0, 3), 1), ((100,), 0), ((4, 2), 0),
]:
    for unbiased in [True, False]:
        for keepdim in [False, True]:
            dims = list(range(len(shape))) if dim is None else dim
            args = [dim, {'unbiased': unbiased, 'keepdim': keepdim}]
            case('var', lambda x: x.var(dims, unbiased=unbiased, keepdim=keepdim), [rand(shape)], args)
    if shape != (0, 3):
        dims = list(range(len(shape))) if dim is None else dim
        case('var', lambda x: x.var(dims), [rand(shape)], [dim])
case('var', lambda x: x.var(0, unbiased=False), [rand((1, 3))], [0, {'unbiased': False}])

for shape, dim in [((), None), ((1,), None), ((2,), 0), ((3,), None), ((5,), -1), ((7,), 0), ((2, 3), None), ((2, 3), 0), ((2, 3), 1), ((2, 3, 4), 1), ((2, 3, 4), -1), ((0, 3), None), ((0, 3), 0), ((0, 3), 1), ((), 0)]:
    for keepdim in [False, True]:
        x = rand(shape, -1.5, 1.5)
        if dim is None:
            if keepdim:
                continue
            case('prod', lambda x: x.prod(), [x], [])
        else:
            case('prod', lambda x: x.prod(dim, keepdim=keepdim), [x], [dim, {'keepdim': keepdim}])
for zeros in [[0], [1, 3], [0, 1, 2, 3, 4]]:
    x = rand((5,), -1.5, 1.5, True)
    x[zeros] = 0
    case('prod', lambda x: x.prod(), [x], [])

for exponent in range(17):
    for shape in [(), (0,), (3, 2)]:
        case('pow', lambda x: x ** exponent, [rand(shape, -1.2, 1.2)], [exponent])
case('pow', lambda x: x ** 2, [rand((4,), -100, 100)], [2])
case('pow', lambda x: x ** 3, [rand((4,), -20, 20)], [3])
case('pow', lambda x: x ** 0, [torch.zeros(2).double()], [0])


def polynomial(x, c):
    return sum(c[k] * x ** (k + 1) for k in range(len(c)))


for n in range(1, 9):
    for shape in [(), (3,), (2, 2)]:
        case('polynomial', polynomial, [rand(shape, -1.2, 1.2), rand((n,), -2, 2)])
case('polynomial', polynomial, [rand((0,)), rand((3,))])
case('polynomial', polynomial, [rand((4,), -1.2, 1.2), torch.tensor([0.0, 1.0, 0.0, -0.5]).double()])
case('polynomial', polynomial, [rand((2,)), torch.zeros(3).double()])

recorder.write()
