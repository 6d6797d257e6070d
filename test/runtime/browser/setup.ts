/** Runs before the suite loads. */
import { install } from './node-parts.ts';

install();
