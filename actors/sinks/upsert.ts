/**
 * upsert: the newest event of each key, written to a system outside that replaces rows by key. The rows of an epoch are part
 * of its checkpoint, and are written when that is complete: again and again until it succeeds, and again after a restart
 * that does not know whether it did. So the outside has the effect once if writing a row again changes nothing, or if it
 * keeps which rows it has.
 */

import { checkNames, OptionError, wholeNumber } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { checkKey } from "../groupings/key-hash.ts";
import { transactionEventsMaxAllowed, upsertEventsMaxDefault } from "../limits.ts";
import type { SinkSpec } from "../sink.ts";
import type { CommitInfo } from "../transactions/transactional-writer.ts";
import { defineTransactionalSink } from "./define-transactional-sink.ts";

export interface UpsertOptions<T> {
  /** Of two events with the same key in one epoch only the later is written. */
  readonly key: (event: T) => Key;
  /**
   * Writes rows, each with a key of its own; may be async. It is called with one epoch after the other, and again with the
   * same rows and the same `about` when it failed or when nobody knows.
   */
  readonly write: (rows: readonly T[], about: CommitInfo) => void | Promise<void>;
  /** Events of one call, before those with the same key are left out; default `upsertEventsMaxDefault`. */
  readonly eventsMax?: number;
}

/**
 * Writes the newest event of each key with the checkpoint of its epoch (under at-most-once, about every
 * `transactionIntervalMs`). Events are plain data, as they are part of the checkpoint.
 *
 * `about` names the call: per job, sink and instance, `epoch` and then `part` increase, until `history` is another one. A
 * target that stores these four with its rows can tell a repeat, which it may drop, from news.
 *
 * At the end of a table, events are its changes: the newest of each key says in `after` what the row is, or that it was deleted.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * An event fails with what `key` throws, or with ERR_ACT_KEY for what is no key.
 */
export function upsert<T>(options: UpsertOptions<T>): SinkSpec<T> {
  checkNames("upsert", options, { key: true, write: true, eventsMax: true });
  const { key, write, eventsMax = upsertEventsMaxDefault } = options;
  if (typeof key !== "function") throw new OptionError("upsert: key", key, "a function from an event to its key");
  if (typeof write !== "function") throw new OptionError("upsert: write", write, "a function of rows");
  const sink = defineTransactionalSink<T, Map<Key, T>, readonly T[], readonly [Key, T]>({
    kind: "upsert",
    eventsMax: wholeNumber("upsert: eventsMax", eventsMax, 1, transactionEventsMaxAllowed),
    encode: (event) => {
      const eventKey: unknown = key(event);
      checkKey("upsert", eventKey);
      return [eventKey, event];
    },
    create: () => ({
      begin: () => new Map(),
      write: (rows, more) => {
        for (const [eventKey, event] of more) rows.set(eventKey, event);
      },
      prepare: (rows) => [...rows.values()],
      commit: write,
    }),
  });
  // Whose events are changes gets deletes like all others.
  return { ...sink, ofTable: sink as SinkSpec<never> };
}
