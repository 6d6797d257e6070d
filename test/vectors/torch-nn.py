"""Writes torch-nn.json: modules and losses of PyTorch in float64, for test/nn/torch.test.ts.

    /usr/bin/python3 test/vectors/torch-nn.py > test/vectors/torch-nn.json

Inputs, states and upstream gradients are multiples of 2^-8, so fixed point holds them exactly. Each case: make (the class and the
arguments as TypeScript takes them), training, state (parameters and buffers by PyTorch's names, [shape, data]), in and out ([shape,
data] each), dy (data for each output), grads (of the inputs; null where none is asked for), params (gradients by name), after (buffers
after the call).
"""

import json

import torch
from torch import nn

SEED = 20241122
gen = torch.Generator().manual_seed(SEED)
cases = []


def rand(shape, limit=1.0):
    top = int(limit * 256)
    return torch.randint(-top, top + 1, tuple(shape), generator=gen).double() / 256


def some(shape, low, high):
    return torch.randint(int(low * 256), int(high * 256) + 1, tuple(shape), generator=gen).double() / 256


def flat(x):
    return [round(v, 7) for v in x.detach().double().reshape(-1).tolist()]


def packed(x):
    return [list(x.shape), flat(x)]


def tensors(outputs):
    if torch.is_tensor(outputs):
        return [outputs]
    return [t for part in outputs for t in tensors(part)]


def case(make, module, inputs, training=False, grads=None, call=None, limit=1.0, at=None):
    """A module on inputs; `make` is [class, ...arguments]; `at` gives values of some parameters or buffers."""
    module = module.double().train(training)
    state = module.state_dict()
    for name, value in state.items():
        if value.is_floating_point():
            new = rand(value.shape, limit)
            if name.endswith('running_var'):
                new = some(value.shape, 0.25, 2)
            value.copy_(at[name] if at and name in at else new)
    before = {name: packed(value) for name, value in state.items()}
    grads = [x.is_floating_point() for x in inputs] if grads is None else grads
    leaves = [x.clone().requires_grad_(g) if g else x.clone() for x, g in zip(inputs, grads)]
    outputs = tensors((call or module)(*leaves))
    dy = [rand(out.shape) for out in outputs]
    torch.autograd.backward(outputs, dy)
    record = {'make': make, 'training': training}
    if before:
        record['state'] = before
    record['in'] = [packed(x) for x in inputs]
    record['out'] = [packed(out) for out in outputs]
    record['dy'] = [flat(d) for d in dy]
    record['grads'] = [flat(x.grad) if g else None for x, g in zip(leaves, grads)]
    record['params'] = {name: flat(p.grad) for name, p in module.named_parameters()}
    buffers = {name: flat(b) for name, b in module.named_buffers()}
    if buffers and training:
        record['after'] = buffers
    cases.append(record)


