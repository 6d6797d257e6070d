"""Writes the files of this folder, for test/formats/: what NumPy and the safetensors specification make of known values.

    /usr/bin/python3 test/vectors/formats/write.py

npy and npz are written by NumPy. safetensors files are written here by hand from the format section of
https://github.com/huggingface/safetensors (README.md): u64 header size, JSON header, bytes; bf16 and f16 by PyTorch.
formats.json names every file with its content (base64) and the values it must load as.
"""

import base64
import io
import json
import struct
from pathlib import Path

import numpy as np
import torch

SEED = 20240817
HERE = Path(__file__).parent
rng = np.random.default_rng(SEED)
NUMPY = ['f8', 'f4', 'f2', 'i8', 'i4', 'i2', 'i1', 'u8', 'u4', 'u2', 'u1', 'b1']


def values(dtype, shape):
    t = np.dtype(dtype)
    if t.kind == 'f':
        edges = [0.0, -0.0, 1 / 3, -2.5, float(np.finfo(t).max), float(np.finfo(t).tiny), float(np.finfo(t).smallest_subnormal), float('inf'), float('nan')]
        x = rng.standard_normal(int(np.prod(shape))) * 100
    elif t.kind == 'b':
        edges, x = [0, 1], rng.integers(0, 2, int(np.prod(shape)))
    else:
        info = np.iinfo(t)
        low, high = max(info.min, -(2**53) + 1), min(info.max, 2**53 - 1)
        edges, x = [low, high, 0, 1], rng.integers(low, high, int(np.prod(shape)))
    x = x.astype(t)
    k = min(len(edges), x.size)
    x[:k] = np.array(edges[:k]).astype(t)
    return x.reshape(shape)


def plain(x):
    """Doubles as JSON has them; what JSON has not, as texts."""
    out = []
    for v in np.asarray(x).reshape(-1).tolist():
        v = float(v)
        out.append(v if np.isfinite(v) and not (v == 0 and np.signbit(v)) else {'inf': 'Infinity', '-inf': '-Infinity', 'nan': 'NaN', '-0.0': '-0'}[str(v)])
    return [list(np.asarray(x).shape), out]


def npy(x, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, x, version=version)
    return out.getvalue()


def npz(save, **arrays):
    out = io.BytesIO()
    save(out, **arrays)
    return out.getvalue()


