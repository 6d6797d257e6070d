"""Writes torch-index.json: index entries with lists of positions, read and written, and weighted inner products.

    apt-get install -y python3-torch
    /usr/bin/python3 test/vectors/torch-index.py > test/vectors/torch-index.json

Entries of an index are written for the TypeScript method: a number; a list for a slice; null for a new dim; '...'; and
{"shape", "data"} for a list of positions.
"""

import torch

from recorder import Recorder

recorder = Recorder(20, 'torch-index.py')
rand, case = recorder.rand, recorder.case


def L(data):
    return torch.tensor(data)


def entry(e):
    if isinstance(e, torch.Tensor):
        return {'shape': list(e.shape), 'data': e.reshape(-1).tolist()}
    if isinstance(e, slice):
        return [] if e == slice(None) else [e.start or 0, e.stop] + ([e.step] if e.step else [])
    return '...' if e is Ellipsis else e


A = slice(None)
E = Ellipsis
INDICES = [
    ((5,), (L([0, 4, 4, -1]),)),
    ((5,), (L([[0, 1], [2, -5]]),)),
    ((5,), (L(3),)),
    ((5,), (L([]).long(),)),
    ((4, 3), (L([3, 0]),)),
    ((4, 3), (A, L([2, 2, 0]))),
    ((4, 3), (L([3, 0, 1]), L([2, 0, -1]))),
    ((4, 3), (L([[3], [0]]), L([0, 2]))),
    ((4, 3), (L([3, 0]), 1)),
    ((4, 3), (L([3, 0]), slice(1, 3))),
    ((4, 3), (slice(0, 4, 2), L([1, 1]))),
    ((4, 3), (None, L([1, 2]))),
    ((4, 3), (L([1, 2]), None)),
    ((4, 3), (E, L([0, -1]))),
    ((2, 3, 4), (L([1, 0]), A, L([3, 1]))),
    ((2, 3, 4), (A, L([2, 0]), L([3, 1]))),
    ((2, 3, 4), (L([1, 0]), L([2, 0]))),
    ((2, 3, 4), (0, A, L([3, 1, 1]))),
    ((2, 3, 4), (A, 1, L([3, 1, 1]))),
    ((2, 3, 4), (L([1, 0, 1]), 2, L([3, 1, 1]))),
    ((2, 3, 4), (L([1, 0]), None, L([2, 0]))),
    ((2, 3, 4), (A, L([[2, 0], [1, 1]]))),
    ((2, 3, 4), (A, L([[2, 0], [1, 1]]), slice(1, 4))),
    ((2, 3, 4), (E, L([[2, 0, 3]]))),
    ((2, 3, 4), (L([0]), E, L([2, 0, 3]))),
    ((2, 3, 4), (L([1]), L([2, 0]), L([[1], [3]]))),
    ((2, 3, 4), (A, A, L([]).long())),
    ((2, 2, 2, 2), (L([1, 0]), A, A, L([1, 1]))),
    ((2, 2, 2, 2), (A, L([1, 0]), A, L([1, 1]))),
    ((2, 2, 2, 2), (A, L([1, 0]), L([0, 1]), A)),
    ((2, 3, 4), (0, E, 1)),
    ((2, 3, 4), (E, 1)),
    ((2, 3, 4), (1, E)),
    ((2, 3), (0, E, None, 2)),
    ((2, 3), (E,)),
]

for shape, index in INDICES:
    args = [entry(e) for e in index]
    case('index', lambda x: x[index], [rand(shape)], args)

    def written(x, v):
        y = x.clone()
        y[index] = v
        return y

    # Of several values at one place PyTorch keeps any, and gives all of them a gradient: those cases are in indexing.test.ts.
    words = torch.arange(torch.Size(shape).numel()).reshape(shape)[index]
    if words.numel() != words.unique().numel():
        continue
    place = torch.zeros(shape)[index].shape
    case('setIndex', written, [rand(shape), rand(place)], args)
    if len(place) > 0:
        case('setIndex', written, [rand(shape), rand((place[-1],))], args)
    case('setIndex', written, [rand(shape), rand(())], args)

for n in [0, 1, 5]:
    case('dot', lambda x, y, w: (x * y * w).sum(), [rand((n,)), rand((n,)), rand((n,))])

recorder.write()
