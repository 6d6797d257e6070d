/**
 * `Party`: one party of a computation, and everything that has no tensor to hang on.
 *
 * Nothing is global; several parties live in one process.
 * @module
 */

/// <reference lib="esnext.disposable" preserve="true" />

import { MpcError } from '../core/errors.ts';
import { all } from '../core/later.ts';
import type { Shape } from '../core/shape.ts';
import * as ops from '../functions/index.ts';
import type { Context } from '../protocol/context.ts';
import type { LedgerEntry } from '../protocol/ledger.ts';
import type { Vault } from '../protocol/saved/vault.ts';
import { arrival, settle } from '../protocol/settle.ts';
import { encode, MAX_FRAC_BITS } from '../ring/encoder.ts';
import type { Share } from '../protocol/share.ts';
import { apply, listOf, mixed, operand, type Sizes, type TensorLike } from './apply.ts';
import {
  BinaryTensor,
  inputBits,
  installBinaryMethods,
  joinBits,
  type BinaryInputOptions,
  type PublicBits,
} from './binary/index.ts';
import { installMethods } from './methods/index.ts';
import type { Estimate, NetworkOptions } from './estimate.ts';
import { checkSizes, toPlain, type PublicTensor } from './operand.ts';
import { ownFunction, type OwnFunction } from './own-function.ts';
import { logAt, printAt, type PrintOptions } from './print.ts';
import { checkRank } from './reveal.ts';
import {
  sharedFrom,
  writtenAt,
  type Codec,
  type LoadFromPartyOptions,
  type PlainMeans,
  type PlainTree,
  type SaveFromPartyOptions,
} from './saving/from-party.ts';
import { heldShares, type HeldOptions } from './saving/held.ts';
import { loadTree, saveTree, vaultOf, type KeyOptions } from './saving/shares.ts';
import type { Savable, Tree } from './saving/tree.ts';
import { Tape } from './tape.ts';
import type { Watcher } from './watcher.ts';
import { CrypTensor } from './tensor.ts';

/** What a connection counted in one direction. */
export interface DirectionTraffic {
  readonly messages: number;
  /** With headers. */
  readonly bytes: number;
  readonly payloadBytes: { readonly online: number; readonly preprocessing: number };
}

/** What a connection counted. */
export interface PartyTraffic {
  readonly sent: DirectionTraffic;
  readonly received: DirectionTraffic;
}

/** What a party is made of; see `simulate` and `connect`. */
export interface PartyParts {
  readonly context: Context;
  /** Names by rank. */
  readonly names: readonly string[];
  traffic(): PartyTraffic;
  resetTraffic(): void;
  close(error?: Error): Promise<void>;
  /** Costs of a program at all parties of such a session. */
  estimate(
    program: (party: Party) => Promise<unknown> | unknown,
    network: NetworkOptions,
  ): Promise<Estimate>;
  /** What shares and plain tensors are kept with; estimates keep nothing. */
  readonly keeping?: { readonly vault: Vault; readonly codec: Codec } | undefined;
  /** Told of every operation; simulations in shadow mode have one. */
  readonly watcher?: Watcher | undefined;
}

/** Bytes of payload in both directions. */
export interface PhaseStats {
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Costs since the last reset. */
export interface PartyStats {
  /** Length of the longest chain of dependent messages. */
  readonly rounds: number;
  readonly online: PhaseStats;
  readonly preprocessing: PhaseStats;
  /** By operation and by the names of `scope`, in order of appearance; payload bytes as the steps declare them. */
  readonly ops: ReadonlyMap<string, LedgerEntry>;
  /** Both phases, with headers. */
  readonly total: PhaseStats & { readonly messagesSent: number; readonly messagesReceived: number };
}

/** Options of `cryptensor`. */
export interface InputOptions {
  /** How the values are shared; `binary` has options of its own. */
  readonly ptype?: 'arithmetic';
  /** Rank that knows the values; 0 unless said. */
  readonly src?: number;
  /** Shape of the values; needed where they are unknown. */
  readonly shape?: Shape;
  /** Fractional bits; the session's unless said. */
  readonly precision?: number;
  readonly requiresGrad?: boolean;
}

/** One party of a computation. */
export class Party {
  static {
    // A call where tensors are made, not an import for its effect: bundlers drop those.
    installMethods();
    installBinaryMethods();
  }

