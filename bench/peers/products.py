#!/usr/bin/env python3
"""Matrix products of NumPy and, where it is installed, PyTorch, on request.

Reads lines "rows depth columns layout seconds" from standard input, layout being two letters that say for the left and the
right operand whether it is used as it lies (n) or transposed (t). Repeats the product for that many seconds with each
library and answers with one JSON line: the best time of each in seconds. The number of threads is the first argument.
"""
import json
import os
import sys
import time

THREADS = sys.argv[1] if len(sys.argv) > 1 else "1"
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = THREADS

import numpy

try:
    import torch

    torch.set_num_threads(int(THREADS))
    torch.set_grad_enabled(False)
except ImportError:
    torch = None


def operand(rows, columns, transposed):
    shape = (columns, rows) if transposed else (rows, columns)
    values = numpy.random.default_rng(0).random(shape, dtype=numpy.float32)
    return values.T if transposed else values


def best(product, seconds):
    shortest, start, calls = float("inf"), time.perf_counter(), 0
    while calls < 2 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        product()
        shortest = min(shortest, time.perf_counter() - before)
        calls += 1
    return shortest


operands = {}
print(json.dumps({"numpy": numpy.__version__, "torch": torch.__version__ if torch else None}), flush=True)
for line in sys.stdin:
    rows, depth, columns, layout, seconds = line.split()
    rows, depth, columns, seconds = int(rows), int(depth), int(columns), float(seconds)
    key = (rows, depth, columns, layout)
    if key not in operands:
        operands.clear()
        operands[key] = (
            operand(rows, depth, layout[0] == "t"),
            operand(depth, columns, layout[1] == "t"),
            numpy.empty((rows, columns), numpy.float32),
        )
    a, b, c = operands[key]
    answer = {"numpy": best(lambda: numpy.matmul(a, b, out=c), seconds)}
    if torch:
        ta, tb, tc = torch.from_numpy(a), torch.from_numpy(b), torch.from_numpy(c)
        answer["torch"] = best(lambda: torch.mm(ta, tb, out=tc), seconds)
    print(json.dumps(answer), flush=True)
