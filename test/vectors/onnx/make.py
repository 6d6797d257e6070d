"""Writes models that PyTorch exported, models built by hand, and what they give, for test/onnx/models.test.ts.

    apt-get install -y python3-torch python3-torchvision python3-onnx
    /usr/bin/python3 test/vectors/onnx/make.py

Next to this file: <name>.onnx for each model, and models.json with producer, opset, inputs and outputs (PyTorch's, float32). Models
built by hand hold what the exporter never emits, or what only opsets above its own have; their outputs are PyTorch's too.
"""

import io
import json
import os
import warnings

import numpy as np
import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch.onnx import TrainingMode

warnings.filterwarnings('ignore')
SEED = 20240905
HERE = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(SEED)
records = []


def values(x):
    data = x.detach().double().reshape(-1).tolist()
    return [list(x.shape), [round(v, 6) for v in data]]


def keep(name, data, inputs, outputs):
    model = onnx.load_model_from_string(data)
    with open(os.path.join(HERE, f'{name}.onnx'), 'wb') as file:
        file.write(data)
    produced = f'{model.producer_name} {model.producer_version}'.strip()
    opset = [o.version for o in model.opset_import if o.domain == ''][0]
    names = [i.name for i in model.graph.input]
    assert len(names) == len(inputs), (name, names)
    records.append({
        'name': name, 'producer': produced, 'opset': opset,
        'inputs': [values(x) for x in inputs], 'outputs': [values(y) for y in outputs],
    })


def grid(*shape, low=-2.0, high=2.0):
    """Multiples of 1/64, so that fixed point holds them exactly."""
    return torch.randint(int(low * 64), int(high * 64) + 1, shape).float() / 64


def torch_model(name, opset, model, inputs, keep_bn=False, dynamic=False, train=False):
    model.eval()
    inputs = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    with torch.no_grad():
        out = model(*inputs)
    outputs = list(out) if isinstance(out, (list, tuple)) else [out]
    buffer = io.BytesIO()
    names = [f'input{i}' for i in range(len(inputs))]
    training = TrainingMode.TRAINING if train else TrainingMode.PRESERVE if keep_bn else TrainingMode.EVAL
    torch.onnx.export(
        model, tuple(inputs), buffer, opset_version=opset, input_names=names, training=training,
        do_constant_folding=not (keep_bn or train),
        dynamic_axes={n: {0: 'batch'} for n in names} if dynamic else None,
    )
    data = buffer.getvalue()
    onnx.checker.check_model(onnx.load_model_from_string(data))
    keep(name, data, inputs, outputs)


class Fn(nn.Module):
    """A function as a module."""

    def __init__(self, fn, **modules):
        super().__init__()
        self.fn = fn
        for key, module in modules.items():
            setattr(self, key, module)

    def forward(self, *x):
        return self.fn(self, *x)


def settle(module):
    """Batch norms get statistics other than 0 and 1."""
    for m in module.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.running_mean.uniform_(-0.5, 0.5)
            m.running_var.uniform_(0.5, 1.5)
            m.weight.data.uniform_(0.5, 1.5)
            m.bias.data.uniform_(-0.5, 0.5)
    return module


# What PyTorch exports ------------------------------------------------------------------------------------------------

torch_model('linear', 11, nn.Linear(4, 3), grid(2, 4))
torch_model('linear-9', 9, nn.Linear(4, 3, bias=False), grid(2, 3, 4))
torch_model('mlp', 13, nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 5), nn.Tanh(), nn.Linear(5, 2), nn.Sigmoid()), grid(3, 6))
torch_model('mlp-dynamic', 15, nn.Sequential(nn.Flatten(), nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 2)), grid(3, 2, 3), dynamic=True)
torch_model('lenet', 11, nn.Sequential(
    nn.Conv2d(1, 3, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(24, 12), nn.ReLU(), nn.Linear(12, 10)), grid(1, 1, 16, 16))


class Residual(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.short = nn.Sequential()
        if stride != 1 or channels != out:
            self.short = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.short(x))


class ResNet18(nn.Module):
    def __init__(self, width):
        super().__init__()
        sizes = [(width, width, 1), (width, width, 1), (width, 2 * width, 2), (2 * width, 2 * width, 1),
                 (2 * width, 4 * width, 2), (4 * width, 4 * width, 1), (4 * width, 8 * width, 2), (8 * width, 8 * width, 1)]
        self.conv = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.blocks = nn.Sequential(*[Residual(*size) for size in sizes])
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8 * width, 10)

    def forward(self, x):
        x = self.pool(self.blocks(F.relu(self.bn(self.conv(x)))))
        return self.fc(torch.flatten(x, 1))


