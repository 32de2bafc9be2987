/**
 * Grouping: which instance of the downstream operator an event goes to. Plain descriptions; what carries them out is a
 * partitioner (actors/groupings).
 */

import type { Key } from "../actors/index.ts";

export type Grouping =
  /** To the instance of the same number; both ends have the same parallelism. */
  | { readonly kind: "forward" }
  /** To the instances in turn. */
  | { readonly kind: "shuffle" }
  /** To every instance. */
  | { readonly kind: "broadcast" }
  /** To instance 0. */
  | { readonly kind: "global" }
  /** To the instance with the least work waiting. */
  | { readonly kind: "least-loaded" }
  /** To the instance that owns the key. */
  | { readonly kind: "key"; readonly selector: (event: unknown) => Key }
  /** To the instance that the author's function says. */
  | { readonly kind: "custom"; readonly partition: Partition<unknown> };

/** Returns the number of the instance, from 0 to `instanceCount - 1`, that `event` goes to. */
export type Partition<T> = (event: T, instanceCount: number) => number;

export type GroupingKind = Grouping["kind"];