# Layers that are one operation.
case(['Linear', 4, 3], nn.Linear(4, 3), [rand((5, 4), 2)])
case(['Linear', 3, 2, {'bias': False}], nn.Linear(3, 2, bias=False), [rand((2, 3, 3), 2)])
case(['Conv1d', 2, 3, 3, {'stride': 2, 'padding': 1}], nn.Conv1d(2, 3, 3, stride=2, padding=1), [rand((2, 2, 7), 2)])
case(['Conv1d', 4, 2, 2, {'groups': 2, 'dilation': 2, 'bias': False}], nn.Conv1d(4, 2, 2, groups=2, dilation=2, bias=False), [rand((1, 4, 5), 2)])
case(['Conv2d', 2, 3, [3, 2], {'padding': [1, 0]}], nn.Conv2d(2, 3, (3, 2), padding=(1, 0)), [rand((2, 2, 4, 3), 2)])
case(['Conv2d', 4, 4, 3, {'groups': 4, 'stride': 2, 'padding': 1}], nn.Conv2d(4, 4, 3, groups=4, stride=2, padding=1), [rand((1, 4, 5, 5), 2)])
case(['ConvTranspose1d', 2, 3, 3, {'stride': 2, 'padding': 1, 'outputPadding': 1}], nn.ConvTranspose1d(2, 3, 3, stride=2, padding=1, output_padding=1), [rand((2, 2, 4), 2)])
case(['ConvTranspose2d', 4, 2, 2, {'stride': 2, 'groups': 2}], nn.ConvTranspose2d(4, 2, 2, stride=2, groups=2), [rand((1, 4, 3, 2), 2)])
case(['MaxPool1d', 2], nn.MaxPool1d(2), [rand((2, 2, 6), 4)])
case(['MaxPool2d', 3, {'stride': 2, 'padding': 1}], nn.MaxPool2d(3, stride=2, padding=1), [rand((1, 2, 5, 6), 4)])
case(['AvgPool1d', 3, {'stride': 1, 'padding': 1}], nn.AvgPool1d(3, stride=1, padding=1), [rand((2, 2, 5), 4)])
case(['AvgPool2d', [2, 3], {'ceilMode': True}], nn.AvgPool2d((2, 3), ceil_mode=True), [rand((1, 2, 5, 5), 4)])
case(['AdaptiveAvgPool1d', 3], nn.AdaptiveAvgPool1d(3), [rand((2, 2, 7), 4)])
case(['AdaptiveAvgPool2d', [2, None]], nn.AdaptiveAvgPool2d((2, None)), [rand((1, 2, 5, 3), 4)])
case(['AdaptiveMaxPool1d', 2], nn.AdaptiveMaxPool1d(2), [rand((2, 2, 5), 4)])
case(['AdaptiveMaxPool2d', [2, 3]], nn.AdaptiveMaxPool2d((2, 3)), [rand((1, 2, 5, 4), 4)])
case(['GlobalAveragePool'], nn.AdaptiveAvgPool2d(1), [rand((2, 3, 3, 5), 4)])
case(['Flatten'], nn.Flatten(), [rand((2, 3, 2), 4)])
case(['Flatten', 0, 1], nn.Flatten(0, 1), [rand((2, 3, 2), 4)])
case(['Identity'], nn.Identity(), [rand((3,), 4)])
case(['Dropout', 0.3], nn.Dropout(0.3), [rand((3, 2), 4)])
case(['Dropout2d', 0.3], nn.Dropout2d(0.3), [rand((2, 2, 2, 1), 4)])
case(['Dropout3d'], nn.Dropout3d(), [rand((1, 2, 1, 2, 1), 4)])
case(['ConstantPad1d', [1, 2], 0.5], nn.ConstantPad1d((1, 2), 0.5), [rand((2, 3), 4)])
case(['ConstantPad2d', 1, -1], nn.ConstantPad2d(1, -1), [rand((1, 2, 3), 4)])
case(['ConstantPad3d', [1, 0, 0, 2, -1, 1], 0], nn.ConstantPad3d((1, 0, 0, 2, -1, 1), 0), [rand((2, 2, 2, 2), 4)])

# Activations, 0 and both tails among their inputs.
line = torch.tensor([-12, -6.5, -3, -1.25, -0.5, -0.0625, 0, 0.0625, 0.75, 1, 2.5, 5.75, 6.25, 11]).double()
for make, module in [
    (['ReLU'], nn.ReLU()), (['ReLU6'], nn.ReLU6()), (['LeakyReLU', 0.25], nn.LeakyReLU(0.25)), (['LeakyReLU'], nn.LeakyReLU()),
    (['ELU'], nn.ELU()), (['ELU', 0.75], nn.ELU(0.75)), (['ELU', 2], nn.ELU(2)), (['Sigmoid'], nn.Sigmoid()), (['Tanh'], nn.Tanh()),
    (['Hardtanh', -0.75, 2], nn.Hardtanh(-0.75, 2)), (['GELU'], nn.GELU()), (['SiLU'], nn.SiLU()), (['Softplus'], nn.Softplus()),
]:
    case(make, module, [line])
case(['Softmax', 1], nn.Softmax(1), [rand((3, 4), 4)])
case(['LogSoftmax', -1], nn.LogSoftmax(-1), [rand((2, 2, 3), 4)])