torch_model('residual-bn', 12, settle(Residual(2, 4, 2)), grid(1, 2, 8, 8), keep_bn=True)
torch_model('residual-fused', 14, settle(Residual(2, 2, 1)), grid(1, 2, 6, 6))
torch_model('resnet18-narrow', 13, settle(ResNet18(4)), grid(1, 3, 32, 32, low=-1, high=1))
torch_model('depthwise', 16, nn.Sequential(nn.Conv2d(4, 4, 3, groups=4, padding=1), nn.Conv2d(4, 6, 1), nn.Conv2d(6, 4, (3, 2), (2, 1), (1, 0), (1, 2), 2)), grid(1, 4, 6, 7))
torch_model('conv1d', 13, nn.Sequential(nn.Conv1d(2, 4, 3, 2, 1), nn.BatchNorm1d(4), nn.LeakyReLU(0.1), nn.MaxPool1d(2), nn.Conv1d(4, 2, 2, dilation=2)), grid(2, 2, 14))
torch_model('conv-transposed', 11, nn.Sequential(nn.ConvTranspose2d(3, 2, 3, 2, 1, output_padding=1), nn.ReLU(), nn.ConvTranspose2d(2, 4, 2, groups=2, dilation=2)), grid(1, 3, 4, 5))
torch_model('conv-transposed-1d', 13, nn.ConvTranspose1d(2, 3, 4, 2, 1), grid(1, 2, 5))
torch_model('avg-pool', 12, Fn(lambda m, x: (F.avg_pool2d(x, 3, 2, 1), F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), F.avg_pool2d(x, (2, 3), 2, ceil_mode=True))), grid(1, 2, 7, 8))
torch_model('max-pool', 12, Fn(lambda m, x: (F.max_pool2d(x, 3, 2, 1), F.max_pool2d(x, 2, 1, dilation=2), F.max_pool2d(x, (3, 2), 2, ceil_mode=True), F.max_pool2d(x, 2, 3, 1, ceil_mode=True))), grid(1, 2, 8, 8))
torch_model('adaptive-pool', 13, Fn(lambda m, x: (F.adaptive_avg_pool2d(x, (2, 3)), F.adaptive_max_pool2d(x, 2), F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, 1))), grid(1, 3, 6, 6))
torch_model('dropout', 12, nn.Sequential(nn.Linear(4, 6), nn.Dropout(0.4), nn.ReLU(), nn.Linear(6, 2)), grid(2, 4), train=True)
torch_model('softmax-11', 11, Fn(lambda m, x: (F.softmax(x, 1), F.softmax(x, -1))), grid(2, 3, 4))
torch_model('softmax-13', 13, Fn(lambda m, x: (F.softmax(x, 1), F.softmax(x, -1))), grid(2, 3, 4))
torch_model('log-softmax', 14, nn.Sequential(nn.Linear(4, 5), nn.LogSoftmax(dim=1)), grid(2, 4))
torch_model('log-softmax-11', 11, Fn(lambda m, x: F.log_softmax(x, 1)), grid(2, 3, 2))
torch_model('layer-norm', 17, nn.Sequential(nn.Linear(6, 8), nn.LayerNorm(8)), grid(3, 6))
torch_model('layer-norm-11', 11, nn.LayerNorm([2, 6]), grid(3, 2, 6))
torch_model('gelu', 13, nn.Sequential(nn.Linear(4, 6), nn.GELU(), nn.Linear(6, 2)), grid(3, 4))
torch_model('instance-group-norm', 14, Fn(lambda m, x: (m.a(x), m.b(x)), a=nn.InstanceNorm2d(4, affine=True), b=nn.GroupNorm(2, 4)), grid(2, 4, 3, 5))
torch_model('batch-norm', 15, settle(nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 2, 1))), grid(2, 3, 4, 4), keep_bn=True)
torch_model('batch-norm-9', 9, settle(nn.BatchNorm1d(4)), grid(5, 4))


class Attention(nn.Module):
    def __init__(self, causal):
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.out = nn.Linear(8, 8)
        self.causal = causal

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q, k, v = [y.reshape(n, t, 2, 4).transpose(1, 2) for y in (q, k, v)]
        scores = q @ k.transpose(-2, -1) / 2.0
        if self.causal:
            mask = torch.tril(torch.ones(t, t))
            scores = scores.masked_fill(mask == 0, float('-inf'))
        y = torch.softmax(scores, -1) @ v
        return self.out(y.transpose(1, 2).reshape(n, t, d))


torch_model('attention', 13, Attention(False), grid(1, 4, 8), dynamic=True)
torch_model('attention-causal', 14, Attention(True), grid(1, 4, 8))
torch_model('transformer-layer', 17, nn.TransformerEncoderLayer(8, 2, 16, activation='gelu', batch_first=True, norm_first=True), grid(1, 4, 8), keep_bn=True)
torch_model('transformer-layer-12', 12, nn.TransformerEncoderLayer(8, 2, 16), grid(3, 2, 8), keep_bn=True)


class Recurrent(nn.Module):
    def __init__(self, cell, **options):
        super().__init__()
        self.cell = cell(3, 4, **options)

    def forward(self, x):
        return self.cell(x)[0]


