import assert from 'node:assert/strict';
import fc from 'fast-check';
import { byteLengthOf, concat } from '../../src/core/bytes.ts';
import { MpcError } from '../../src/core/errors.ts';
import { decodeFrame, encodeFrame, idKey, type OutMessage } from '../../src/net/frame.ts';

const seed = 20261122;
const plain = { noNullPrototype: true } as const;
const anyMessage: fc.Arbitrary<OutMessage> = fc.record({
  id: fc.record(
    {
      space: fc.array(fc.record({ rank: fc.nat(2 ** 32 - 1), counter: fc.maxSafeNat() }, plain), {
        maxLength: 8,
      }),
      seq: fc.maxSafeNat(),
      kind: fc.integer({ min: 1, max: 255 }),
    },
    plain,
  ),
  digest: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  payload: fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 3 }),
  more: fc.boolean(),
});
/** Pieces that others follow end with a word. */
const message = anyMessage.map((sent) => ({
  ...sent,
  more: sent.more && byteLengthOf(sent.payload) % 8 === 0,
}));
const frame = fc.array(message, { maxLength: 6 });

/** A frame in parts of its own memory each. */
function cut(bytes: Uint8Array, step: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += step) parts.push(bytes.slice(at, at + step));
  return parts;
}

describe('frame', () => {
  it('decodeFrame() inverts encodeFrame(), payloads at multiples of 8, in whatever parts it comes', () => {
    fc.assert(
      fc.property(frame, fc.integer({ min: 1, max: 400 }), (messages, step) => {
        const bytes = concat(encodeFrame(messages));
        const back = decodeFrame(1, cut(bytes, step));
        assert.equal(back.length, messages.length);
        back.forEach((got, i) => {
          const { id, digest, payload, more } = messages[i];
          assert.deepEqual(
            { ...got, payload: undefined },
            { id, digest, more, payload: undefined },
          );
          assert.deepEqual(Buffer.concat(got.payload), Buffer.concat(payload));
          for (const part of got.payload) assert.equal(part.byteOffset % 8, 0);
        });
      }),
      { seed, numRuns: 200 },
    );
  });

  it('decodeFrame() refuses a piece that ends inside a word and is followed by others', () => {
    const id = { space: [], seq: 1, kind: 1 };
    const piece = (bytes: number, more: boolean): Uint8Array =>
      concat(encodeFrame([{ id, digest: 0n, payload: [new Uint8Array(bytes)], more }]));
    assert.throws(() => decodeFrame(1, [piece(13, true)]), /ends inside a word/);
    assert.equal(decodeFrame(1, [piece(16, true)]).length, 1);
    assert.equal(decodeFrame(1, [piece(13, false)]).length, 1);
  });

  it('decodeFrame() refuses every truncation with a ProtocolAbort', () => {
    const bytes = concat(
      encodeFrame(
        fc.sample(fc.array(message, { minLength: 3, maxLength: 3 }), { seed, numRuns: 1 })[0],
      ),
    );
    for (let end = 0; end < bytes.length; end++) {
      assert.throws(() => decodeFrame(1, [bytes.slice(0, end)]), {
        code: 'ERR_MPC_ABORT',
        peer: 1,
      });
    }
    assert.throws(() => decodeFrame(1, [bytes, new Uint8Array(8)]), MpcError);
  });

  it('decodeFrame() gives messages or an MpcError for any mutation, and re-encodes to the same bytes', () => {
    fc.assert(
      fc.property(
        frame,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (messages, edits) => {
          const bytes = concat(encodeFrame(messages));
          for (const [at, value] of edits) bytes[at % bytes.length] = value;
          try {
            const again = encodeFrame(decodeFrame(1, [bytes]));
            assert.deepEqual(concat(again), bytes);
          } catch (error) {
            if (!(error instanceof MpcError)) throw error;
          }
        },
      ),
      { seed, numRuns: 1000 },
    );
  });

  it('decodeFrame() survives random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeFrame(0, [bytes]);
        } catch (error) {
          if (!(error instanceof MpcError)) throw error;
        }
      }),
      { seed, numRuns: 2000 },
    );
  });

  it('idKey() is injective over path, seq and kind', () => {
    const id = { kind: 1, seq: 2, space: [{ rank: 1, counter: 23 }] };
    assert.notEqual(idKey(id), idKey({ ...id, space: [{ rank: 12, counter: 3 }] }));
    assert.notEqual(idKey(id), idKey({ ...id, seq: 21, kind: 1, space: [] }));
  });
});
