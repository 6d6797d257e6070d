/**
 * A `Party` from a running session: what `simulate` and `connect` share.
 * @module
 */

import { asMpcError } from './core/errors.ts';
import { estimate } from './estimate.ts';
import { safetensors } from './formats/index.ts';
import type { Seat } from './seats.ts';
import { Party, type Watcher } from './tensor/index.ts';

/** Gives a seat its public face. */
export function makeParty({ context, mux, meter, names, vault }: Seat, watcher?: Watcher): Party {
  return new Party({
    context,
    names,
    keeping: vault && {
      vault,
      codec: {
        encode: (state) => safetensors.save(state),
        decode: (bytes) => safetensors.load(bytes),
      },
    },
    watcher,
    estimate: (program, network) =>
      estimate(context.world, program, { precision: context.session.precision, ...network }),
    traffic: () => meter.snapshot().total,
    resetTraffic: () => meter.reset(),
    close: async (error) => {
      if (error !== undefined) mux.fail(asMpcError(error));
      await context.session.outstanding.idle();
      await mux.close();
    },
  });
}
