"""Writes torch-sgd.json: three steps of torch.optim.SGD in float64, for test/optim/sgd.test.ts.

    /usr/bin/python3 test/vectors/torch-sgd.py > test/vectors/torch-sgd.json
"""

import itertools
import json

import torch

SEED = 20240817
gen = torch.Generator().manual_seed(SEED)
cases = []
for lr, momentum, dampening, decay, nesterov in itertools.product(
    [0.5, 0.1, 0.003], [0, 0.9], [0, 0.5], [0, 0.01], [False, True]
):
    if nesterov and (momentum == 0 or dampening != 0):
        continue
    start, *grads = (torch.randint(-512, 513, (4,), generator=gen).double() / 256 for _ in range(4))
    p = start.clone().requires_grad_()
    options = dict(lr=lr, momentum=momentum, dampening=dampening, weight_decay=decay, nesterov=nesterov)
    sgd = torch.optim.SGD([p], **options)
    after = []
    for grad in grads:
        p.grad = grad.clone()
        sgd.step()
        after.append([round(v, 9) for v in p.tolist()])
    cases.append({
        'options': {'lr': lr, 'momentum': momentum, 'dampening': dampening, 'weightDecay': decay, 'nesterov': nesterov},
        'start': start.tolist(),
        'grads': [g.tolist() for g in grads],
        'after': after,
    })
print('{')
print(f'  "source": "torch.optim.SGD of PyTorch {torch.__version__} float64, test/vectors/torch-sgd.py, seed {SEED}",')
print('  "cases": [')
print(',\n'.join('    ' + json.dumps(c, separators=(',', ':')) for c in cases))
print('  ]\n}')
