/**
 * Partitioner: carries out a grouping for one output of one upstream instance; events in, events in the builders of the
 * target channels out. Nothing is allocated per event, and a target sees its events in the order they came in.
 *
 * Invariants
 *  G1  an event goes to exactly one target, or (broadcast) to every one.
 *  G2  an event that fails goes to none, and those before it stay where they went: the caller goes on behind `failedAt`.
 *
 * Not here: when a builder is taken and sent (the cell), what a key hashes to (key-hash.ts).
 */

import { assert, MillraceError, printValue } from "../../runtime/index.ts";
import { type Batch, type Key, partOf } from "../batch.ts";
import type { BatchBuilder } from "../batch-builder.ts";
import { ownCopy, textsOf } from "../operators/own-copy.ts";
import { FrequentKeys } from "./frequent-keys.ts";
import type { Grouping, KeySelector, Partition } from "./grouping.ts";
import { checkKey } from "./key-hash.ts";
import { KeyOwners } from "./key-owners.ts";

/** A custom grouping named an instance that does not exist. */
export class PartitionError extends MillraceError {
  readonly code = "ERR_ACT_PARTITION";
}

export interface Partitioner {
  /**
   * Adds the events `from` (included) to `to` (excluded) of the batch to the builders of their targets.
   *
   * @throws what the author's function threw, ERR_ACT_KEY, ERR_ACT_PARTITION, ERR_ACT_MIXED_TIMES: a failure of the event
   * at `failedAt`, which went to no target; go on with the event behind it
   */
  route(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void;
  /** The event that the last `route` which threw failed at. */
  readonly failedAt: number;
  /** Which keys come most often; undefined where there are none. */
  readonly frequentKeys?: FrequentKeys;
}

/**
 * @param instance the upstream instance that partitions
 * @param load how many events wait to be sent to a target, its builder included; for the grouping "least-loaded"
 */
export function createPartitioner(
  grouping: Grouping,
  targetCount: number,
  instance: number,
  load: (target: number) => number,
): Partitioner {
  assert(targetCount >= 1, "a partitioner has a target");
  switch (grouping.kind) {
    case "forward":
      assert(instance < targetCount, "a forward grouping joins equal parallelism");
      return new SinglePartitioner(instance);
    case "global":
      return new SinglePartitioner(0);
    case "broadcast":
      return new BroadcastPartitioner();
    case "shuffle":
      return new ShufflePartitioner(targetCount, instance);
    case "least-loaded":
      return new LeastLoadedPartitioner(targetCount, load);
    case "key":
      return new KeyPartitioner(grouping.selector, targetCount);
    case "custom":
      return new CustomPartitioner(grouping.partition, targetCount);
  }
}

class SinglePartitioner implements Partitioner {
  readonly #target: number;
  failedAt = 0;

  constructor(target: number) {
    this.#target = target;
  }

  route(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    this.failedAt = from;
    targets[this.#target]!.addRange(batch, from, to);
  }
}

class BroadcastPartitioner implements Partitioner {
  failedAt = 0;

  route(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    this.failedAt = from;
    // G2: the builders of one output see the same events, so if one refuses them, the first one does.
    for (const target of targets) target.addRange(batch, from, to);
  }
}

class ShufflePartitioner implements Partitioner {
  readonly #targetCount: number;
  #next: number;
  failedAt = 0;

  constructor(targetCount: number, instance: number) {
    this.#targetCount = targetCount;
    // Upstream instances begin at different targets, or the first targets would get the most of short streams.
    this.#next = instance % targetCount;
  }

  route(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    const { keys } = batch;
    for (let index = from; index < to; index += 1) {
      this.failedAt = index;
      targets[this.#next]!.addEvent(batch, index, keys?.[index]);
      this.#next = this.#next + 1 === this.#targetCount ? 0 : this.#next + 1;
    }
  }
}

class LeastLoadedPartitioner implements Partitioner {
  readonly #loads: number[];
  readonly #load: (target: number) => number;
  #last: number;
  failedAt = 0;

  constructor(targetCount: number, load: (target: number) => number) {
    this.#loads = new Array<number>(targetCount).fill(0);
    this.#load = load;
    this.#last = targetCount - 1;
  }

