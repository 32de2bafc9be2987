/** settledWithin: waits for a promise, but not for ever. */

import type { Clock } from "../seams/clock.ts";

/** Resolves to true when `promise` has resolved, to false after `limitMs`; rejects as `promise` does. */
export async function settledWithin(clock: Clock, limitMs: number, promise: PromiseLike<unknown>): Promise<boolean> {
  const limit = Promise.withResolvers<false>();
  const cancelLimit = clock.after(limitMs, () => limit.resolve(false));
  try {
    return await Promise.race([promise.then(() => true), limit.promise]);
  } finally {
    cancelLimit();
  }
}
