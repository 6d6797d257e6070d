/**
 * The parts of onnx.proto that are read: model, graph, node, attribute, tensor, value.
 *
 * Subgraphs (of If, Loop and Scan) are noted and not read, so nothing here is nested without limit.
 * @module
 */

/** What a file says. */
export interface Model {
  irVersion: number;
  producer: string;
  producerVersion: string;
  /** Versions of operator sets by domain; '' is ONNX's own. */
  readonly opsets: Map<string, number>;
  graph: Graph | null;
  /** Functions that the model defines itself. */
  functions: number;
  readonly metadata: Map<string, string>;
}

/** Nodes in the order of their execution. */
export interface Graph {
  name: string;
  readonly nodes: Node[];
  readonly initializers: TensorProto[];
  sparse: number;
  readonly inputs: ValueInfo[];
  readonly outputs: ValueInfo[];
}

/** One operation. */
export interface Node {
  name: string;
  op: string;
  domain: string;
  /** '' stands for an optional input that is left out. */
  readonly inputs: string[];
  readonly outputs: string[];
  readonly attributes: Attribute[];
}

/** An attribute; `type` says which field counts. */
export interface Attribute {
  name: string;
  type: number;
  f: number;
  i: number;
  s: Uint8Array;
  t: TensorProto | null;
  readonly floats: number[];
  readonly ints: number[];
  readonly strings: Uint8Array[];
}

/** An attribute without a value. */
export function emptyAttribute(name: string): Attribute {
  const bytes = new Uint8Array(0);
  return { name, type: 0, f: 0, i: 0, s: bytes, t: null, floats: [], ints: [], strings: [] };
}

/** Kinds of attributes. */
export const ATTRIBUTE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

/** A tensor as it lies in the file. */
export interface TensorProto {
  name: string;
  readonly dims: number[];
  type: number;
  readonly floats: number[];
  readonly int32s: number[];
  readonly int64s: number[];
  readonly doubles: number[];
  readonly uint64s: number[];
  raw: Uint8Array | null;
  /** Its data lies in another file. */
  external: boolean;
  segmented: boolean;
}

/** A tensor without elements. */
export function emptyTensor(name: string, type: number, dims: readonly number[]): TensorProto {
  return {
    name,
    dims: [...dims],
    type,
    floats: [],
    int32s: [],
    int64s: [],
    doubles: [],
    uint64s: [],
    raw: null,
    external: false,
    segmented: false,
  };
}

/** Name, element type (0: unknown) and dims (null: unknown) of an input or output. */
export interface ValueInfo {
  name: string;
  type: number;
  dims: (number | string | null)[] | null;
  /** Whether it is a tensor at all. */
  tensor: boolean;
}