# Normalisations: in training with the running statistics after, and in evaluation.
for training in [True, False]:
    case(['BatchNorm1d', 3], nn.BatchNorm1d(3), [rand((6, 3), 4)], training=training)
    case(['BatchNorm1d', 2, {'momentum': 0.25, 'affine': False, 'eps': 0.125}], nn.BatchNorm1d(2, momentum=0.25, affine=False, eps=0.125), [rand((3, 2, 4), 4)], training=training)
    case(['BatchNorm2d', 2, {'trackRunningStats': False}], nn.BatchNorm2d(2, track_running_stats=False), [rand((2, 2, 3, 2), 4)], training=training)
    case(['BatchNorm2d', 3], nn.BatchNorm2d(3), [rand((3, 3, 5, 5), 4)], training=training)
    case(['BatchNorm3d', 2], nn.BatchNorm3d(2), [rand((2, 2, 2, 1, 2), 4)], training=training)
case(['BatchNorm2d', 2], nn.BatchNorm2d(2), [rand((2, 2, 2, 2), 0.25)], at={'running_var': torch.tensor([0.015625, 64]).double()})
case(['LayerNorm', 5], nn.LayerNorm(5), [rand((3, 5), 4)])
case(['LayerNorm', [2, 3], {'elementwiseAffine': False}], nn.LayerNorm((2, 3), elementwise_affine=False), [rand((2, 2, 3), 4)])
case(['GroupNorm', 2, 4], nn.GroupNorm(2, 4), [rand((2, 4, 3), 4)])
case(['GroupNorm', 3, 3, {'affine': False}], nn.GroupNorm(3, 3, affine=False), [rand((2, 3, 2, 2), 4)])
case(['InstanceNorm1d', 2], nn.InstanceNorm1d(2), [rand((2, 2, 5), 4)], training=True)
case(['InstanceNorm2d', 2, {'affine': True}], nn.InstanceNorm2d(2, affine=True), [rand((2, 2, 3, 2), 4)])


class Hinge(nn.Module):
    def __init__(self, margin=1.0, reduction='mean'):
        super().__init__()
        self.margin, self.reduction = margin, reduction

    def forward(self, x, y):
        losses = torch.relu(self.margin - x * y)
        return losses if self.reduction == 'none' else getattr(losses, self.reduction)()


class Rappor(nn.Module):
    def __init__(self, alpha, reduction='mean'):
        super().__init__()
        self.alpha, self.bce = alpha, nn.BCELoss(reduction=reduction)

    def forward(self, x, y):
        p = torch.sigmoid(x)
        return self.bce(self.alpha * p + (1 - self.alpha) * (1 - p), y)


def loss(name, module, x, y, *args, **options):
    for reduction in ['mean', 'sum', 'none']:
        call = module(*args, reduction=reduction, **options)
        case([name, *args, {'reduction': reduction, **options}], call, [x, y], grads=[True, False])


# Losses: real targets, bits, signs, distributions, class numbers.
real = rand((3, 4), 3)
loss('MSELoss', nn.MSELoss, real, rand((3, 4), 3))
loss('L1Loss', nn.L1Loss, torch.cat([real, torch.ones(1, 4).double()]), torch.cat([rand((3, 4), 3), torch.ones(1, 4).double()]))
loss('SmoothL1Loss', nn.SmoothL1Loss, real, rand((3, 4), 3), beta=0.5)
loss('SmoothL1Loss', nn.SmoothL1Loss, real, rand((3, 4), 3))
loss('HuberLoss', nn.HuberLoss, real, rand((3, 4), 3), delta=1.5)
bits = torch.randint(0, 2, (3, 4), generator=gen).double()
loss('BCELoss', nn.BCELoss, some((3, 4), 0.125, 0.875), bits)
loss('BCEWithLogitsLoss', nn.BCEWithLogitsLoss, real, bits)
loss('RAPPORLoss', Rappor, real, bits, 0.75)
loss('HingeLoss', Hinge, real, 2 * bits - 1, margin=0.5)
loss('HingeEmbeddingLoss', nn.HingeEmbeddingLoss, real, 2 * bits - 1, margin=2)
for shape in [(4,), (3, 4), (2, 3, 2)]:
    logits = rand(shape, 3)
    axis = min(1, len(shape) - 1)
    index = torch.randint(0, shape[axis], tuple(n for i, n in enumerate(shape) if i != axis), generator=gen)
    loss('CrossEntropyLoss', nn.CrossEntropyLoss, logits, index)
    loss('NLLLoss', nn.NLLLoss, -logits.abs(), index)
