"""Writes torch-training.json: models trained by PyTorch in float64, for test/training/.

    /usr/bin/python3 test/vectors/torch-training.py > test/vectors/torch-training.json

Tables are examples/data/; every fifth row is for the test. Initial weights and the order of rows come from a linear congruential
generator, so that only results are stored: of seed 1 after `few` steps, of each seed after all, rounded to 4 digits.
"""

import json
import os

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 64
FEW = 16


def table(name):
    path = os.path.join(HERE, '..', '..', 'examples', 'data', name)
    with open(path) as file:
        rows = [[float(cell) for cell in line.split(',')] for line in file.read().strip().split('\n')[1:]]
    data = torch.tensor(rows)
    test = torch.arange(len(rows)) % 5 == 4
    x, y = data[:, :-1], data[:, -1]
    return x[~test], y[~test], x[test], y[test]


def medical():
    x, y, u, v = table('breast_cancer.csv')
    mean, std = x.mean(0), x.std(0, unbiased=False)
    return (x - mean) / std, y, (u - mean) / std, v


def digits():
    x, y, u, v = table('digits.csv')
    return x / 16, y, u / 16, v


class Generator:
    """Numbers on [0, 1)."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return self.state / 2**32


def logistic(x, w):
    return x @ w[0].T + w[1]


def mlp(x, w):
    return F.relu(x @ w[0].T + w[1]) @ w[2].T + w[3]


def cnn(x, w):
    y = F.max_pool2d(F.relu(F.conv2d(x.reshape(-1, 1, 8, 8), w[0], w[1])), 2)
    return y.flatten(1) @ w[2].T + w[3]


# Name, table, function, shapes of weights, optimizer, options, epochs.
MODELS = [
    ('logistic', medical, logistic, [[1, 30], [1]], 'SGD', {'lr': 0.1}, 10),
    ('softmax', digits, logistic, [[10, 64], [10]], 'SGD', {'lr': 0.1}, 6),
    ('mlp', digits, mlp, [[16, 64], [16], [10, 16], [10]], 'SGD', {'lr': 0.1}, 12),
    ('cnn', digits, cnn, [[4, 1, 3, 3], [4], [10, 36], [10]], 'SGD', {'lr': 0.05, 'momentum': 0.9}, 4),
    ('adam', medical, mlp, [[8, 30], [8], [1, 8], [1]], 'Adam', {'lr': 0.003}, 10),
]


def train(load, model, shapes, optimizer, options, epochs, seed):
    x, y, u, v = load()
    generator = Generator(seed)
    weights = []
    for i, shape in enumerate(shapes):
        fan = torch.tensor(shapes[i - i % 2][1:]).prod().item()
        count = torch.tensor(shape).prod().item()
        values = [(2 * generator.next() - 1) / fan**0.5 for _ in range(count)]
        weights.append(torch.tensor(values).reshape(shape).requires_grad_())
    keys = [generator.next() for _ in range(len(y))]
    order = sorted(range(len(y)), key=lambda i: keys[i])
    binary = shapes[-1] == [1]

    def loss_of(logits, labels):
        if binary:
            return F.binary_cross_entropy_with_logits(logits[:, 0], labels)
        return F.cross_entropy(logits, labels.long())

    def accuracy():
        logits = model(u, weights)
        guess = (logits[:, 0] > 0).double() if binary else logits.argmax(1).double()
        return (guess == v).double().mean().item()

    steps = getattr(torch.optim, optimizer)(weights, **options)
    done, few = 0, None
    for _ in range(epochs):
        for begin in range(0, len(order), BATCH):
            rows = order[begin : begin + BATCH]
            steps.zero_grad()
            loss_of(model(x[rows], weights), y[rows]).backward()
            steps.step()
            done += 1
            if done == FEW:
                few = flat(weights)
    return {'few': few, 'final': flat(weights), 'accuracy': accuracy()}


def flat(weights):
    return [round(value, 4) for weight in weights for value in weight.flatten().tolist()]


lines = []
for name, load, model, shapes, optimizer, options, epochs in MODELS:
    runs = [train(load, model, shapes, optimizer, options, epochs, seed) for seed in (1, 2, 3)]
    lines.append(json.dumps({
        'model': name, 'shapes': shapes, 'optimizer': optimizer, 'options': options, 'epochs': epochs,
        'accuracies': [run['accuracy'] for run in runs],
        'few': runs[0]['few'],
        'final': [run['final'] for run in runs],
    }, separators=(',', ':')))
print('{')
print(f'  "source": "PyTorch {torch.__version__} float64, test/vectors/torch-training.py",')
print(f'  "batch": {BATCH}, "few": {FEW},')
print('  "models": [\n    ' + ',\n    '.join(lines) + '\n  ]\n}')