torch_model('gru', 11, Recurrent(nn.GRU), grid(3, 2, 3))
torch_model('gru-bidirectional', 14, Recurrent(nn.GRU, bidirectional=True, batch_first=True), grid(2, 3, 3))
torch_model('lstm', 13, Recurrent(nn.LSTM, bidirectional=True), grid(3, 2, 3))
torch_model('lstm-states', 12, Fn(lambda m, x: (lambda r: (r[0], r[1][0], r[1][1]))(m.cell(x)), cell=nn.LSTM(3, 4, num_layers=2, bias=False)), grid(3, 1, 3))
torch_model('rnn', 13, Recurrent(nn.RNN), grid(3, 2, 3))
torch_model('split', 11, Fn(lambda m, x: torch.cat([a * (i + 1) for i, a in enumerate(x.chunk(2, 1) + x.split([1, 3], 1))], 1)), grid(2, 4))
torch_model('split-13', 13, Fn(lambda m, x: (x.split([1, 3], 1)[1], x.chunk(3, 0)[2])), grid(3, 4))
torch_model('resize', 11, Fn(lambda m, x: (F.interpolate(x, scale_factor=2), F.interpolate(x, size=(5, 3)))), grid(1, 2, 3, 4))
torch_model('resize-13', 13, Fn(lambda m, x: (F.interpolate(x, scale_factor=(2, 3), mode='nearest'), F.interpolate(x, size=(6, 5), mode='bilinear', align_corners=False), F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=True))), grid(1, 1, 3, 4))
torch_model('upsample-9', 9, Fn(lambda m, x: F.interpolate(x, scale_factor=2)), grid(1, 2, 2, 3))
torch_model('embedding', 12, Fn(lambda m, x: m.out(m.table(x).sum(1)), table=nn.Embedding(7, 4), out=nn.Linear(4, 2)), torch.tensor([[1, 0, 6], [3, 3, 2]]))
torch_model('index', 13, Fn(lambda m, x: (x[:, 1], x[:, [0, 2]], x[1:, ::2, -1], torch.index_select(x, 2, torch.tensor([3, 0])), torch.gather(x, 1, torch.tensor([[[0, 1, 2, 0]], [[2, 2, 1, 0]]])))), grid(2, 3, 4))
torch_model('flip-slice', 11, Fn(lambda m, x: (x.flip(1), x[:, :-1, 1:3], x[..., 1::2])), grid(2, 3, 4))
torch_model('pad', 11, Fn(lambda m, x: (F.pad(x, (1, 2, 0, 1), value=0.5), F.pad(x, (-1, 1)))), grid(1, 2, 3))
torch_model('pad-reflect', 13, Fn(lambda m, x: (F.pad(x, (2, 1, 1, 0), mode='reflect'), F.pad(x, (1, 1, 2, 0), mode='replicate'))), grid(1, 1, 3, 4))
torch_model('clip', 12, Fn(lambda m, x: (x.clamp(-0.5, 1), x.clamp(min=0.25), x.clamp(max=0.75), F.hardtanh(x), F.relu6(3 * x))), grid(2, 5))
torch_model('where', 12, Fn(lambda m, x, y: (torch.where(x > y, x, y * 2), torch.where(x < 0.5, torch.zeros_like(x), x), (x >= y).float(), (x <= 0).float(), ((x > 0) & ~(y > 0) | (x == y)).float())), [grid(3, 4), grid(3, 4)])
torch_model('min-max', 13, Fn(lambda m, x, y: (torch.min(x, y), torch.max(x, y), torch.minimum(x, torch.tensor(0.5)), x.max(1)[0], x.min())), [grid(3, 4), grid(3, 4)])
torch_model('reduce', 13, Fn(lambda m, x: (x.sum(1), x.mean((0, 2), keepdim=True), x.sum(), x.prod(2), x.amax((1, 2)), x.amin(0), x.norm(dim=2), x.norm(1, dim=1), x.logsumexp(1), x.var(2), x.std(1, unbiased=False))), grid(2, 3, 4, low=0.25, high=1.5))
torch_model('reduce-11', 11, Fn(lambda m, x: (x.sum(1), x.sum((0, 2)), x.mean(-1))), grid(2, 3, 4))
torch_model('powers', 13, Fn(lambda m, x: (x.pow(2), x ** 3, x.sqrt(), x.pow(0.5), x ** -1, torch.rsqrt(x), x.exp(), x.log(), torch.erf(x), x ** 1.7, 1 / x, x ** torch.tensor([2, 1, 0.5]))), grid(2, 3, low=0.5, high=2))
torch_model('unary', 14, Fn(lambda m, x: (-x, x.abs(), x.sign(), x.sin(), x.cos(), x.tanh(), x.sigmoid(), torch.div(x, 3), 2 - x)), grid(2, 5))
torch_model('activations', 14, Fn(lambda m, x: (F.leaky_relu(x, 0.2), F.elu(x, 0.8), F.selu(x), F.softplus(x), F.hardswish(x), F.hardsigmoid(x), F.silu(x), F.prelu(x, m.weight), F.celu(x, 1.5), F.softsign(x), F.gelu(x, approximate='tanh')), weight=nn.Parameter(torch.tensor([0.1, 0.3, 0.2]))), grid(2, 3))
torch_model('shapes', 11, Fn(lambda m, x: (x.squeeze(1).unsqueeze(0), x.permute(2, 0, 1), x.flatten(1), x.expand(-1, 3, -1), x.repeat(1, 2, 2), x.reshape(-1, 2))), grid(2, 1, 4))
torch_model('shapes-13', 13, Fn(lambda m, x: (x.squeeze(1).unsqueeze(-1), x.transpose(1, 2), x.view(x.size(0), -1), x.expand(x.size(0), 3, 4), x.repeat(2, 1, 2), torch.stack([x, x * 2]))), grid(2, 1, 4), dynamic=True)
torch_model('shape-arithmetic', 12, Fn(lambda m, x: x.view(x.size(0), x.size(1) // 2, 2, -1).mean(2) + torch.arange(x.size(2)).float() + torch.zeros(x.size(0), 1, 1) + torch.full_like(x[:, :2], 0.5)), grid(2, 4, 3), dynamic=True)
torch_model('pixel-shuffle', 11, Fn(lambda m, x: F.pixel_unshuffle(F.pixel_shuffle(x, 2).relu(), 3)), grid(1, 4, 3, 3))
torch_model('top', 13, Fn(lambda m, x: (x.topk(2, 1)[0], x.argmax(1), x.argmin(0), x.topk(1, 0, largest=False)[0])), torch.tensor([[0.5, -1, 2, 0.25], [1.5, 3, -2, 0.75], [-0.5, 1, 0, 2.5]]))
torch_model('cumsum', 12, Fn(lambda m, x: x.cumsum(1)), grid(2, 4))
torch_model('scatter', 16, Fn(lambda m, x, y: (x.scatter(1, torch.tensor([[2, 0], [1, 3]]), y), x.scatter_add(1, torch.tensor([[2, 2], [1, 3]]), y))), [grid(2, 4), grid(2, 2)])
torch_model('matmul', 13, Fn(lambda m, x, y: (x @ y, x @ y[0, :, 0], y.transpose(-1, -2) @ m.w, torch.bmm(x, y)), w=nn.Parameter(grid(4, 2))), [grid(2, 3, 4), grid(2, 4, 3)])

# What is built by hand -----------------------------------------------------------------------------------------------

TYPES = {torch.float32: TensorProto.FLOAT, torch.int64: TensorProto.INT64, torch.bool: TensorProto.BOOL}


def node(op, inputs, outputs='y', **attributes):
    """Names stand in one string, between spaces, or in a list."""
    names = lambda given: given.split() if isinstance(given, str) else given
    return helper.make_node(op, names(inputs), names(outputs), **attributes)


def hand(name, opset, nodes, inputs, outputs, constants=None, check=True):
    """inputs, constants: tensors by name; outputs: expected tensors by name."""
    info = lambda items: [helper.make_tensor_value_info(k, TYPES[v.dtype], list(v.shape)) for k, v in items.items()]
    inits = [numpy_helper.from_array(np.ascontiguousarray(v.numpy()), k) for k, v in (constants or {}).items()]
    graph = helper.make_graph(nodes, name, info(inputs), info(outputs), inits)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', opset)], producer_name='by hand')
    model.ir_version = 8
    if check:
        onnx.checker.check_model(model)
    keep(name, model.SerializeToString(), list(inputs.values()), list(outputs.values()))


def ints(*v):
    return torch.tensor(v, dtype=torch.int64)


x, z = grid(2, 3, 4), grid(2, 3, 4)
hand('hand-variadic', 13, [node('Sum', 'x z x', 'a'), node('Mean', 'x z', 'b'), node('Min', 'x z c', 'd'), node('Max', 'x z c', 'e'),
                           node('Identity', 'a', 'f'), node('Max', 'x', 'g')],
     {'x': x, 'z': z}, {'f': x + z + x, 'b': (x + z) / 2, 'd': torch.minimum(torch.minimum(x, z), torch.tensor(0.5)),
                        'e': torch.maximum(torch.maximum(x, z), torch.tensor(0.5)), 'g': x}, {'c': torch.tensor(0.5)})
im = grid(1, 2, 5, 6)
hand('hand-pools', 19, [node('GlobalMaxPool', 'x', 'a'), node('GlobalAveragePool', 'x', 'b'),
                        node('MaxPool', 'x', 'c', kernel_shape=[3, 2], strides=[2, 2], pads=[2, 0, 0, 1]),
                        node('AveragePool', 'x', 'd', kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 0, 1]),
                        node('AveragePool', 'x', 'e', kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 0, 1], count_include_pad=1),
                        node('MaxPool', 'x', 'f', kernel_shape=[2, 3], strides=[2, 2], auto_pad='SAME_UPPER'),
                        node('Conv', 'x w', 'g', auto_pad='SAME_LOWER', strides=[2, 2]),
                        node('Conv', 'x w', 'h', pads=[0, 2, 1, 0])],
     {'x': im}, {
         'a': im.amax((2, 3), keepdim=True), 'b': im.mean((2, 3), keepdim=True),
         'c': F.max_pool2d(F.pad(im, (0, 1, 2, 0), value=-99), (3, 2), 2),
         'd': F.avg_pool2d(F.pad(im, (0, 1, 1, 0)), (3, 2), 2, divisor_override=1) / F.avg_pool2d(F.pad(torch.ones_like(im), (0, 1, 1, 0)), (3, 2), 2, divisor_override=1),
         'e': F.avg_pool2d(F.pad(im, (0, 1, 1, 0)), (3, 2), 2),
         'f': F.max_pool2d(F.pad(im, (0, 1, 0, 1), value=-99), (2, 3), 2),
         'g': F.conv2d(F.pad(im, (1, 0, 1, 0)), torch.arange(12.).view(1, 2, 2, 3) / 16 - 0.25, stride=2),
         'h': F.conv2d(F.pad(im, (2, 0, 0, 1)), torch.arange(12.).view(1, 2, 2, 3) / 16 - 0.25),
     }, {'w': torch.arange(12.).view(1, 2, 2, 3) / 16 - 0.25}, check=False)
hand('hand-softmax-11', 11, [node('Softmax', 'x', 'a', axis=1), node('LogSoftmax', 'x', 'b', axis=2), node('Softmax', 'x', 'c'), node('Hardmax', 'x', 'd', axis=2), node('Softmax', 'x', 'e', axis=-1), node('Softmax', 'x', 'f', axis=0)],
     {'x': x}, {'a': torch.softmax(x.flatten(1), 1).view_as(x), 'b': torch.log_softmax(x, 2), 'c': torch.softmax(x.flatten(1), 1).view_as(x),
                'd': F.one_hot(x.argmax(2), 4).float(), 'e': torch.softmax(x, 2), 'f': torch.softmax(x.flatten(), 0).view_as(x)})
hand('hand-reduce-18', 18, [node('ReduceSum', ['x', 'two'], 'a', keepdims=0), node('ReduceMax', ['x', 'two'], 'b'), node('ReduceMin', ['x', 'one'], 'c'),
                            node('ReduceProd', ['x', 'one'], 'd', keepdims=0), node('ReduceL1', ['x', 'two'], 'e'), node('ReduceL2', ['x', 'two'], 'f'),
                            node('ReduceSumSquare', ['x', 'one'], 'g'), node('ReduceMean', ['x'], 'h'), node('ReduceMean', ['x', 'none'], 'i', noop_with_empty_axes=1),
                            node('ReduceLogSum', ['p', 'one'], 'j'), node('ReduceLogSumExp', ['x', 'one'], 'k')],
     {'x': x, 'p': x.abs() + 0.25}, {
         'a': x.sum((0, 2)), 'b': x.amax((0, 2), keepdim=True), 'c': x.amin(1, keepdim=True), 'd': x.prod(1), 'e': x.abs().sum((0, 2), keepdim=True),
         'f': (x * x).sum((0, 2), keepdim=True).sqrt(), 'g': (x * x).sum(1, keepdim=True), 'h': x.mean().view(1, 1, 1), 'i': x,
         'j': (x.abs() + 0.25).sum(1, keepdim=True).log(), 'k': x.logsumexp(1, keepdim=True)},
     {'two': ints(0, -1), 'one': ints(1), 'none': torch.zeros(0, dtype=torch.int64)}, check=False)
five = grid(2, 5)
hand('hand-newer', 21, [node('Gelu', 'x', 'a'), node('Gelu', 'x', 'b', approximate='tanh'), node('Split', 'x', 'c d e', axis=1, num_outputs=3), node('HardSwish', 'x', 'f'),
                        node('GroupNormalization', ['i', 's', 'bias'], 'g', num_groups=2, epsilon=1e-4), node('Mish', 'x', 'h'), node('Softsign', 'x', 'l'), node('Pad', ['x', 'p', '', 'one'], 'k')],
     {'x': five, 'i': im.view(1, 4, 3, 5)}, {
         'a': F.gelu(five), 'b': F.gelu(five, approximate='tanh'), 'c': five[:, :2], 'd': five[:, 2:4], 'e': five[:, 4:], 'f': F.hardswish(five),
         'g': F.group_norm(im.view(1, 4, 3, 5), 2, torch.tensor([1., 2, 0.5, 1.5]), torch.tensor([0., 1, -1, 0.5]), 1e-4), 'h': F.mish(five), 'l': F.softsign(five), 'k': F.pad(five, (1, 2))},
     {'s': torch.tensor([1., 2, 0.5, 1.5]), 'bias': torch.tensor([0., 1, -1, 0.5]), 'p': ints(1, 2), 'one': ints(1)}, check=False)
hand('hand-group-norm-18', 18, [node('GroupNormalization', 'x s b', num_groups=2)], {'x': im.view(1, 4, 3, 5)},
     {'y': F.group_norm(im.view(1, 4, 3, 5), 2, torch.tensor([1., 1, 2, 2]), torch.tensor([0., 0, 1, 1]))},
     {'s': torch.tensor([1., 2]), 'b': torch.tensor([0., 1])}, check=False)
hand('hand-pad-2', 9, [node('Pad', 'x', pads=[0, 1, 2, 0, 0, 1], value=0.25)], {'x': x}, {'y': F.pad(x, (2, 1, 1, 0), value=0.25)})
hand('hand-public', 14, [node('Shape', 'x', 's'), node('Gather', ['s', 'one'], 'n'), node('Cast', 'n', 'nf', to=1), node('Floor', ['q'], 'fl'), node('Ceil', ['q'], 'ce'),
                         node('Mul', ['nf', 'fl'], 'm'), node('Add', 'x m', 'a'), node('ConstantOfShape', 's', 'k', value=helper.make_tensor('v', 1, [1], [1.5])),
                         node('Range', ['zero', 'n0', 'one0'], 'r'), node('Cast', 'r', 'rf', to=1), node('Trilu', ['sq'], 't', upper=0), node('Mul', ['rf', 'ce'], 'rc'),
                         node('Size', 'x', 'sz'), node('Cast', ['sz'], 'szf', to=1), node('Sub', ['a', 'k'], 'b'), node('Add', ['b', 'rc'], 'c'), node('MatMul', 'c t', 'd'), node('Div', ['d', 'szf'], 'y')],
     {'x': x}, {'y': ((x + 3 * 2 - 1.5 + torch.arange(4.) * 3) @ torch.tril(torch.ones(4, 4) * 0.5)) / 24},
     {'one': ints(1), 'zero': torch.tensor(0), 'n0': torch.tensor(4), 'one0': torch.tensor(1), 'q': torch.tensor(2.5), 'sq': torch.ones(4, 4) * 0.5}, check=False)
h = grid(1, 8, 2, 1)
hand('hand-nd', 16, [node('GatherND', 'x i', 'a'), node('ScatterND', 'x j u', 'b'), node('OneHot', 'k d v', 'c'), node('GatherElements', 'x e', 'f', axis=2),
                     node('ScatterElements', 'x e w', 'g', axis=2, reduction='add'), node('DepthToSpace', 'h', 'l', blocksize=2), node('SpaceToDepth', 'l', 'o', blocksize=2)],
     {'x': x, 'k': ints(2, 0, 1), 'h': h}, {
         'a': torch.stack([x[0, 2], x[1, 1]]), 'b': torch.stack([torch.stack([x[0, 0], torch.tensor([1., 2, 3, 4]), x[0, 2]]), x[1]]),
         'c': F.one_hot(ints(2, 0, 1), 3).float() * 2 + 0.5, 'f': x.gather(2, ints(3, 0, 1, 1, 2, 0).view(2, 3, 1)),
         'g': x.scatter_add(2, ints(3, 0, 1, 1, 2, 0).view(2, 3, 1), torch.ones(2, 3, 1)),
         'l': h.reshape(1, 2, 2, 2, 2, 1).permute(0, 3, 4, 1, 5, 2).reshape(1, 2, 4, 2), 'o': h},
     {'i': ints(0, 2, 1, 1).view(2, 2), 'j': ints(0, 1).view(1, 2), 'u': torch.tensor([[1., 2, 3, 4]]), 'd': torch.tensor(3), 'v': torch.tensor([0.5, 2.5]),
      'e': ints(3, 0, 1, 1, 2, 0).view(2, 3, 1), 'w': torch.ones(2, 3, 1)})
m, n = grid(2, 3), grid(3, 2)
hand('hand-gemm', 11, [node('Gemm', 'x z', 'a', alpha=0.5, transA=1, transB=1), node('Gemm', 'x z c', 'b', alpha=2.0, beta=0.5), node('Greater', 'x o', 'p'),
                       node('Less', 'x o', 'q'), node('Xor', 'p q', 'e'), node('Or', 'p q', 'f'), node('Cast', 'e', 'g', to=1), node('Cast', 'f', 'h', to=1), node('ThresholdedRelu', 'x', 'i', alpha=0.5), node('CumSum', 'x ax', 'j', exclusive=1, reverse=1), node('CumSum', 'x ax', 'k', exclusive=1)],
     {'x': m, 'z': n}, {'a': 0.5 * m.t() @ n.t(), 'b': 2 * m @ n + 0.5 * torch.tensor([1., -1]), 'g': ((m > 0.5) ^ (m < 0.5)).float(), 'h': ((m > 0.5) | (m < 0.5)).float(),
                        'i': torch.where(m > 0.5, m, torch.zeros_like(m)),
                        'j': m.flip(1).cumsum(1).flip(1) - m, 'k': m.cumsum(1) - m},
     {'c': torch.tensor([1., -1]), 'o': torch.tensor(0.5), 'ax': torch.tensor(1)}, check=False)
gate = nn.GRU(3, 4)
reorder = lambda w: torch.cat([w[4:8], w[0:4], w[8:12]])
seq = grid(3, 2, 3)
out, last = gate(seq)


def plain_gru(seq):
    """linear_before_reset = 0, which PyTorch has not, read backwards."""
    wr, wz, wn = gate.weight_ih_l0.split(4)
    rr, rz, rn = gate.weight_hh_l0.split(4)
    br, bz, bn = gate.bias_ih_l0.split(4)
    cr, cz, cn = gate.bias_hh_l0.split(4)
    hidden, outs = torch.zeros(2, 4), []
    for t in reversed(range(3)):
        r = torch.sigmoid(seq[t] @ wr.t() + br + hidden @ rr.t() + cr)
        u = torch.sigmoid(seq[t] @ wz.t() + bz + hidden @ rz.t() + cz)
        c = torch.tanh(seq[t] @ wn.t() + bn + (r * hidden) @ rn.t() + cn)
        hidden = (1 - u) * c + u * hidden
        outs.insert(0, hidden)
    return torch.stack(outs)[:, None]


hand('hand-gru-reverse', 14, [node('GRU', 'x w r b', 'y', hidden_size=4, direction='reverse')], {'x': seq}, {'y': plain_gru(seq).detach()},
     {'w': reorder(gate.weight_ih_l0.detach())[None], 'r': reorder(gate.weight_hh_l0.detach())[None],
      'b': torch.cat([reorder(gate.bias_ih_l0.detach()), reorder(gate.bias_hh_l0.detach())])[None]})


flat, small, wide = grid(2, 5), grid(1, 1, 2, 3), grid(1, 2, 3, 5)


def linear_twice(x):
    """Twice as large, linear, places at half steps from the first on."""
    for dim in (2, 3):
        size = x.shape[dim]
        at = torch.arange(2 * size) / 2
        low = at.floor().long()
        part = (at - low).view([-1 if d == dim else 1 for d in range(4)])
        x = x.index_select(dim, low) * (1 - part) + x.index_select(dim, (low + 1).clamp(max=size - 1)) * part
    return x


hand('hand-9', 9, [node('Slice', 'x', 'a', starts=[1, -3], ends=[2, 100], axes=[0, 1]), node('TopK', 'x', 'b ib', k=2), node('Scatter', 'x i u', 'c', axis=1),
                   node('Clip', 'x', 'd', min=-0.5, max=0.75), node('Upsample', 'img s', 'e', mode='linear'), node('Split', 'x', 'f g', axis=1, split=[2, 3]),
                   node('Unsqueeze', 'x', 'h', axes=[0, 3]), node('Squeeze', 'h', 'k'), node('ReduceSum', 'x', 'l', axes=[1], keepdims=0), node('Cast', 'ib', 'm', to=1)],
     {'x': flat, 'img': small}, (lambda x, top: {
         'a': x[1:2, -3:], 'b': top[0], 'c': x.scatter(1, ints(4, 0, 1, 3).view(2, 2), torch.tensor([[1., 2], [3, 4]])), 'd': x.clamp(-0.5, 0.75),
         'e': linear_twice(small), 'f': x[:, :2], 'g': x[:, 2:], 'k': x, 'l': x.sum(1), 'm': top[1].float()})(flat, flat.topk(2)),
     {'i': ints(4, 0, 1, 3).view(2, 2), 'u': torch.tensor([[1., 2], [3, 4]]), 's': torch.tensor([1., 1, 2, 2])}, check=False)
hand('hand-10', 10, [node('Resize', 'img s', 'a'), node('Slice', 'x st en ax sp', 'b'), node('TopK', 'x k', 'c ic', axis=0), node('MaxPool', 'img', 'd', kernel_shape=[2, 2], ceil_mode=1, strides=[2, 2]),
                     node('AveragePool', 'img', 'e', kernel_shape=[2, 2], ceil_mode=1, strides=[2, 2]), node('Dropout', 'x', 'f mask', ratio=0.5)],
     {'x': flat, 'img': wide}, {
         'a': wide[:, :, [0, 0, 1, 1, 2, 2]][..., [0, 0, 1, 2, 2, 3, 4]], 'b': flat.flip(0)[:, [4, 2, 0]], 'c': flat.amax(0, keepdim=True),
         'd': F.max_pool2d(wide, 2, ceil_mode=True), 'e': F.avg_pool2d(wide, 2, ceil_mode=True), 'f': flat}, {'s': torch.tensor([1., 1, 2, 1.5]), 'st': ints(-1, 100), 'en': torch.tensor([-(2 ** 63), -100]), 'ax': ints(0, -1), 'sp': ints(-1, -2), 'k': ints(1)}, check=False)


def averages(x, kernel, stride, pads, include):
    """Means of windows of which the last may end behind the image, place by place."""
    (h, w), (top, left, bottom, right) = x.shape[2:], pads
    rows = [r for r in range(-top, h, stride) if r + kernel[0] <= h + bottom or r - stride + kernel[0] < h + bottom]
    columns = [c for c in range(-left, w, stride) if c + kernel[1] <= w + right or c - stride + kernel[1] < w + right]
    out = torch.zeros(*x.shape[:2], len(rows), len(columns))
    for i, r in enumerate(rows):
        for j, c in enumerate(columns):
            part = x[:, :, max(r, 0):r + kernel[0], max(c, 0):c + kernel[1]]
            counted = (min(r + kernel[0], h + bottom) - r) * (min(c + kernel[1], w + right) - c)
            out[:, :, i, j] = part.sum((2, 3)) / (counted if include else part.shape[2] * part.shape[3])
    return out


margins = dict(kernel_shape=[3, 2], strides=[2, 2], pads=[1, 1, 0, 1], ceil_mode=1)
hand('hand-pools-ceil', 13, [node('AveragePool', 'x', 'a', count_include_pad=1, **margins), node('AveragePool', 'x', 'b', **margins), node('MaxPool', 'x', 'c', **margins)], {'x': im},
     {'a': averages(im, (3, 2), 2, (1, 1, 0, 1), True), 'b': averages(im, (3, 2), 2, (1, 1, 0, 1), False),
      'c': F.max_pool2d(F.pad(im, (1, 1, 1, 1), value=-99), (3, 2), 2)}, check=False)
half = torch.tensor([1., 1, 0.5, 1])
hand('hand-resize', 13, [node('Resize', ['x', '', 's'], 'a'), node('Resize', ['x', '', 's'], 'b', nearest_mode='round_prefer_ceil'), node('Resize', ['x', '', 's'], 'c', nearest_mode='ceil'),
                         node('Resize', ['x', '', '', 'z'], 'd', coordinate_transformation_mode='align_corners'),
                         node('Resize', ['x', '', '', 'z'], 'e', coordinate_transformation_mode='pytorch_half_pixel', mode='linear')], {'x': im[:, :, :4]},
     {'a': im[:, :, [0, 2]], 'b': im[:, :, [1, 3]], 'c': im[:, :, [1, 3]], 'd': im[:, :, [0, 1, 1, 2, 3]][..., [0, 2, 5]], 'e': F.interpolate(im[:, :, :4], size=(5, 3), mode='bilinear')},
     {'s': half, 'z': ints(1, 2, 5, 3)}, check=False)
one = torch.zeros(1)
folded = {
    'a': ('Round', 'h', torch.tensor([0., 2, 2, 0, -2, 4])), 'b': ('Mod', 'p q', torch.tensor([1., -2, -1, 2])), 'd': ('Sqrt', 'q2', torch.tensor([3., 2, 1, 0.5])),
    'e': ('Neg', 'h', -torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5, 3.75])), 'f': ('Abs', 'h', torch.tensor([0.5, 1.5, 2.5, 0.5, 1.5, 3.75])), 'g': ('Sign', 'h', torch.tensor([1., 1, 1, -1, -1, 1])),
    'i': ('ReduceProd', 'q2', torch.tensor([9.])), 'j': ('ReduceMax', 'h', torch.tensor([3.75])), 'k': ('ReduceMin', 'h', torch.tensor([-1.5])), 'l': ('ReduceMean', 'q2', torch.tensor([3.5625])),
    'm': ('Pow', 'q2 e2', torch.tensor([27., 1 / 4, 1, 0.5])), 'n': ('Reciprocal', 'q2', torch.tensor([1 / 9, 1 / 4, 1, 4])), 'o': ('Relu', 'h', torch.tensor([0.5, 1.5, 2.5, 0, 0, 3.75])),
    'r': ('Min', 'q2 e2', torch.tensor([1.5, -1, 0, 0.25])), 's': ('Max', 'q2 e2', torch.tensor([9., 4, 1, 0.5])), 't': ('Mean', 'q2 e2', torch.tensor([5.25, 1.5, 0.5, 0.375])),
    'u': ('Div', 'q2 e3', torch.tensor([4.5, 2, 0.5, 0.125])), 'v': ('Exp', 'e2', torch.tensor([1.5, -1, 0, 0.5]).exp()), 'w': ('Clip', 'h lo hi', torch.tensor([0.5, 1.5, 2, -0.5, -1, 2])),
    'aa': ('Tile', 'e2 two', torch.tensor([1.5, -1, 0, 0.5] * 2)), 'ab': ('Transpose', 'mat', torch.tensor([[1., 3, 5], [2, 4, 6]])), 'ac': ('Trilu', 'mat', torch.tensor([[1., 2], [0, 4], [0, 0]])),
    'ad': ('Gather', 'mat ix', torch.tensor([[5., 6], [1, 2]])), 'ae': ('GatherElements', 'mat ex', torch.tensor([[3., 6]])), 'af': ('Concat', 'e2 q2', torch.tensor([1.5, -1, 0, 0.5, 9, 4, 1, 0.25])),
    'ag': ('Where', 'cond e2 q2', torch.tensor([1.5, 4, 0, 0.25])), 'ah': ('Sum', 'e2 q2 e2', torch.tensor([12., 2, 1, 1.25])), 'ai': ('Expand', 'lo three', torch.tensor([-1., -1, -1])),
    'aj': ('Identity', 'h', torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5, 3.75])), 'ak': ('OneHot', 'ix dep val', torch.tensor([[0.25, 0.25, 3], [3, 0.25, 0.25]])), 'al': ('ReduceSum', 'q2', torch.tensor([14.25])), 'am': ('OneHot', 'ixn dep val', torch.tensor([[0.25, 0.25, 3], [3, 0.25, 0.25]])),
}
truths = {'ba': ('Less', 'e2 q2'), 'bb': ('Greater', 'e2 lo'), 'bc': ('LessOrEqual', 'e2 lo'), 'bd': ('GreaterOrEqual', 'q2 e2'), 'be': ('Equal', 'e2 lo'), 'bf': ('Not', 'cond'), 'bg': ('And', 'cond c2'),
          'bh': ('Or', 'cond c2'), 'bi': ('Xor', 'cond c2')}
