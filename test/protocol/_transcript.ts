/**
 * What a gate puts on the wire, taken apart field by field.
 * @module
 */

import assert from 'node:assert/strict';
import type { Words } from '../../src/kernels/memory.ts';
import { MESSAGE_KINDS } from '../../src/net/kinds.ts';
import { packed } from '../../src/protocol/cost.ts';
import { simulateSeats, type Seat } from '../../src/seats.ts';
import type { Segment } from '../../src/protocol/provider/material.ts';
import { halves } from '../oracle/fixed.ts';
import { own, put, record, shuffled, type Recorded, type Recording } from '../support/seats.ts';
import { tallyBits, tallyWords, type Tally } from '../support/statistics.ts';
import { words, type Field, type Gate } from './_gates.ts';

/** Ways to break a run on purpose. */
export type Tamper = 'zeroMasks' | 'zeroStreams';

/**
 * Runs a gate on x = y = `input` and counts, by field: each payload that the first and the last party receive, what all
 * payloads of a step add up to (`opened`), and the dealer's corrections.
 */
export async function tallyMessages(
  gate: Gate,
  n: number,
  input: Words,
  tamper?: Tamper,
): Promise<Tally[]> {
  const count = input.length;
  const { results } = await simulateSeats(
    n,
    async (seat) => {
      const ctx = seat.context;
      const recording = record(seat);
      if (tamper !== undefined) BREAK[tamper](seat);
      const share = gate.put ?? put;
      const x = share(ctx, 0, [count], input);
      const y = share(ctx, n - 1, [count], input);
      await own(gate.run(ctx, x, y));
      await ctx.session.outstanding.idle();
      return { recording, share: await own(x) };
    },
    // Zeroed streams must be the dealer's, too: then it runs inside party 0, on the same kernels.
    { ...shuffled, trust: tamper === 'zeroStreams' ? 'insecureFirstParty' : 'dealer' },
  );
  const dealt = tallyDealt(gate, count, results[n - 1].recording);
  if (tamper === 'zeroStreams') return dealt;
  return [0, n - 1].flatMap((rank) => tallyOpenings(gate, results[rank], rank)).concat(dealt);
}

interface PartyView {
  readonly recording: Recording;
  /** The party's own share of x. */
  readonly share: Words;
}

function tallyOpenings(gate: Gate, { recording, share }: PartyView, rank: number): Tally[] {
  const { sent, received } = recording;
  const count = share.length;
  const steps = new Map<number, Recorded[]>();
  for (const message of received) {
    if (message.id.kind !== MESSAGE_KINDS.opening) continue;
    steps.set(message.id.seq, [...(steps.get(message.id.seq) ?? []), message]);
  }
  const layouts = gate.openings(count);
  const order = [...steps.keys()].sort((a, b) => a - b);
  assert.equal(order.length, layouts.length, `${gate.name}: openings`);
  return order.flatMap((seq, i) => {
    const messages = steps.get(seq) ?? [];
    const ours = sent.find(({ id }) => id.kind === MESSAGE_KINDS.opening && id.seq === seq);
    assert.ok(ours !== undefined);
    const parts = messages.flatMap(({ peer, payload }) =>
      tallyFields(`party ${rank} from ${peer}`, layouts[i], payload, share),
    );
    if (layouts[i].some((field) => 'bits' in field && field.single)) return parts;
    const total = totalOf(
      layouts[i],
      [ours, ...messages].map(({ payload }) => payload),
    );
    return [...parts, ...tallyFields(`party ${rank} opened`, layouts[i], total, share)];
  });
}

function tallyFields(
  who: string,
  fields: readonly Field[],
  payload: Uint8Array,
  share?: Words,
): Tally[] {
  let at = 0;
  const tallies = fields.map((field) => {
    const from = at;
    const name = `${who}: ${field.name}`;
    if ('bits' in field) {
      at += packed(field.bits);
      const tally = tallyBits(name, payload.subarray(from, at), field.bits, field.group);
      if (share === undefined) return tally;
      const joint = besideShare(payload.subarray(from, at), field.group, share);
      return { ...tally, histograms: new Map([...tally.histograms, ['with own share', joint]]) };
    }
    at += field.words * field.bytes;
    return tallyWords(name, payload.subarray(from, at), field.bytes);
  });
  assert.equal(at, payload.length, `${who}: layout`);
  return tallies;
}

/** Each element's first bit beside the two top bits of the receiver's own share: eight equal counts if it says nothing of x. */
function besideShare(payload: Uint8Array, group: number, share: Words): Float64Array {
  const counts = new Float64Array(8);
  const top = halves(share);
  for (let i = 0; i < share.length; i++) {
    const at = i * group;
    counts[4 * ((payload[at >> 3] >> (at & 7)) & 1) + (top[2 * i + 1] >>> 30)]++;
  }
  return counts;
}

/** Sum of the words, XOR of the bits. */
function totalOf(fields: readonly Field[], payloads: readonly Uint8Array[]): Uint8Array {
  const out = payloads[0].slice();
  for (const payload of payloads.slice(1)) {
    let at = 0;
    for (const field of fields) {
      const width = 'bits' in field ? packed(field.bits) : field.bytes;
      const end = at + ('bits' in field ? width : field.words * width);
      for (; 'bits' in field && at < end; at++) out[at] ^= payload[at];
      for (; at < end; at += width) {
        for (let i = at, carry = 0; i < at + width; i++) {
          carry += out[i] + payload[i];
          out[i] = carry;
          carry >>= 8;
        }
      }
    }
  }
  return out;
}

function tallyDealt(gate: Gate, count: number, { received }: Recording): Tally[] {
  const material = received.filter(({ id }) => id.kind === MESSAGE_KINDS.material);
  assert.equal(material.length, 1, `${gate.name}: one message of corrections`);
  const fields = gate
    .dealt(count)
    .filter(({ source }) => source === 'dealt')
    .flatMap((segment) => gate.dealtFields?.(segment, count) ?? wordsOf(segment));
  return tallyFields('dealt', fields, material[0].payload);
}

function wordsOf({ name, words: length, wireBytes }: Segment): Field[] {
  return [words(name, length, wireBytes)];
}

/** Segments that mask something that is opened; the others are correlations with them. */
const MASKS = new Set([
  ...['r', 'q', 'bits', 'mask', 'tables'],
  ...['wide', 'wideLow', 'wideHigh', 'wide0', 'wide1'],
]);

const BREAK: Record<Tamper, (seat: Seat) => void> = {
  zeroMasks: ({ context }) => {
    const { provider } = context.session;
    const request = provider.request.bind(provider);
    const draw = provider.mask.bind(provider);
    provider.mask = (tag, length) => {
      const share = draw(tag, length);
      const lend = share.lend.bind(share);
      share.lend = () => ({ ...lend(), read: (arena, _, n) => arena.zeros(n) });
      return share;
    };
    provider.request = (step, wanted) => {
      const { take } = request(step, wanted);
      return {
        take: async () => {
          const dealt = await take();
          return {
            resident: dealt.resident,
            get: (name) => {
              const words = dealt.get(name);
              if (words !== undefined && MASKS.has(name)) {
                const { kernels } = context.arena;
                new Uint8Array(kernels.buffer(), words.at, 8 * words.length).fill(0);
              }
              return words;
            },
            done: () => dealt.done(),
          };
        },
      };
    };
  },
  zeroStreams: ({ context }) => {
    const { kernels } = context.arena;
    kernels.blake3Xof = (out, _key, _low, _high, blocks) => {
      new Uint8Array(kernels.buffer(), out, 64 * blocks).fill(0);
    };
  },
};