  readonly context: Context;
  readonly names: readonly string[];
  readonly tape: Tape;
  /** How many forks lie between this party and the one that was connected. */
  readonly forkDepth: number;
  /** Names of the program's own functions, shared with forks. */
  readonly ownNames: Set<string>;
  readonly #parts: PartyParts;

  constructor(parts: PartyParts, parent?: Party) {
    this.#parts = parts;
    this.context = parts.context;
    this.names = parts.names;
    this.tape = new Tape(parent?.tape);
    this.forkDepth = parent === undefined ? 0 : parent.forkDepth + 1;
    this.ownNames = parent?.ownNames ?? new Set();
  }

  /** What watches the operations, in a simulation that asked for it. */
  get watcher(): Watcher | undefined {
    return this.#parts.watcher;
  }

  get rank(): number {
    return this.context.rank;
  }

  /** Number of parties. */
  get world(): number {
    return this.context.world;
  }

  /** Fractional bits of tensors that do not say otherwise. */
  get precision(): number {
    return this.context.session.precision;
  }

  /**
   * Shares a tensor that party `src` knows. Rounds: 0.
   *
   * Only `src` needs the values. The others pass `null` with a `shape`, or anything of the same shape, whose values are
   * ignored: so the same line may run at every party.
   *
   * @throws {MpcError} ERR_MPC_RANK for a `src` that is no party, ERR_MPC_SHAPE for ragged arrays or a missing or wrong shape,
   * ERR_MPC_RANGE for NaN or values that do not fit, ERR_MPC_SCALE for an impossible precision.
   * @example
   * const x = party.cryptensor([[1, 2], [3, 4]], { src: 0 });
   * const y = party.cryptensor(party.rank === 1 ? labels : null, { src: 1, shape: [2] });
   * const bits = party.cryptensor([1, 2, 3], { ptype: 'binary' });
   */
  cryptensor(values: PublicBits | null, options: BinaryInputOptions): BinaryTensor;
  cryptensor(values: PublicTensor | null, options?: InputOptions): CrypTensor;
  cryptensor(
    values: PublicBits | null,
    options: InputOptions | BinaryInputOptions = {},
  ): CrypTensor | BinaryTensor {
    return options.ptype === 'binary'
      ? inputBits(this, values, options)
      : this.#input(values as PublicTensor | null, options);
  }

  /** Zeros: public, so products and sums with them cost nothing. */
  zeros(shape: Shape, options: { readonly requiresGrad?: boolean } = {}): CrypTensor {
    return this.full(shape, 0, options);
  }

  /** Ones; see `zeros`. */
  ones(shape: Shape, options: { readonly requiresGrad?: boolean } = {}): CrypTensor {
    return this.full(shape, 1, options);
  }

  /** One public number everywhere; see `zeros`. */
  full(shape: Shape, value: number, options: { readonly requiresGrad?: boolean } = {}): CrypTensor {
    checkSizes('full', shape);
    const share = ops.constant(this.context, 'full', [...shape], value);
    return new CrypTensor(this, share, null, options.requiresGrad ?? false);
  }

  /** The identity matrix. */
  eye(n: number, m: number = n): CrypTensor {
    checkSizes('eye', [n, m]);
    const data = new Float64Array(n * m);
    for (let i = 0; i < Math.min(n, m); i++) data[i * m + i] = 1;
    return this.lift('eye', { shape: [n, m], data });
  }

  /** Secret uniform numbers on [0, 1). See functions/sampling.ts for these four. */
  rand(...sizes: Sizes): CrypTensor {
    return this.#drawn('rand', sizes, ops.rand);
  }

  /** Secret normal numbers of mean 0 and variance 1. */
  randn(...sizes: Sizes): CrypTensor {
    return this.#drawn('randn', sizes, ops.randn);
  }

  /** The numbers 0 to n − 1 in a secret random order. */
  randperm(n: number): CrypTensor {
    return new CrypTensor(this, ops.randperm(this.context, n));
  }

  /** 1 with probability p, else 0; p may be public or secret. */
  bernoulli(p: TensorLike): CrypTensor {
    if (p instanceof CrypTensor) return p.bernoulli();
    return new CrypTensor(this, ops.bernoulli(this.context, toPlain('bernoulli', p)));
  }