one_hot = nn.functional.one_hot(torch.tensor([2, 0, 3]), 4).double()
loss('CrossEntropyLoss', nn.CrossEntropyLoss, real, one_hot)
loss('CrossEntropyLoss', nn.CrossEntropyLoss, real, torch.tensor([[0.5, 0.25, 0.25, 0]] * 3).double())
case(['CosineSimilarity'], nn.CosineSimilarity(), [rand((3, 4), 2), rand((3, 4), 2)])
case(['CosineSimilarity', 0], nn.CosineSimilarity(0), [rand((3, 2), 2), rand((3, 2), 2)])

# Embedding: class numbers; attention and a transformer's layer: projections small enough that no softmax is a step.
case(['Embedding', 5, 3], nn.Embedding(5, 3), [torch.tensor([[0, 4], [2, 2]])])


def attend(module, padding=None, mask=None):
    def call(q, k, v, *masks):
        masks = [None if m is None else m.bool() for m in (padding, mask)]
        return module(q, k, v, key_padding_mask=masks[0], attn_mask=masks[1])
    return call


def attention(inputs, masks=(), padding=None, mask=None, **options):
    names = {'batchFirst': 'batch_first'}
    module = nn.MultiheadAttention(4, 2, **{names.get(k, k): v for k, v in options.items()})
    grads = [True] * len(inputs) + [False] * len(masks)
    case(['MultiheadAttention', 4, 2, options], module, [*inputs, *masks], grads=grads, call=attend(module, padding, mask))


attention([rand((3, 2, 4)), rand((4, 2, 4)), rand((4, 2, 4))])
attention([rand((3, 4)), rand((2, 4)), rand((2, 4))], bias=False)
padding = torch.tensor([[0, 0, 0, 1], [0, 1, 0, 0]])
causal = torch.triu(torch.ones(3, 4), 1).long()
attention([rand((2, 3, 4)), rand((2, 4, 4)), rand((2, 4, 4))], [padding, causal], padding, causal, batchFirst=True)
for first in [False, True]:
    module = nn.TransformerEncoderLayer(4, 2, 6, dropout=0, activation='gelu' if first else 'relu', batch_first=first, norm_first=first)
    case(['TransformerEncoderLayer', 4, 2, {'dimFeedforward': 6, 'dropout': 0, 'activation': 'gelu' if first else 'relu', 'batchFirst': first, 'normFirst': first}],
         module, [rand((2, 3, 4), 2)], training=True, limit=0.5)

# Recurrent layers: given and zero states, batches first or second or none, two layers, two directions.
def recurrent(name, x, *states, **options):
    names = {'numLayers': 'num_layers', 'batchFirst': 'batch_first'}
    module = getattr(nn, name)(2, 3, **{names.get(k, k): v for k, v in options.items()})
    call = (lambda x, h, c: module(x, (h, c))) if name == 'LSTM' and states else None
    case([name, 2, 3, options], module, [rand(x, 2), *map(rand, states)], call=call)


recurrent('RNN', (4, 2, 2))
recurrent('RNN', (3, 2, 2), (2, 2, 3), nonlinearity='relu', numLayers=2, bias=False)
recurrent('GRU', (2, 3, 2), (1, 2, 3), batchFirst=True)
recurrent('GRU', (3, 2), bidirectional=True, numLayers=2)
recurrent('LSTM', (3, 2, 2))
recurrent('LSTM', (2, 3, 2), (2, 2, 3), (2, 2, 3), batchFirst=True, bidirectional=True)
recurrent('LSTM', (3, 2), (2, 3), (2, 3), numLayers=2)

print('{')
print(f'  "source": "PyTorch {torch.__version__} float64, test/vectors/torch-nn.py, seed {SEED}",')
print('  "cases": [')
print(',\n'.join('    ' + json.dumps(c, separators=(',', ':')) for c in cases))
print('  ]\n}')
