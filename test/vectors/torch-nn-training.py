"""Writes torch-nn-training.json: a few steps of training of small models in PyTorch, float64, for test/nn/training.test.ts.

    /usr/bin/python3 test/vectors/torch-nn-training.py > test/vectors/torch-nn-training.json

Inputs and initial states are multiples of 2^-8. Each case: name (of the model there), state before, x and y (class numbers), lr and
momentum of SGD, losses (before each step, and after the last), after (the state).
"""

import json

import torch
from torch import nn

SEED = 20241123
STEPS = 8
gen = torch.Generator().manual_seed(SEED)


def rand(shape, limit=1.0):
    top = int(limit * 256)
    return torch.randint(-top, top + 1, tuple(shape), generator=gen).double() / 256


def flat(x):
    return [round(v, 7) for v in x.detach().double().reshape(-1).tolist()]


def packed(state):
    return {name: [list(x.shape), flat(x)] for name, x in state.items()}


def case(name, model, x, y, lr, momentum):
    model = model.double()
    state = model.state_dict()
    for key, value in state.items():
        if key.endswith(('weight', 'bias')):
            value.copy_(rand(value.shape, 0.5))
    before = packed(state)
    sgd = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    loss = nn.CrossEntropyLoss()
    losses = []
    for _ in range(STEPS):
        sgd.zero_grad()
        value = loss(model(x), y)
        losses.append(round(value.item(), 7))
        value.backward()
        sgd.step()
    model.eval()
    return {
        'name': name, 'state': before, 'x': [list(x.shape), flat(x)], 'y': y.tolist(), 'lr': lr, 'momentum': momentum,
        'losses': losses, 'after': packed(model.state_dict()), 'scores': flat(model(x)),
    }


y = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])
mlp = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 3))
cnn = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 3))
cases = [
    case('mlp', mlp, rand((8, 5), 2), y, 0.25, 0.5),
    case('cnn', cnn, rand((8, 1, 6, 6), 2), y, 0.125, 0.5),
]
print('{')
print(f'  "source": "PyTorch {torch.__version__} float64, test/vectors/torch-nn-training.py, seed {SEED}",')
print('  "cases": [')
print(',\n'.join('    ' + json.dumps(c, separators=(',', ':')) for c in cases))
print('  ]\n}')