  route(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    const { keys } = batch;
    const loads = this.#loads;
    for (let target = 0; target < loads.length; target += 1) loads[target] = this.#load(target);
    for (let index = from; index < to; index += 1) {
      this.failedAt = index;
      const target = this.#leastLoaded();
      targets[target]!.addEvent(batch, index, keys?.[index]);
      loads[target]! += 1;
      this.#last = target;
    }
  }

  /** Of equally loaded targets the next one behind the last choice, so that idle targets take turns. */
  #leastLoaded(): number {
    const loads = this.#loads;
    let best = this.#last;
    let bestLoad = Number.POSITIVE_INFINITY;
    for (let step = 1; step <= loads.length; step += 1) {
      const target = (this.#last + step) % loads.length;
      if (loads[target]! < bestLoad) {
        best = target;
        bestLoad = loads[target]!;
      }
    }
    return best;
  }
}

/** By key, each event as it is. */
export class KeyPartitioner implements Partitioner {
  readonly owners: KeyOwners;
  readonly #selector: KeySelector<unknown>;
  readonly #loop: typeof loopOver;
  readonly frequentKeys = new FrequentKeys();
  failedAt = 0;

  constructor(selector: KeySelector<unknown>, targetCount: number) {
    this.#selector = selector;
    this.#loop = ownCopy(loopOver, textsOf([selector]));
    this.owners = new KeyOwners(targetCount);
  }

  route(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    if (targets.length === 1) return this.#routeAll(batch, from, to, targets[0]!);
    const { values } = batch;
    const selector = this.#selector;
    const { owners } = this;
    const frequent = this.frequentKeys;
    for (let index = from; index < to; index += 1) {
      this.failedAt = index;
      const key = selector(values[index]);
      checkKey("keyBy", key);
      frequent.note(key);
      targets[owners.ownerOf(key)]!.addEvent(batch, index, key);
    }
  }

  /** To the only target, all at once: a whole batch goes on as it is, with its keys beside it. */
  #routeAll({ values, times }: Batch, from: number, to: number, target: BatchBuilder): void {
    const keys: Key[] = new Array<Key>(to - from);
    this.failedAt = from;
    target.expectTimes(times !== undefined);
    try {
      this.#loop(this.#selector, values, from, to, keys, this, checkKey);
    } finally {
      const end = this.failedAt;
      keys.length = end - from;
      this.frequentKeys.noteEach(keys.length, (index) => keys[index] as Key);
      const batch = { values: partOf(values, from, end), times: partOf(times, from, end), keys };
      target.addRange(batch, 0, keys.length);
    }
  }
}

/** Finds the keys of the events `from` to `to`; `failedAt` is behind the last one that has a key. */
function loopOver(
  selector: KeySelector<unknown>,
  values: readonly unknown[],
  from: number,
  to: number,
  keys: Key[],
  reached: { failedAt: number },
  check: typeof checkKey,
): void {
  let index = from;
  try {
    for (; index < to; index += 1) {
      const key = selector(values[index]);
      check("keyBy", key);
      keys[index - from] = key;
    }
  } finally {
    reached.failedAt = index;
  }
}

class CustomPartitioner implements Partitioner {
  readonly #partition: Partition<unknown>;
  readonly #targetCount: number;
  failedAt = 0;

  constructor(partition: Partition<unknown>, targetCount: number) {
    this.#partition = partition;
    this.#targetCount = targetCount;
  }

  route(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    const { values, keys } = batch;
    const partition = this.#partition;
    for (let index = from; index < to; index += 1) {
      this.failedAt = index;
      const target = partition(values[index], this.#targetCount);
      const builder = targets[target];
      // A string such as "0" finds a builder too, hence the type.
      if (builder === undefined || typeof target !== "number") throw this.#noSuchTarget(target);
      builder.addEvent(batch, index, keys?.[index]);
    }
  }

  #noSuchTarget(target: unknown): PartitionError {
    const allowed = `a whole number from 0 to ${this.#targetCount - 1}`;
    return new PartitionError(`custom grouping: expected ${allowed}, got ${printValue(target)}`, {
      details: { targetCount: this.#targetCount },
    });
  }
}
