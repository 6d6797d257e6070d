"""One party of a CrypTen run for bench/beside-crypten.bench.ts: drives the library as a user would, in its default configuration.

The first argument is the library's folder; the environment says rank, world and rendezvous. Answers one line of JSON first, then one to each
order on standard input: {"workload", "operation", "reps", "inputs": [{"shape", "src", "file"}], "output": file or null}. Inputs are
float32, the output is float64.
"""

import json
import math
import os
import sys
import time

import numpy
import torch

answers = os.fdopen(os.dup(1), "w")
sys.stdout = sys.stderr
torch.set_num_threads(1)
sys.path.insert(0, sys.argv[1])

import crypten  # noqa: E402
import crypten.communicator  # noqa: E402
from crypten_models import MODELS  # noqa: E402

OPERATIONS = {
    "ew:mul": lambda x, y: x * y,
    "ew:add": lambda x, y: x + y,
    "ew:mulpub": lambda x: x * 1.2345,
    "ew:divpub": lambda x: x / 7,
    "ew:square": lambda x: x.square(),
    "io:decrypt": lambda x: x.get_plain_text(),
    "mm": lambda x, y: x.matmul(y),
    "conv": lambda x, w: x.conv2d(w, padding=1),
    "cmp:eq": lambda x, y: x == y,
    "cmp:gt": lambda x, y: x > y,
    "cmp:relu": lambda x: x.relu(),
    "cmp:abs": lambda x: x.abs(),
    "cmp:sign": lambda x: x.sign(),
    "max:max": lambda x: x.max(dim=1)[0],
    "max:argmax": lambda x: x.argmax(dim=1),
    "max:maxpool2d": lambda x: x.max_pool2d(2),
    "fn:exp": lambda x: x.exp(),
    "fn:log": lambda x: x.log(),
    "fn:reciprocal": lambda x: x.reciprocal(),
    "fn:sqrt": lambda x: x.sqrt(),
    "fn:inv_sqrt": lambda x: x.inv_sqrt(),
    "fn:sigmoid": lambda x: x.sigmoid(),
    "fn:tanh": lambda x: x.tanh(),
    "fn:erf": lambda x: x.erf(),
    "fn:erf_small": lambda x: x.erf(),
    "fn:gelu_composed": lambda x: x * (1 + (x / math.sqrt(2)).erf()) / 2,
    "fn:cos": lambda x: x.cos(),
    "fn:div": lambda x, y: x / y,
    "fn:softmax": lambda x: x.softmax(dim=1),
    "fn:log_softmax": lambda x: x.log_softmax(dim=1),
    **MODELS,
}


def answer(record):
    print(json.dumps(record), file=answers, flush=True)


def prepared(order):
    """The call to time: an operation on shared inputs, or the sharing of one."""
    plain = [
        torch.from_numpy(numpy.fromfile(one["file"], dtype=numpy.float32)).reshape(one["shape"])
        for one in order["inputs"]
    ]
    sources = [one["src"] for one in order["inputs"]]
    if order["operation"] == "io:encrypt":
        return lambda: crypten.cryptensor(plain[0], src=sources[0])
    run = OPERATIONS[order["operation"]]
    inputs = [crypten.cryptensor(x, src=src) for x, src in zip(plain, sources)]
    return lambda: run(*inputs)


def together():
    """Returns at every party at the same instant of the machine's clock, as ours does."""
    communicator = crypten.communicator.get()
    communicator.barrier()
    start = communicator.broadcast(torch.tensor([time.time() + 0.003], dtype=torch.float64), 0)
    while time.time() < float(start):
        pass


def timed(call, reps):
    """Milliseconds and CPU milliseconds of each repetition, from a barrier to this party's result."""
    online, cpu = [], []
    for _ in range(reps):
        together()
        used, start = time.process_time(), time.perf_counter()
        call()
        online.append((time.perf_counter() - start) * 1000)
        cpu.append((time.process_time() - used) * 1000)
    return {"online": online, "cpu": cpu}


def counted(call):
    """Rounds as the library counts them, bytes sent, and the result.

    The library adds what a party sends and receives in one number; for two parties half of it is sent.
    """
    communicator = crypten.communicator.get()
    crypten.cfg.communicator.verbose = True
    communicator.reset_communication_stats()
    result = call()
    stats = communicator.get_communication_stats()
    crypten.cfg.communicator.verbose = False
    return stats["rounds"], stats["bytes"] / 2, result


def main():
    crypten.init()
    answer({"torch": torch.__version__, "crypten": crypten.__version__})
    for line in sys.stdin:
        order = json.loads(line)
        call = prepared(order)
        times = timed(call, order["reps"])
        rounds, sent, result = counted(call)
        if order["output"] is not None:
            plain = result if torch.is_tensor(result) else result.get_plain_text()
            if crypten.communicator.get().get_rank() == 0:
                plain.double().numpy().tofile(order["output"])
        answer({"times": times, "rounds": rounds, "bytesSent": sent})
    crypten.uninit()


main()
