/** The job of W10. Defined inline, for the calling thread, so that it can say when it is where. */

import { defineJob, forEach, generate, type JobDefinition } from "../../../../jobs/index.ts";

/** Called when all keys have come once, and at the last event. */
export interface Moments {
  filled(): void;
  ended(): void;
}

/** What was told at the end: how many keys, and of how many events. */
export interface Seen {
  told: number;
  counted: number;
}

/** Odd, and near the golden ratio of 2^32: it spreads indices over the keys. */
const multiplier = 2_654_435_761;

export function countKeys(keys: number, events: number, moments: Moments, seen: Seen): JobDefinition<undefined> {
  const total = keys + events;
  const keyAt = (index: number): number => {
    if (index === keys) moments.filled();
    if (index === total - 1) moments.ended();
    return index < keys ? index : (Math.imul(index, multiplier) >>> 0) % keys;
  };
  return defineJob("count-keys", (job) => {
    job
      .source("keys", generate({ count: total, from: keyAt }))
      .keyBy((key) => key)
      .count("per-key", { emit: "end" })
      .sink(
        "seen",
        forEach(({ count }) => {
          seen.told += 1;
          seen.counted += count;
        }),
      );
  });
}
