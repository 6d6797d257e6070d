/**
 * Recurrent layers: the inputs of all times are multiplied at once, the states one time after the other.
 * @module
 */

import { CrypTensor } from '../../tensor/index.ts';
import { counted, operandAt, type Call } from '../call.ts';
import { Fixed, type Value } from '../fixed.ts';
import { move } from '../move.ts';
import { ALL, type Inputs, type OnnxOp, type Step } from '../op.ts';
import { product, transposed } from './linear.ts';

/** What the states become at one time. */
interface Cell {
  readonly hidden: CrypTensor;
  readonly memory?: CrypTensor | undefined;
}

/** Weights of one direction. */
interface Weights {
  readonly size: number;
  /** [hidden, gates·hidden]. */
  readonly recurrent: Value;
  /** [gates·hidden], or none. */
  readonly recurrentBias: CrypTensor | Fixed | undefined;
}

/** From the inputs' part of the gates [B, gates·hidden] and the states to new states. */
type Advance = (gates: CrypTensor, state: Cell, weights: Weights, call: Call) => Cell;

interface Layer {
  readonly name: string;
  readonly gates: number;
  /** Names of activations that are supported; the first are ONNX's own choice. */
  readonly activations: readonly (readonly string[])[];
  readonly attributes?: readonly string[];
  readonly memory?: boolean;
  readonly advance: Advance;
}

function plus(x: CrypTensor, bias: CrypTensor | Fixed | undefined): CrypTensor {
  return bias === undefined ? x : x.add(bias);
}

function gate(x: CrypTensor, i: number, size: number): CrypTensor {
  return x.narrow(1, i * size, size);
}

const rnn: Advance = (gates, { hidden }, w, call) => {
  const sum = gates.add(plus(product(hidden, w.recurrent), w.recurrentBias));
  const [activation] = call.strings('activations', ['Tanh']);
  return { hidden: activation.toLowerCase() === 'relu' ? sum.relu() : sum.tanh() };
};

/** Gates: update, reset, candidate. */
const gru: Advance = (gates, { hidden }, w, call) => {
  const { size } = w;
  const part = (x: Value, axis: number, from: number, count: number): Value =>
    move.narrow(x, axis, from * size, count * size);
  const bias = (from: number, count: number): CrypTensor | Fixed | undefined =>
    w.recurrentBias === undefined
      ? undefined
      : (part(w.recurrentBias, 0, from, count) as CrypTensor | Fixed);
  const both = plus(product(hidden, part(w.recurrent, 1, 0, 2)), bias(0, 2));
  const [update, reset] = gates
    .narrow(1, 0, 2 * size)
    .add(both)
    .sigmoid()
    .split(size, 1);
  const weight = part(w.recurrent, 1, 2, 1);
  const inner = call.flag('linear_before_reset', false)
    ? reset.mul(plus(product(hidden, weight), bias(2, 1)))
    : plus(product(reset.mul(hidden), weight), bias(2, 1));
  const candidate = gate(gates, 2, size).add(inner).tanh();
  return { hidden: candidate.add(update.mul(hidden.sub(candidate))) };
};

/** Gates: input, output, forget, candidate. */
const lstm: Advance = (gates, { hidden, memory }, w) => {
  const { size } = w;
  const sum = gates.add(plus(product(hidden, w.recurrent), w.recurrentBias));
  const [input, output, forget] = sum
    .narrow(1, 0, 3 * size)
    .sigmoid()
    .split(size, 1);
  const candidate = gate(sum, 3, size).tanh();
  const next = forget.mul(memory as CrypTensor).add(input.mul(candidate));
  return { hidden: output.mul(next.tanh()), memory: next };
};

function checkActivations(call: Call, { activations }: Layer, directions: number): void {
  const said = call.strings('activations', []);
  const fits = said.every((name, i) =>
    activations[i % activations.length].includes(name.toLowerCase()),
  );
  const same = said.every((name, i) => name === said[i % activations.length]);
  if (said.length > 0 && (said.length !== directions * activations.length || !fits || !same)) {
    call.fail(`activations ${said.join(', ')}`);
  }
}

