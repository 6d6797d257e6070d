/** How the functions of test/vectors/torch-functions.json are called, and how exact they are. */

import { left, right, type Call, type Table, type Variant } from '../support/torch.ts';

const TOLERANCE: Table['tolerance'] = {
  exp: [2, 4, 5e-5],
  log: [3, 6, 2 ** -12],
  reciprocal: [2, 8, 2 ** -12],
  sqrt: [2, 8, 2 ** -12],
  rsqrt: [2, 8, 2 ** -12],
  sin: [2, 6],
  cos: [2, 6],
  tanh: [4, 14],
  erf: [3, 6],
  gelu: [3, 6],
  silu: [4, 8],
  softplus: [3, 6],
  sigmoid: [3, 8],
  divSecret: [4, 24, 2 ** -11],
  softmax: [3, 12],
  logSoftmax: [4, 12],
  layerNorm: [10, 40, 2 ** -11],
  pow: [4, 60, 2 ** -10],
  posPow: [4, 12, 2 ** -12],
  posPowSecret: [4, 24, 2 ** -12],
  norm: [4, 8, 2 ** -12],
  cosineSimilarity: [4, 16],
  // An ulp of the input over its standard deviation, or its length.
  layerNormSmall: [16, 200, 2 ** -10],
  cosineSimilaritySmall: [16, 100, 2 ** -10],
  crossEntropy: [8, 12, 2 ** -12],
  binaryCrossEntropy: [6, 16, 2 ** -10],
  rapporLoss: [8, 16, 2 ** -9],
};

const CALLS: Record<string, Call> = {
  exp: ([x]) => x.exp(),
  log: ([x]) => x.log(),
  reciprocal: ([x]) => x.reciprocal(),
  sqrt: ([x]) => x.sqrt(),
  rsqrt: ([x]) => x.rsqrt(),
  sin: ([x]) => x.sin(),
  cos: ([x]) => x.cos(),
  tanh: ([x]) => x.tanh(),
  erf: ([x]) => x.erf(),
  gelu: ([x]) => x.gelu(),
  silu: ([x]) => x.silu(),
  softplus: ([x]) => x.softplus(),
  sigmoid: ([x]) => x.sigmoid(),
  divSecret: ([x, y]) => x.div(y),
  softmax: ([x], [dim]) => x.softmax(dim),
  logSoftmax: ([x], [dim]) => x.logSoftmax(dim),
  layerNorm: ([x, weight, bias], [shape, options]) =>
    x.layerNorm(shape, { weight, bias, ...(options as object) }),
  layerNormSmall: ([x], [shape]) => x.layerNorm(shape),
  cosineSimilaritySmall: ([x, y], [dim]) => x.cosineSimilarity(y, dim),
  pow: ([x], [exponent]) => x.pow(exponent),
  posPow: ([x], [exponent]) => x.posPow(exponent),
  posPowSecret: ([x, p]) => x.posPow(p),
  norm: ([x], [p, dim, options]) => x.norm(p, dim ?? undefined, options),
  cosineSimilarity: ([x, y], [dim]) => x.cosineSimilarity(y, dim),
  crossEntropy: ([x, y], [options]) => x.crossEntropy(y, options),
  binaryCrossEntropy: ([x, y], [options]) => x.binaryCrossEntropy(y, options),
  rapporLoss: ([x, y], [options]) => x.rapporLoss(y, options),
};

const VARIANTS: Record<string, readonly Variant[]> = {
  divSecret: [left((x, y) => y.rdiv(x))],
  posPowSecret: [right((x, p) => x.posPow(p))],
  cosineSimilarity: [right((x, y, [dim]) => x.cosineSimilarity(y, dim))],
  crossEntropy: [right((x, y, [options]) => x.crossEntropy(y, options))],
  binaryCrossEntropy: [right((x, y, [options]) => x.binaryCrossEntropy(y, options))],
  rapporLoss: [right((x, y, [options]) => x.rapporLoss(y, options))],
};

/** The whole table. */
export const table: Table = { calls: CALLS, variants: VARIANTS, tolerance: TOLERANCE };
