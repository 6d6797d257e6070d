"""Writes src/functions/coefficients.ts: sums of harmonics fitted to the functions that the gates `series` and `curve` evaluate.

    /usr/bin/python3 test/vectors/harmonics.py > src/functions/coefficients.ts     (numpy 1.24.2)

Each fit is a least-squares one on Chebyshev points whose weights grow where the error is large (Lawson's iteration), which ends
close to the smallest maximal error. `relative` fits minimise |error/f|. The period exceeds the interval (Fourier extension), so
convergence is geometric although the functions are not periodic. test/functions/coefficients.test.ts measures every table anew.
"""

from math import erf as erf1, pi, sqrt

import numpy as np

POINTS, PASSES, DIGITS = 4000, 200, 11
erf = np.vectorize(erf1)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def cdf(x):
    return (1 + erf(x / sqrt(2))) / 2


def density(x):
    return np.exp(-x * x / 2) / sqrt(2 * pi)


def columns(x, period, count, kind):
    angles = np.outer(x, np.arange(1, count + 1)) * 2 * pi / period
    sines = [np.sin(angles)] if kind != 'even' else []
    cosines = [np.cos(angles), np.ones((len(x), 1))] if kind != 'odd' else []
    return np.hstack(sines + cosines)


def fit(f, low, high, period, count, kind, relative=False):
    """Largest error, constant, cosines, sines."""
    t = np.cos(pi * (np.arange(POINTS) + 0.5) / POINTS)
    x = (high - low) / 2 * t + (high + low) / 2
    y = f(x)
    scale = 1 / np.abs(y) if relative else np.ones(POINTS)
    table = columns(x, period, count, kind)
    weights, best = np.ones(POINTS), (np.inf, None)
    for _ in range(PASSES):
        root = np.sqrt(weights) * scale
        c = np.linalg.lstsq(table * root[:, None], y * root, rcond=1e-12)[0].round(DIGITS)
        error = np.abs(table @ c - y) * scale
        if error.max() < best[0]:
            best = error.max(), c
        weights = weights * (error + 1e-12)
        weights /= weights.mean()
    c = best[1]
    sines = c[:count] if kind != 'even' else np.zeros(count)
    cosines = c[-count - 1 : -1] if kind != 'odd' else np.zeros(count)
    return best[0], c[-1] if kind != 'odd' else 0.0, cosines, sines


def show(values):
    return '[' + ', '.join(np.format_float_positional(v, trim='-') for v in values) + ']'


def emit(name, what, bound, result, shift=0.0):
    error, constant, cosines, sines = result
    count = len(cosines)
    print(f'\n/** {what}; off by at most {error:.1e}. */')
    print(f'export const {name}: Harmonics = {{')
    print(f'  constant: {np.format_float_positional(constant + shift, trim="-")},')
    print(f'  cos: {show(cosines) if cosines.any() else f"zeros({count})"},')
    print(f'  sin: {show(sines) if sines.any() else f"zeros({count})"},')
    print(f'  bound: {bound},\n}};')


def symmetric(name, what, f, half, period, count, kind, bound, shift=0.0):
    """A function that is odd or even after `shift` is taken off, on [-half, half)."""
    emit(name, what, bound, fit(f, 0, half, period, count, kind), shift)


print('''/**
 * Coefficients of the functions that are sums of harmonics on an interval. Written by test/vectors/harmonics.py, which says how
 * they were fitted; measured by test/functions/coefficients.test.ts.
 * @module
 */

import type { Harmonics } from '../protocol/harmonics.ts';

const zeros = (count: number): readonly number[] => new Array<number>(count).fill(0);''')

symmetric('SIGMOID', '1/(1 + e^−x) for |x| ≤ 11, period 32', lambda x: sigmoid(x) - 0.5, 11, 32, 14, 'odd', 1, 0.5)
symmetric('TANH', 'tanh(x) for |x| ≤ 5.75, period 16', np.tanh, 5.75, 16, 15, 'odd', 1)
symmetric('ERF', 'erf(x) for |x| ≤ 3, period 8', erf, 3, 8, 12, 'odd', 1)
symmetric(
    'ERF_SLOPE', '2/√π·e^(−x²) for |x| ≤ 3.375, period 8', lambda x: 2 / sqrt(pi) * np.exp(-x * x), 3.375, 8, 7, 'even', 1
)
symmetric('GELU', 'x·(Φ(x) − 1/2) for |x| ≤ 4.5, period 16', lambda x: x * (cdf(x) - 0.5), 4.5, 16, 8, 'even', 2)
symmetric(
    'GELU_SLOPE', 'Φ(x) + x·φ(x) for |x| ≤ 4.75, period 16', lambda x: cdf(x) + x * density(x) - 0.5, 4.75, 16, 9, 'odd', 1, 0.5
)
symmetric(
    'SILU', 'x·(sigmoid(x) − 1/2) for |x| ≤ 13, period 32', lambda x: x * (sigmoid(x) - 0.5), 13, 32, 16, 'even', 3
)
symmetric(
    'SILU_SLOPE',
    'The slope of x·sigmoid(x) for |x| ≤ 13, period 32',
    lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))) - 0.5,
    13,
    32,
    18,
    'odd',
    1,
    0.5,
)
symmetric(
    'SOFTPLUS', 'log(1 + e^x) − x/2 for |x| ≤ 10.75, period 32', lambda x: np.log(2 * np.cosh(x / 2)), 10.75, 32, 12, 'even', 3
)

# On [1/4, 1) with room for thresholds and sums that are off a little.
for name, what, bound, f, relative in (
    ('RECIPROCAL', '1/z for 0.249 ≤ z ≤ 1.002, period 2, relative', 3, lambda z: 1 / z, True),
    ('ROOT', '√z for 0.249 ≤ z ≤ 1.002, period 2, relative', 1, np.sqrt, True),
    ('INVERSE_ROOT', '1/√z for 0.249 ≤ z ≤ 1.002, period 2, relative', 2, lambda z: 1 / np.sqrt(z), True),
    ('LOGARITHM', 'log z for 0.249 ≤ z ≤ 1.002, period 2', 1, np.log, False),
):
    emit(name, what, bound, fit(f, 0.249, 1.002, 2, 7, 'both', relative))