expected = {'ba': [1, 1, 1, 0], 'bb': [1, 0, 1, 1], 'bc': [0, 1, 0, 0], 'bd': [1, 1, 1, 0], 'be': [0, 1, 0, 0], 'bf': [0, 1, 0, 1], 'bg': [1, 0, 0, 0], 'bh': [1, 1, 1, 0], 'bi': [0, 1, 1, 0]}
attributes = {'af': {'axis': 0}, 'b': {'fmod': 0}, 'ae': {'axis': 0}, 'ac': {'upper': 1}}
nodes, wanted = [], {}
for key, (op, names, value) in folded.items():
    nodes += [node(op, names, f'{key}_', **attributes.get(key, {})), node('Add', f'x {key}_', key)]
    wanted[key] = value
for key, (op, names) in truths.items():
    nodes += [node(op, names, f'{key}_'), node('CastLike', f'{key}_ e2', f'{key}__'), node('Add', f'x {key}__', key)]
    wanted[key] = torch.tensor(expected[key]).float()
wanted['b'] = torch.tensor([1., 2, -1, -2])
constants = {
    'h': torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5, 3.75]), 'p': torch.tensor([7., -7, 7, -7]), 'q': torch.tensor([3., 3, -4, -5]), 'q2': torch.tensor([9., 4, 1, 0.25]), 'e2': torch.tensor([1.5, -1, 0, 0.5]),
    'e3': torch.tensor([2., 2, 2, 2]), 'lo': torch.tensor([-1.]), 'hi': torch.tensor(2.), 'two': ints(2), 'mat': torch.tensor([[1., 2], [3, 4], [5, 6]]), 'ix': ints(2, 0), 'ixn': ints(-1, 0), 'ex': ints(1, 2).view(1, 2),
    'cond': torch.tensor([True, False, True, False]), 'c2': torch.tensor([True, True, False, False]), 'three': ints(3), 'dep': torch.tensor(3), 'val': torch.tensor([0.25, 3])}
