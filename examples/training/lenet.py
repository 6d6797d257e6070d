"""Trains LeNet on the digits, in the clear, and writes it as data/lenet.onnx for 12-onnx-lenet.ts.

    /usr/bin/python3 examples/training/lenet.py

LeNet-5 of LeCun et al. 1998 in today's form (ReLU, max-pooling), with windows of 3x3 since the images are 8x8. The first
1400 digits train; the others, of other writers, are for the example. The file is float32, opset 13.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

SEED = 20240817
TRAIN = 1400
EPOCHS = 60
BATCH = 20
DATA = Path(__file__).parent.parent / 'data'

torch.manual_seed(SEED)
table = np.loadtxt(DATA / 'digits.csv', delimiter=',', skiprows=1)
images = torch.tensor(table[:, :-1] / 16).float().reshape(-1, 1, 8, 8)
labels = torch.tensor(table[:, -1]).long()

model = nn.Sequential(
    nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(6, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(64, 120), nn.ReLU(),
    nn.Linear(120, 84), nn.ReLU(),
    nn.Linear(84, 10),
)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
for epoch in range(EPOCHS):
    order = torch.randperm(TRAIN)
    for rows in order.split(BATCH):
        # Moved by up to a pixel, each way: 1400 images of few writers are not many.
        down, right = torch.randint(-1, 2, (2,)).tolist()
        moved = images[rows].roll((down, right), (2, 3))
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(moved), labels[rows]).backward()
        optimizer.step()
    falling.step()

model.eval()
with torch.no_grad():
    right = (model(images[TRAIN:]).argmax(1) == labels[TRAIN:]).double().mean().item()
print(f'{100 * right:.1f} % of the {len(labels) - TRAIN} digits that were not trained on')
torch.onnx.export(
    model, images[:1], str(DATA / 'lenet.onnx'), opset_version=13,
    input_names=['image'], output_names=['scores'], dynamic_axes={'image': {0: 'images'}, 'scores': {0: 'images'}},
)
