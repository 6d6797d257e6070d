/**
 * The Python interpreter with PyTorch that comparisons run.
 * @module
 */

/** PYTHON names another one. */
export const PYTHON = process.env['PYTHON'] ?? '/usr/bin/python3';