def safetensors(tensors, metadata=None, pad=True):
    header, body = {}, b''
    if metadata is not None:
        header['__metadata__'] = metadata
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {'dtype': dtype, 'shape': shape, 'data_offsets': [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header, separators=(',', ':')).encode()
    if pad:
        text += b' ' * (-len(text) % 8)
    return struct.pack('<Q', len(text)) + text + body


def torch_bytes(x):
    return x.contiguous().view(torch.int16).numpy().tobytes()


cases = []


def case(name, content, expected, **more):
    entry = {'name': name, 'base64': base64.b64encode(content).decode()}
    entry['tensors' if isinstance(expected, dict) else 'tensor'] = expected
    cases.append({**entry, **more})


for code in NUMPY:
    x = values(code, (3, 4))
    case(f'{code}.npy', npy(x), plain(x), dtype=code)
for shape in [(), (0,), (5,), (2, 0, 3), (2, 3, 4), (1, 1, 1, 1)]:
    x = values('f8', shape)
    case(f'shape{list(shape)}.npy', npy(x), plain(x), dtype='f8')
for code in ['f8', 'f4', 'f2', 'i8', 'i4', 'u2']:
    x = values(code, (2, 3))
    case(f'big-endian-{code}.npy', npy(x.astype('>' + code)), plain(x))
for shape in [(2, 3), (2, 3, 4), (3, 1, 2, 2), (4, 0)]:
    x = values('f4', shape)
    case(f'fortran{list(shape)}.npy', npy(np.asfortranarray(x)), plain(x))
for version in [(2, 0), (3, 0)]:
    x = values('i4', (7,))
    case(f'version-{version[0]}.npy', npy(x, version), plain(x))

arrays = {'w': values('f4', (4, 5)), 'b': values('f8', (5,)), 'layer.0/steps': values('i8', ()), 'größe': np.zeros((40, 40))}
expected = {k: plain(v) for k, v in arrays.items()}
case('savez.npz', npz(np.savez, **arrays), expected)
case('savez_compressed.npz', npz(np.savez_compressed, **arrays), expected)
case('empty.npz', npz(np.savez), {})

tensors, expected = {}, {}
for name, code in zip(['F64', 'F32', 'F16', 'I64', 'I32', 'I16', 'I8', 'U64', 'U32', 'U16', 'U8', 'BOOL'], NUMPY):
    x = values(code, (2, 5))
    tensors[f'layer.{name}'] = (name, [2, 5], x.tobytes())
    expected[f'layer.{name}'] = plain(x)
b = torch.tensor([0.0, -0.0, 1 / 3, -2.5, 3.3895e38, 1.1754944e-38, 9.2e-41, float('inf'), float('nan'), 1e10]).bfloat16()
tensors['bf16'] = ('BF16', [10], torch_bytes(b))
expected['bf16'] = plain(b.double().numpy())
case('types.safetensors', safetensors(tensors, {'format': 'pt', 'who': 'größe'}), expected, metadata={'format': 'pt', 'who': 'größe'})
case('empty.safetensors', safetensors({}), {})
odd = {'scalar': ('F32', [], struct.pack('<f', 1.5)), 'none': ('F64', [0, 3], b''), 'x': ('U8', [3], b'\1\2\3')}
case('odd.safetensors', safetensors(odd, pad=False), {'scalar': [[], [1.5]], 'none': [[0, 3], []], 'x': [[3], [1, 2, 3]]})

# Names and weights of PyTorch models: the files that `safetensors.torch.save_file(model.state_dict(), …)` stands for.
torch.manual_seed(SEED)
TYPES = {torch.float32: 'F32', torch.int64: 'I64'}


def torch_model(name, model, x):
    model.train()
    for _ in range(3):
        model(torch.randn(8, *x.shape[1:]))
    model.eval()
    state = model.state_dict()
    held = {k: (TYPES[v.dtype], list(v.shape), v.numpy().tobytes()) for k, v in state.items()}
    more = {'input': plain(x.numpy()), 'output': plain(model(x).detach().numpy())}
    case(name, safetensors(held, {'format': 'pt'}), {k: plain(v.numpy()) for k, v in state.items()}, **more)


nn = torch.nn
torch_model('mlp.safetensors', nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), torch.tensor([[0.5, -1.0, 2.0], [0.0, 0.25, -3.0]]))
cnn = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3))
torch_model('cnn.safetensors', cnn, torch.randint(-64, 65, (2, 1, 4, 4)).float() / 32)
encoder = nn.Sequential(nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True))
torch_model('encoder.safetensors', encoder, torch.randint(-64, 65, (2, 3, 4)).float() / 32)

# Rounding to 16 bits: float64 to binary16 as NumPy does, float32 to bfloat16 as PyTorch does.
r = np.concatenate([rng.standard_normal(40) * 10.0 ** rng.integers(-8, 5, 40), np.arange(12) / 2 * 2.0**-24, [1 + 2.0**-11, 1 + 3 * 2.0**-11, 65519.99, 2.0**-14 - 2.0**-26]])
f = np.concatenate([rng.standard_normal(40) * 10.0 ** rng.integers(-38, 38, 40), [1 + 2.0**-8, 1 + 3 * 2.0**-8, 2.0**-133 * 1.5]]).astype(np.float32)
rounding = {
    'f16': {'from': r.tolist(), 'to': r.astype(np.float16).astype(np.float64).tolist()},
    'bf16': {'from': f.astype(np.float64).tolist(), 'to': torch.tensor(f).bfloat16().double().tolist()},
}

with open(HERE / 'formats.json', 'w') as out:
    source = f'NumPy {np.__version__}, PyTorch {torch.__version__}, safetensors by its specification, test/vectors/formats/write.py, seed {SEED}'
    out.write('{\n' + f'  "source": {json.dumps(source)},\n  "rounding": {json.dumps(rounding)},\n  "cases": [\n')
    out.write(',\n'.join('    ' + json.dumps(c, separators=(',', ':'), ensure_ascii=False) for c in cases))
    out.write('\n  ]\n}\n')
