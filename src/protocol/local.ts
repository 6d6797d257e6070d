/** Moved to `local/index.ts`. @module */
export * from './local/index.ts';
