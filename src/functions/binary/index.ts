/**
 * Operations on XOR-shared bits. No gradient flows through any of them: bits do not vary continuously.
 * @module
 */

export * from './bitwise.ts';
export * from './compare.ts';
export * from './convert.ts';
export * from './sums.ts';
