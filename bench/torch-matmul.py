"""PyTorch's half of bench/matmul-vs-torch.bench.ts: int64 matrix products on one thread.

Reads sizes from standard input, one a line; answers each with the seconds of one product of that size.
"""

import sys
import time

import torch

torch.set_num_threads(1)
operands = {}
print(torch.__version__, flush=True)
for line in sys.stdin:
    n = int(line)
    if n not in operands:
        low, high = -(2**62), 2**62
        operands[n] = [torch.randint(low, high, (n, n), dtype=torch.int64) for _ in range(2)]
        torch.matmul(*operands[n])
    start = time.perf_counter()
    torch.matmul(*operands[n])
    print(time.perf_counter() - start, flush=True)