  /** Tensors joined along a dim; some may be public. */
  cat(tensors: readonly BinaryTensor[], dim?: number): BinaryTensor;
  cat(tensors: readonly TensorLike[], dim?: number): CrypTensor;
  cat(tensors: readonly (TensorLike | BinaryTensor)[], dim = 0): CrypTensor | BinaryTensor {
    if (allBits(tensors)) return joinBits('cat', tensors, dim);
    return apply(ops.catOp, this.#lifted('cat', tensors as readonly TensorLike[]), dim);
  }

  /** Tensors of one shape joined along a new dim; some may be public. */
  stack(tensors: readonly BinaryTensor[], dim?: number): BinaryTensor;
  stack(tensors: readonly TensorLike[], dim?: number): CrypTensor;
  stack(tensors: readonly (TensorLike | BinaryTensor)[], dim = 0): CrypTensor | BinaryTensor {
    if (allBits(tensors)) return joinBits('stack', tensors, dim);
    return apply(ops.stackOp, this.#lifted('stack', tensors as readonly TensorLike[]), dim);
  }

  /** a where the condition is 1, b where it is 0. */
  where(condition: TensorLike, a: TensorLike, b: TensorLike): CrypTensor {
    const inputs = [condition, a, b].map((value) => operand('where', value));
    if (inputs.some((value) => value instanceof CrypTensor)) return mixed(ops.whereOp, inputs);
    return mixed(ops.whereOp, [inputs[0], this.lift('where', a), inputs[2]]);
  }

  /** A CrypTensor as it is; public values as one that every party knows. */
  lift(op: string, value: TensorLike): CrypTensor {
    if (value instanceof CrypTensor) return value;
    const plain = toPlain(op, value);
    const { context } = this;
    if (plain.data.length === 1) {
      return new CrypTensor(this, ops.constant(context, op, plain.shape, plain.data[0]));
    }
    const zero = ops.constant(context, op, plain.shape, 0);
    return new CrypTensor(this, ops.add(context, zero, plain));
  }

  /**
   * A tensor from the words that this party holds of it; every party passes its own. They are believed: words that are no sharing
   * of anything give a wrong secret, and words that another party knows hide nothing from it.
   *
   * @throws {MpcError} ERR_MPC_SHAPE for another number of words, ERR_MPC_SCALE for an impossible precision.
   */
  fromShares(words: BigUint64Array, options: HeldOptions & { ptype: 'binary' }): BinaryTensor;
  fromShares(words: BigUint64Array, options?: HeldOptions): CrypTensor;
  fromShares(words: BigUint64Array, options: HeldOptions = {}): CrypTensor | BinaryTensor {
    return heldShares(this, words, options);
  }

  /**
   * Keeps tensors: every party writes its own shares, sealed under its key, to a file or to bytes. Resolves when all have; if one
   * cannot, nobody's old file is replaced. Rounds: what truncation is owed, and 2.
   *
   * Files are of this session file and this party; `load` takes those of one save alone.
   *
   * @throws {MpcError} ERR_MPC_UNSUPPORTED for anything but tensors and plain objects of them, without files, or without a key;
   * ERR_MPC_FILE when a party cannot write.
   * @example
   * await party.save(model.stateDict(), 'model.shares');
   * model.loadStateDict(await party.load<nn.StateDict>('model.shares'));
   */
  save(object: Savable, path: string, options?: KeyOptions): Promise<void>;
  save(object: Savable, options?: KeyOptions): Promise<Uint8Array>;
  async save(
    object: Savable,
    place?: string | KeyOptions,
    options: KeyOptions = {},
  ): Promise<Uint8Array | void> {
    const vault = this.#parts.keeping?.vault;
    if (typeof place !== 'string') return saveTree(this, vault, object, { ...place });
    await saveTree(this, vault, object, { path: place, ...options });
  }

  /**
   * What `save` kept, from this party's file or bytes; every party calls it. Loaded tensors require no gradient. That it is a `T` is
   * believed. Rounds: 1.
   *
   * @throws {MpcError} ERR_MPC_FILE at every party when one of them has no file that it can read, or they are not of one save.
   */
  load<T extends Savable = Savable>(
    source: string | Uint8Array,
    options: KeyOptions = {},
  ): Promise<T> {
    return loadTree(this, this.#parts.keeping?.vault, source, options) as Promise<T>;
  }

  /**
   * Shares plain tensors that party `src` loads, from a file, from bytes or `preloaded`; the others pass null or anything. They learn
   * names and shapes, no values. That it is a `T` is believed. Rounds: 2.
   *
   * @throws {MpcError} ERR_MPC_FILE at the others when `src` could not load, which throws what went wrong there.
   * @example
   * model.loadStateDict(await party.loadFromParty<nn.StateDict>('weights.safetensors', { src: 1 }));
   */
  loadFromParty<T = CrypTensor | Tree<CrypTensor>>(
    source: string | Uint8Array | null,
    options: LoadFromPartyOptions = {},
  ): Promise<T> {
    return sharedFrom(this, this.#means('loadFromParty'), source, options) as Promise<T>;
  }

  /**
   * Writes plain tensors at party `src`, to a file or to bytes, which it gets; the others wait, and get null. Rounds: 1.
   *
   * @throws {MpcError} ERR_MPC_UNSUPPORTED at `src` for secret tensors; ERR_MPC_FILE at the others when it could not write.
   */
  saveFromParty(
    object: PlainTree | null,
    path?: string,
    options: SaveFromPartyOptions = {},
  ): Promise<Uint8Array | null> {
    return writtenAt(this, this.#means('saveFromParty'), object, path, options);
  }

  /** Runs a synchronous function without recording for backward; nested and throwing calls are fine. */
  noGrad<T>(body: () => T): T {
    return this.tape.during('noGrad', false, body);
  }

  /** Runs a synchronous function with recording, inside `noGrad` as well. */
  enableGrad<T>(body: () => T): T {
    return this.tape.during('enableGrad', true, body);
  }

  /** Records from now on, or not; inside `noGrad` or `enableGrad` until they end. */
  setGradEnabled(mode: boolean): void {
    this.tape.recording = mode;
  }

  /**
   * An operation of the program's own, with a forward and a backward on tensors; the name stands in statistics and errors.
   *
   * Tensors are found in the arguments as they are, and inside arrays, plain objects, maps and sets.
   *
   * @throws {MpcError} ERR_MPC_UNSUPPORTED for a name that an operation has already.
   * @example
   * const cube = party.registerFunction('cube', {
   *   forward(ctx, x: CrypTensor) {
   *     ctx.saveForBackward(x);
   *     return x.square().mul(x);
   *   },
   *   backward(ctx, gradient) {
   *     const [x] = ctx.savedTensors;
   *     return [gradient.mul(x.square()).mul(3)];
   *   },
   * });
   * cube(x).sum().backward();
   */
  registerFunction<Args extends readonly unknown[]>(
    name: string,
    own: OwnFunction<Args>,
  ): (...args: Args) => CrypTensor {
    return ownFunction(this, name, own);
  }

  /** Whether operations are recorded for backward now. */
  get gradEnabled(): boolean {
    return this.tape.recording;
  }

  /**
   * Prints a message at party 0, at those of `dst`, or at every party in turn; secrets print as their shapes.
   *
   * @throws {MpcError} ERR_MPC_RANK for a `dst` that is no party.
   */
  print(message: unknown, options: PrintOptions = {}): Promise<void> {
    return printAt(this, message, options);
  }

  /** As `print`, to the console's log of information, under the party's name. */
  log(message: unknown, options: PrintOptions = {}): Promise<void> {
    return logAt(this, message, options);
  }

  /** Truncates what the tensors owe and waits until their shares are here. Opens nothing. */
  async settle(...tensors: readonly CrypTensor[]): Promise<void> {
    const { context } = this;
    const shares = tensors.map((tensor) => settle(context, CrypTensor.shareOf(tensor)));
    const depth = shares.reduce((max, share) => Math.max(max, share.depth), 0);
    await context.deliver(all(shares.map(arrival)), depth);
  }

  /** Costs since the start or the last reset. */
  stats(): PartyStats {
    const { sent, received } = this.#parts.traffic();
    const phase = (name: 'online' | 'preprocessing'): PhaseStats => ({
      bytesSent: sent.payloadBytes[name],
      bytesReceived: received.payloadBytes[name],
    });
    return {
      rounds: this.context.session.rounds.count,
      online: phase('online'),
      ops: this.context.session.ledger.entries(),
      preprocessing: phase('preprocessing'),
      total: {
        bytesSent: sent.bytes,
        bytesReceived: received.bytes,
        messagesSent: sent.messages,
        messagesReceived: received.messages,
      },
    };
  }

  /** Starts counting anew. */
  resetStats(): void {
    this.context.resetRounds();
    this.context.session.ledger.reset();
    this.#parts.resetTraffic();
  }

  /**
   * What a program would cost in a session like this one: it runs here alone, with zeros for all that comes from others and for
   * whatever it reveals. Inputs are those the program shares itself; this party's tensors are not for it.
   *
   * @throws whatever the program throws.
   * @example
   * const { rounds, totalMs } = await party.estimate((p) => p.cryptensor(new Float64Array(1000)).sigmoid().getPlainText(), {
   *   rttMs: 40,
   *   mbps: 100,
   * });
   */
  estimate(
    program: (party: Party) => Promise<unknown> | unknown,
    network: NetworkOptions = {},
  ): Promise<Estimate> {
    return this.#parts.estimate(program, network);
  }

  /** Books the costs of everything that `body`, a synchronous function, calls under a name: a layer, a phase. */
  scope<T>(name: string, body: () => T): T {
    return this.context.session.ledger.under(name, body);
  }

  /**
   * A party for concurrent work (a timer, a request of a server), with an order of its own. The parties fork for one
   * initiator in the same order; tensors made before may be used inside.
   */
  fork(initiator = 0): Party {
    return new Party({ ...this.#face(), context: this.context.fork(initiator) }, this);
  }

  /** Ends the session: waits for what is under way, or passes an error on to the other parties. */
  close(error?: Error): Promise<void> {
    return this.#parts.close(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toString(): string {
    return `Party(${this.rank} of ${this.world}, ${this.names[this.rank] ?? 'unnamed'})`;
  }

  #input(values: PublicTensor | null, options: InputOptions): CrypTensor {
    const { src = 0, precision = this.precision, requiresGrad = false } = options;
    checkRank(this.context, 'cryptensor', 'src', src);
    checkPrecision(precision);
    const known = values === null ? null : toPlain('cryptensor', values, options.shape);
    const shape = known?.shape ?? options.shape;
    if (shape === undefined || (known === null && src === this.rank)) {
      throw known === null && src === this.rank
        ? new MpcError(
            'ERR_MPC_SHAPE',
            `cryptensor: party ${src} is the source and must pass values`,
          )
        : new MpcError('ERR_MPC_SHAPE', 'cryptensor: pass { shape } where the values are unknown');
    }
    checkSizes('cryptensor', shape);
    const { context } = this;
    const words =
      known === null || src !== this.rank
        ? null
        : encode(context.arena, known.data, precision, 'cryptensor');
    const share = context.gates.input(context, src, [...shape], precision, words);
    return new CrypTensor(this, share, null, requiresGrad);
  }

  #drawn(op: string, sizes: Sizes, draw: (ctx: Context, shape: Shape) => Share): CrypTensor {
    const shape = listOf(sizes);
    checkSizes(op, shape);
    return new CrypTensor(this, draw(this.context, [...shape]));
  }

  #face(): Omit<PartyParts, 'context'> {
    return {
      names: this.names,
      traffic: () => this.#parts.traffic(),
      resetTraffic: () => this.#parts.resetTraffic(),
      close: (error) => this.#parts.close(error),
      estimate: this.#parts.estimate,
      keeping: this.#parts.keeping,
      watcher: this.#parts.watcher,
    };
  }

  #means(op: string): PlainMeans {
    const { keeping } = this.#parts;
    const { files } = vaultOf(op, keeping?.vault);
    return { files, codec: (keeping as { readonly codec: Codec }).codec };
  }

  #lifted(op: string, tensors: readonly TensorLike[]): CrypTensor[] {
    if (tensors.length === 0) {
      throw new MpcError('ERR_MPC_SHAPE', `${op}: expected at least one tensor, got none`);
    }
    return tensors.map((tensor) => this.lift(op, tensor));
  }
}

function checkPrecision(precision: number): void {
  if (Number.isInteger(precision) && precision >= 0 && precision <= MAX_FRAC_BITS) return;
  throw new MpcError(
    'ERR_MPC_SCALE',
    `cryptensor: precision ${precision} must be a whole number of fractional bits from 0 to ${MAX_FRAC_BITS}`,
  );
}

function allBits(
  tensors: readonly (TensorLike | BinaryTensor)[],
): tensors is readonly BinaryTensor[] {
  return tensors.length > 0 && tensors.every((tensor) => tensor instanceof BinaryTensor);
}