stated = [helper.make_node('Constant', [], [k], value=numpy_helper.from_array(np.ascontiguousarray(v.numpy()))) for k, v in constants.items()]
hand('hand-folded', 17, stated + nodes, {'x': one}, wanted, check=False)
hand('hand-parameters', 17, nodes, {'x': one}, wanted, constants, check=False)
table, index = grid(3, 4), ints(3, 0)
hand('hand-gather-secret', 13, [node('Gather', 'table i', 'a', axis=1), node('Gather', 'x i2', 'b'), node('Gather', 'fixed i', 'c', axis=0)], {'i': index, 'i2': ints(1, 1, 0, 1).view(2, 2), 'x': flat},
     {'a': table[:, index], 'b': flat[ints(1, 1, 0, 1).view(2, 2)], 'c': torch.tensor([4, 1])}, {'table': table, 'fixed': ints(1, 2, 3, 4)})
batch = grid(3, 2, 2, 2)
hand('hand-batch-norm-train', 15, [node('BatchNormalization', 'x s b m v', 'y rm rv', training_mode=1)], {'x': batch},
     {'y': F.batch_norm(batch, None, None, torch.tensor([1., 2]), torch.tensor([0.5, 0]), training=True)},
     {'s': torch.tensor([1., 2]), 'b': torch.tensor([0.5, 0]), 'm': torch.zeros(2), 'v': torch.ones(2)}, check=False)
torch_model('rnn-relu', 11, Recurrent(nn.RNN, nonlinearity='relu', num_layers=2), grid(2, 2, 3))
torch_model('vgg', 9, nn.Sequential(
    nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(2, 2, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
    nn.Linear(8, 6), nn.ReLU(True), nn.Dropout(), nn.Linear(6, 3)), grid(1, 1, 8, 8))
torch_model('mobile', 14, settle(nn.Sequential(
    nn.Conv2d(1, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU6(), nn.Conv2d(4, 4, 3, 1, 1, groups=4, bias=False), nn.BatchNorm2d(4), nn.Hardswish(), nn.Conv2d(4, 2, 1), nn.Hardsigmoid())), grid(1, 1, 8, 8))

with open(os.path.join(HERE, 'models.json'), 'w') as file:
    source = f'PyTorch {torch.__version__}, onnx {onnx.__version__}, test/vectors/onnx/make.py, seed {SEED}'
    lines = ',\n'.join('    ' + json.dumps(r, separators=(',', ':')) for r in records)
    file.write(f'{{\n  "source": {json.dumps(source)},\n  "models": [\n{lines}\n  ]\n}}\n')
