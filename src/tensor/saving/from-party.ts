/**
 * Plain tensors that one party has: loaded there and shared, or written there.
 * @module
 */

import { utf8 } from '../../core/bytes.ts';
import { MpcError } from '../../core/errors.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { broadcast, exchange } from '../../protocol/saved/announce.ts';
import type { Files } from '../../protocol/saved/vault.ts';
import { encode } from '../../ring/encoder.ts';
import { checkSizes, toPlain, type PublicTensor } from '../operand.ts';
import type { Party } from '../party.ts';
import { Tensor } from '../plain.ts';
import { checkRank } from '../reveal.ts';
import { CrypTensor } from '../tensor.ts';
import { isRecord, treeOf, type Named, type Tree } from './tree.ts';

/** Plain tensors, one or by name, names within names. */
export type PlainTree = PublicTensor | PlainState;

/** Plain tensors by name. */
export interface PlainState {
  readonly [name: string]: PlainTree;
}

/** How a file of plain tensors is read and written; safetensors unless said. */
export interface Codec {
  encode(state: Readonly<Record<string, Tensor>>): Uint8Array;
  decode(bytes: Uint8Array): PlainTree;
}

/** What a party can do with files. */
export interface PlainMeans {
  readonly files: Files | undefined;
  readonly codec: Codec;
}

/** Options of `loadFromParty`. */
export interface LoadFromPartyOptions {
  /** Rank that has the values; 0 unless said. */
  readonly src?: number;
  /** The values themselves, at `src`, instead of a file. */
  readonly preloaded?: PlainTree;
  /** What a file's bytes hold. */
  readonly decode?: Codec['decode'];
  /** Fractional bits; the session's unless said. */
  readonly precision?: number;
  readonly requiresGrad?: boolean;
}

/** Options of `saveFromParty`. */
export interface SaveFromPartyOptions {
  /** Rank that writes; 0 unless said. */
  readonly src?: number;
  /** The bytes of named tensors. */
  readonly encode?: Codec['encode'];
}

/** The name of a tensor without one. */
const ALONE = 'tensor';

/** Shares what party `src` loads; see `Party.loadFromParty`. */
export function sharedFrom(
  party: Party,
  means: PlainMeans,
  source: string | Uint8Array | null,
  options: LoadFromPartyOptions,
): Promise<CrypTensor | Tree<CrypTensor>> {
  const { context: ctx } = party;
  const op = 'loadFromParty';
  const { src = 0, precision = party.precision, requiresGrad = false } = options;
  checkRank(ctx, op, 'src', src);
  if (ctx.rank === src && (source === null) === (options.preloaded === undefined)) {
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      `${op}: party ${src} loads a file or passes preloaded, one of the two`,
    );
  }
  const inner = ctx.fork();
  const run = async (): Promise<CrypTensor | Tree<CrypTensor>> => {
    let found: readonly Encoded[] = [];
    let failure: unknown;
    if (ctx.rank === src) {
      try {
        const tree = options.preloaded ?? (await decoded(means, source, options));
        found = leavesOf(op, tree).map(([path, plain]) => ({
          path,
          shape: plain.shape,
          words: encode(ctx.arena, plain.data, precision, op),
        }));
      } catch (error) {
        failure = error;
      }
    }
    const facts = found.map(({ path, shape }) => ({ path, shape }));
    const own = failure === undefined ? utf8(JSON.stringify(facts)) : null;
    const said = await broadcast(inner, op, src, own);
    if (failure !== undefined) throw failure;
    if (said === null) throw new MpcError('ERR_MPC_FILE', `${op}: party ${src} could not load`);
    const list = ctx.rank === src ? found : factsOf(op, said);
    const leaves = list.map(({ path, shape, words = null }) => {
      const share = inner.gates.input(inner, src, shape, precision, words);
      return [path, new CrypTensor(party, share, null, requiresGrad)] as const;
    });
    return treeOf(leaves);
  };
  return ctx.deliver(run(), ctx.floor + 2);
}

/** Writes plain tensors at party `src`; see `Party.saveFromParty`. */
export function writtenAt(
  party: Party,
  { files, codec }: PlainMeans,
  tree: PlainTree | null,
  path: string | undefined,
  { src = 0, encode: bytesOf = codec.encode }: SaveFromPartyOptions,
): Promise<Uint8Array | null> {
  const { context: ctx } = party;
  const op = 'saveFromParty';
  checkRank(ctx, op, 'src', src);
  const inner = ctx.fork();
  const run = async (): Promise<Uint8Array | null> => {
    let bytes: Uint8Array | null = null;
    let failure: unknown;
    if (ctx.rank === src) {
      try {
        const named = leavesOf(op, tree).map(([names, { shape, data }]) => [
          names.length === 0 ? ALONE : names.join('.'),
          new Tensor(shape, data),
        ]);
        bytes = bytesOf(Object.fromEntries(named) as Record<string, Tensor>);
        if (path !== undefined) await (await filesOf(op, files).stage(path, bytes)).keep();
      } catch (error) {
        failure = error;
      }
    }
    const worked = await exchange(inner, op, Uint8Array.of(failure === undefined ? 1 : 0));
    if (failure !== undefined) throw failure;
    if (worked[src][0] !== 1)
      throw new MpcError('ERR_MPC_FILE', `${op}: party ${src} could not write`);
    return bytes;
  };
  return ctx.deliver(run(), ctx.floor + 1);
}

/** A tensor before it is shared; words at the party that has it. */
interface Encoded {
  readonly path: readonly string[];
  readonly shape: Shape;
  readonly words?: ReturnType<typeof encode>;
}

async function decoded(
  { files, codec }: PlainMeans,
  source: string | Uint8Array | null,
  { decode = (bytes) => codec.decode(bytes) }: LoadFromPartyOptions,
): Promise<PlainTree> {
  const bytes =
    typeof source === 'string' ? await filesOf('loadFromParty', files).read(source) : source;
  const tree = decode(bytes as Uint8Array);
  return isRecord(tree) && Object.keys(tree).join() === ALONE ? (tree as PlainState)[ALONE] : tree;
}

/** Plain tensors by path. */
function leavesOf(op: string, tree: unknown, path: readonly string[] = []): Named<Plain>[] {
  if (tree instanceof CrypTensor) {
    const where = path.length === 0 ? 'this' : path.join('.');
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      `${op}: ${where} is secret; use save, or reveal it first`,
    );
  }
  if (isRecord(tree) && !('data' in tree && 'shape' in tree)) {
    return Object.entries(tree).flatMap(([name, inner]) => leavesOf(op, inner, [...path, name]));
  }
  return [[path, toPlain(op, tree)]];
}

/** Values with their shape. */
interface Plain {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** What another party says it has; nothing about it is believed. */
function factsOf(op: string, bytes: Uint8Array): Encoded[] {
  try {
    const list = JSON.parse(new TextDecoder().decode(bytes)) as readonly Encoded[];
    return list.map(({ path, shape }) => {
      checkSizes(op, shape);
      if (!Number.isSafeInteger(sizeOf(shape)) || !path.every((name) => typeof name === 'string')) {
        throw new TypeError('a size or a name is none');
      }
      return { path: [...path], shape: [...shape] };
    });
  } catch (cause) {
    throw new MpcError('ERR_MPC_ABORT', `${op}: a malformed list of tensors`, { cause });
  }
}

function filesOf(op: string, files: Files | undefined): Files {
  if (files !== undefined) return files;
  throw new MpcError('ERR_MPC_UNSUPPORTED', `${op}: there are no files here; use bytes`);
}
