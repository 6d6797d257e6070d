"""Writes torch-optim.json: 20 steps of torch.optim in float64, and learning rates of torch.optim.lr_scheduler, for
test/optim/torch.test.ts and test/optim/lr-scheduler.test.ts.

    /usr/bin/python3 test/vectors/torch-optim.py > test/vectors/torch-optim.json

All cases of a size share their gradients: multiples of 2^-20, each element at a scale of its own (1, 0.1, 0.01, 0.001 and 4).
"""

import json

import torch
from torch.optim import lr_scheduler as lrs

SEED = 20240819
STEPS = 20
gen = torch.Generator().manual_seed(SEED)
scales = torch.tensor([1, 0.1, 0.01, 0.001, 4], dtype=torch.float64)
start = torch.randint(-8192, 8193, (5,), generator=gen).double() / 4096
grads = [
    torch.round((torch.randn(5, generator=gen).double() + 0.5) * scales * 2**20) / 2**20 for _ in range(STEPS)
]


def camel(name):
    head, *rest = name.split('_')
    return head + ''.join(part.capitalize() for part in rest)


def run(name, **options):
    p = start.clone().requires_grad_()
    optimizer = getattr(torch.optim, name)([p], **options)
    after = []
    for grad in grads:
        p.grad = grad.clone()
        optimizer.step()
        after.append([round(v, 7) for v in p.tolist()])
    return {'optimizer': name, 'options': {camel(k): v for k, v in options.items()}, 'after': after}


cases = [
    run('SGD', lr=0.1),
    run('SGD', lr=0.05, momentum=0.9),
    run('SGD', lr=0.05, momentum=0.9, nesterov=True),
    run('SGD', lr=0.05, momentum=0.8, dampening=0.3, weight_decay=0.02),
    run('Adam', lr=0.01),
    run('Adam', lr=0.1, betas=(0.8, 0.9)),
    run('Adam', lr=0.05, betas=(0.5, 0.99), weight_decay=0.1),
    run('Adam', lr=0.02, amsgrad=True),
    run('Adam', lr=0.02, eps=0.01),
    run('Adam', lr=0.03, betas=(0, 0.999)),
    run('AdamW', lr=0.01),
    run('AdamW', lr=0.05, weight_decay=0.3, amsgrad=True),
    run('RMSprop', lr=0.005),
    run('RMSprop', lr=0.01, alpha=0.9),
    run('RMSprop', lr=0.01, alpha=0.9, weight_decay=0.1, eps=0.001),
    run('RMSprop', lr=0.002, alpha=0.9, momentum=0.8),
    run('RMSprop', lr=0.005, alpha=0.9, centered=True),
    run('RMSprop', lr=0.002, alpha=0.95, centered=True, momentum=0.5),
]


def rates(name, make, **options):
    p = torch.zeros(1, requires_grad=True)
    q = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([{'params': [p]}, {'params': [q], 'lr': 0.02}], lr=0.1)
    scheduler = make(optimizer)
    found = []
    for _ in range(16):
        found.append([group['lr'] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return {'scheduler': name, 'options': options, 'rates': found}


schedules = [
    rates('StepLR', lambda o: lrs.StepLR(o, 4, 0.5), stepSize=4, gamma=0.5),
    rates('MultiStepLR', lambda o: lrs.MultiStepLR(o, [3, 8, 9], 0.3), milestones=[3, 8, 9], gamma=0.3),
    rates('ExponentialLR', lambda o: lrs.ExponentialLR(o, 0.9), gamma=0.9),
    rates('CosineAnnealingLR', lambda o: lrs.CosineAnnealingLR(o, 10, 0.001), tMax=10, etaMin=0.001),
    rates('LinearLR', lambda o: lrs.LinearLR(o, 0.25, 1.0, 6), startFactor=0.25, endFactor=1, totalIters=6),
]
plateau = []
losses = [1.0, 0.9, 0.9, 0.91, 0.899999, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.4, 0.4]
for options in [
    dict(factor=0.5, patience=1),
    dict(factor=0.5, patience=1, cooldown=2, min_lr=0.02),
    dict(mode='max', factor=0.2, patience=2, threshold=0.05, threshold_mode='abs'),
]:
    p = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=0.1)
    scheduler = lrs.ReduceLROnPlateau(optimizer, **options)
    found = []
    for loss in losses:
        scheduler.step(loss)
        found.append(optimizer.param_groups[0]['lr'])
    plateau.append({'options': {camel(k): v for k, v in options.items()}, 'rates': found})

line = lambda rows: ',\n'.join('    ' + json.dumps(row, separators=(',', ':')) for row in rows)
print('{')
print(f'  "source": "torch.optim of PyTorch {torch.__version__} float64, test/vectors/torch-optim.py, seed {SEED}",')
print(f'  "start": {start.tolist()},')
print('  "grads": [\n' + line([g.tolist() for g in grads]) + '\n  ],')
print('  "cases": [\n' + line(cases) + '\n  ],')
print('  "schedules": [\n' + line(schedules) + '\n  ],')
print(f'  "losses": {losses},')
print('  "plateau": [\n' + line(plateau) + '\n  ]\n}')