function planLayer(call: Call, layer: Layer): Step {
  const size = call.int('hidden_size');
  const direction = call.choice('direction', ['forward', 'reverse', 'bidirectional'], 'forward');
  const directions = direction === 'bidirectional' ? 2 : 1;
  if (call.int('layout', 0) !== 0) call.fail('layout 1');
  if (call.int('input_forget', 0) !== 0) call.fail('input_forget');
  checkActivations(call, layer, directions);
  const [times, batch, width] = call.shape();
  const rows = layer.gates * size;
  const expected: readonly (readonly number[] | null)[] = [
    [times, batch, width],
    [directions, rows, width],
    [directions, rows, size],
    [directions, 2 * rows],
    null,
    [directions, batch, size],
    [directions, batch, size],
  ];
  expected.forEach((shape, i) => {
    if (shape !== null && call.has(i) && call.shape(i).join() !== shape.join()) {
      call.fail(`input ${i} must have the shape [${shape.join()}]`);
    }
  });
  if (times === 0 || batch === 0) call.fail('an empty sequence');
  if (call.optional(4)?.data.some((length) => length !== times)) {
    call.fail('sequences of different lengths');
  }
  if (call.has(7)) call.fail('peepholes');
  call.sized([times, directions, batch, rows]);
  const states = { shape: call.sized([directions, batch, size]), type: 'float' } as const;
  const run = (inputs: Inputs): readonly Value[] => {
    const ends = counted(directions).map((d) =>
      unrolled(call, layer, size, inputs, d, direction === 'reverse' || d === 1),
    );
    const { party } = ends[0].last.hidden;
    return [
      party.stack(
        ends.map(({ all }) => party.stack(all, 0)),
        1,
      ),
      party.stack(
        ends.map(({ last }) => last.hidden),
        0,
      ),
      ...(layer.memory === true
        ? [
            party.stack(
              ends.map(({ last }) => last.memory as CrypTensor),
              0,
            ),
          ]
        : []),
    ];
  };
  return {
    outputs: [
      { shape: call.sized([times, directions, batch, size]), type: 'float' },
      states,
      ...(layer.memory === true ? [states] : []),
    ],
    run,
  };
}

interface Unrolled {
  readonly all: readonly CrypTensor[];
  readonly last: Cell;
}

function unrolled(
  call: Call,
  { gates, memory, advance }: Layer,
  size: number,
  inputs: Inputs,
  d: number,
  backwards: boolean,
): Unrolled {
  const [times, batch, width] = call.shape();
  const rows = gates * size;
  const of = (i: number, shape: readonly number[]): Value =>
    move.reshape(move.narrow(inputs[i] as Value, 0, d, 1), shape);
  const flat = move.reshape(inputs[0] as Value, [times * batch, width]);
  const projected = product(flat, transposed(of(1, [rows, width])));
  const biases = call.has(3) ? of(3, [2, rows]) : undefined;
  const bias = (i: number): CrypTensor | Fixed | undefined =>
    biases === undefined
      ? undefined
      : operandAt([move.reshape(move.narrow(biases, 0, i, 1), [rows])], 0);
  const fromInputs = plus(projected, bias(0)).reshape([times, batch, rows]);
  const weights: Weights = {
    size,
    recurrent: transposed(of(2, [rows, size])),
    recurrentBias: bias(1),
  };
  const { party } = fromInputs;
  const initial = (i: number): CrypTensor =>
    call.has(i)
      ? party.lift('onnx', operandAt([of(i, [batch, size])], 0))
      : party.zeros([batch, size]);
  let last: Cell = { hidden: initial(5), memory: memory === true ? initial(6) : undefined };
  const all = new Array<CrypTensor>(times);
  for (let step = 0; step < times; step++) {
    const time = backwards ? times - 1 - step : step;
    last = advance(fromInputs.index(time), last, weights, call);
    all[time] = last.hidden;
  }
  return { all, last };
}

const LAYERS: readonly Layer[] = [
  { name: 'RNN', gates: 1, activations: [['tanh', 'relu']], advance: rnn },
  {
    name: 'GRU',
    gates: 3,
    activations: [['sigmoid'], ['tanh']],
    attributes: ['linear_before_reset'],
    advance: gru,
  },
  {
    name: 'LSTM',
    gates: 4,
    activations: [['sigmoid'], ['tanh'], ['tanh']],
    attributes: ['input_forget'],
    memory: true,
    advance: lstm,
  },
];

/** Operators of this area. */
export const recurrentOps: readonly OnnxOp[] = LAYERS.map((layer): OnnxOp => ({
  name: layer.name,
  opsets: ALL,
  inputs: [3, layer.memory === true ? 8 : 6],
  attributes: ['activations', 'direction', 'hidden_size', 'layout', ...(layer.attributes ?? [])],
  open: [4],
  plan: (call) => planLayer(call, layer),
}));
