/** distinctApprox: about how many different values there are, in a few kilobytes whatever their number (hyper-log-log.ts). */

import { checkNames, wholeNumber } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { keyHash } from "../groupings/key-hash.ts";
import { type Aggregate, SelectingAggregate } from "./aggregate.ts";
import { keysOf } from "./distinct.ts";
import { emptyLog, estimate, type HyperLogLog, hashBits, mergeLogs, putHash } from "./hyper-log-log.ts";

export interface DistinctApproxOptions {
  /**
   * Of 2^precision bytes, from 8 to 16: the standard error is about 1.04 / sqrt(2^precision). Default 12, which is 4 KB and 1.6 %.
   * A few hundred values are counted exactly.
   */
  readonly precision?: number;
}

/**
 * About how many different values `select` returns. Two are the same when they are `===`.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; an event fails with ERR_ACT_AGGREGATE_VALUE for what cannot be a key
 */
export function distinctApprox<E>(
  select: (event: E) => Key,
  options: DistinctApproxOptions = {},
): Aggregate<E, HyperLogLog, number> {
  checkNames("distinctApprox", options, { precision: true });
  const { precision = 12 } = options;
  wholeNumber("distinctApprox: precision", precision, 8, 16);
  return new SelectingAggregate({
    kind: `distinctApprox of ${precision} bits`,
    select: keysOf("distinctApprox", select),
    create: emptyLog,
    put: (log, value: Key) => putHash(log, longHash(value), precision),
    merge: (into, from) => mergeLogs(into, from, precision),
    finish: (log) => estimate(log, precision),
  });
}

/** Far from the seeds, whatever the type. */
const upperSalt = 0x5bd1e995;

/** Two hashes of 32 bits, of which the second gives the upper bits. */
function longHash(value: Key): number {
  return (keyHash(value, upperSalt) % 2 ** (hashBits - 32)) * 2 ** 32 + keyHash(value);
}
