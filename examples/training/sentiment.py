"""Trains a small transformer to tell praise from blame, in the clear, and writes data/sentiment.safetensors for
12-transformer.ts.

    /usr/bin/python3 examples/training/sentiment.py

The sentences are made up here: something was (not) (very) good or bad, and or but (not) good or bad. The last thing said
counts. So the network has to see what belongs together: "not bad but very dull" is blame. Nothing else is in the file: words
in the metadata, one tensor for each parameter under PyTorch's name, float32.
"""

import json
import random
import struct
from pathlib import Path

import torch
from torch import nn

SEED = 20240817
LENGTH, WIDTH, HEADS = 10, 16, 2
PRAISE = ['good', 'great', 'nice', 'lovely', 'warm', 'fresh']
BLAME = ['bad', 'awful', 'poor', 'dull', 'cold', 'stale']
THINGS = ['food', 'film', 'room', 'music', 'service', 'book']
DEGREES = ['very', 'really', 'quite']
WORDS = ['.', 'the', 'this', 'was', 'is', 'not', 'and', 'but', *THINGS, *DEGREES, *PRAISE, *BLAME]

random.seed(SEED)
torch.manual_seed(SEED)


def said():
    good, negated = random.random() < 0.5, random.random() < 0.4
    words = ['not'] * negated + [random.choice(DEGREES)] * (random.random() < 0.4)
    return words + [random.choice(PRAISE if good else BLAME)], good != negated


def sentence():
    words, praise = said()
    words = [random.choice(['the', 'this']), random.choice(THINGS), random.choice(['was', 'is']), *words]
    if random.random() < 0.6:
        more, praise = said()
        words += [random.choice(['and', 'but']), *more]
    return [WORDS.index(w) for w in words] + [0] * (LENGTH - len(words)), float(praise)


class Sentiment(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(len(WORDS), WIDTH)
        self.positions = nn.Embedding(LENGTH, WIDTH)
        self.encoder = nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, dropout=0, batch_first=True)
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, rows):
        x = self.words(rows) + self.positions.weight
        return self.head(self.encoder(x).mean(1))[:, 0]


def batch(n):
    rows, labels = zip(*(sentence() for _ in range(n)))
    return torch.tensor(rows), torch.tensor(labels)


model = Sentiment()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(1500):
    rows, labels = batch(64)
    optimizer.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(rows), labels).backward()
    optimizer.step()

rows, labels = batch(2000)
with torch.no_grad():
    right = ((model(rows) > 0) == (labels > 0)).double().mean().item()
print(f'{100 * right:.1f} % of 2000 new sentences')

header, body = {'__metadata__': {'words': ' '.join(WORDS)}}, b''
for name, value in model.state_dict().items():
    data = value.numpy().tobytes()
    header[name] = {'dtype': 'F32', 'shape': list(value.shape), 'data_offsets': [len(body), len(body) + len(data)]}
    body += data
text = json.dumps(header, separators=(',', ':')).encode()
text += b' ' * (-len(text) % 8)
path = Path(__file__).parent.parent / 'data' / 'sentiment.safetensors'
path.write_bytes(struct.pack('<Q', len(text)) + text + body)
