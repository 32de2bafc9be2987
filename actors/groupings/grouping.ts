/**
 * Grouping: which instances of the downstream operator an event goes to. Plain descriptions; a partitioner
 * (partitioner.ts) carries them out.
 */

import type { Key } from "../batch.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";

export type Grouping =
  /** To the instance of the same number; both ends have the same parallelism. */
  | { readonly kind: "forward" }
  /** To the instances in turn, event by event. */
  | { readonly kind: "shuffle" }
  /** To every instance: the same value, by reference. */
  | { readonly kind: "broadcast" }
  /** To instance 0. */
  | { readonly kind: "global" }
  /** To the instance with the fewest events waiting to be sent to it. */
  | { readonly kind: "least-loaded" }
  /** To the instance that owns the key. */
  | { readonly kind: "key"; readonly selector: KeySelector<unknown> }
  /** To the instance that the author's function says. */
  | { readonly kind: "custom"; readonly partition: Partition<unknown> };

/** The key of an event. */
export type KeySelector<T> = (event: T) => Key;

/** The number of the instance an event goes to, from 0 to `instanceCount - 1`. */
export type Partition<T> = (event: T, instanceCount: number) => number;

/**
 * The groupings by name. `byKey` and `custom` check the function they are given.
 *
 * @throws ERR_RT_OPTION when it is no function, ERR_ACT_ASYNC_FUNCTION when it is an async one
 */
export const groupings = {
  forward: { kind: "forward" },
  shuffle: { kind: "shuffle" },
  all: { kind: "broadcast" },
  global: { kind: "global" },
  leastLoaded: { kind: "least-loaded" },
  byKey<T>(selector: KeySelector<T>): Grouping {
    checkPlainFunction("keyBy", selector);
    return { kind: "key", selector: selector as KeySelector<unknown> };
  },
  custom<T>(partition: Partition<T>): Grouping {
    checkPlainFunction("custom grouping", partition);
    return { kind: "custom", partition: partition as Partition<unknown> };
  },
} as const satisfies Record<string, Grouping | ((fn: never) => Grouping)>;
