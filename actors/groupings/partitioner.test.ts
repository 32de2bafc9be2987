import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Batch, Key } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import { ownersKeptMax } from "../limits.ts";
import { type Grouping, groupings } from "./grouping.ts";
import { keyGroupOf, ownerOf } from "./key-hash.ts";
import { createPartitioner, type Partitioner } from "./partitioner.ts";

const noLoad = () => 0;

/** Routes events, in batches of the given size, and goes on behind those that fail. Returns what each target got. */
function route(
  grouping: Grouping,
  values: readonly unknown[],
  options: { targetCount?: number; instance?: number; load?: (target: number) => number; size?: number } = {},
) {
  const { targetCount = 4, instance = 0, load = noLoad, size = values.length } = options;
  const partitioner = createPartitioner(grouping, targetCount, instance, load);
  const builders = Array.from({ length: targetCount }, () => new BatchBuilder());
  const failures: { value: unknown; error: unknown }[] = [];
  for (let from = 0; from < values.length; from += size) {
    const part = values.slice(from, from + size);
    const batch: Batch = { values: part, times: part.map((_, index) => from + index), keys: undefined };
    routeAll(partitioner, batch, builders, (index, error) => failures.push({ value: part[index], error }));
  }
  const batches = builders.map((builder) => builder.take());
  return { failures, batches, targets: batches.map((batch) => batch.values) };
}

function routeAll(
  partitioner: Partitioner,
  batch: Batch,
  builders: readonly BatchBuilder[],
  onFailure: (index: number, error: unknown) => void,
): void {
  for (let from = 0; from < batch.values.length; ) {
    try {
      partitioner.route(batch, from, batch.values.length, builders);
      return;
    } catch (error) {
      onFailure(partitioner.failedAt, error);
      from = partitioner.failedAt + 1;
    }
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("every grouping", () => {
  const all: Record<string, Grouping> = {
    forward: groupings.forward,
    shuffle: groupings.shuffle,
    global: groupings.global,
    leastLoaded: groupings.leastLoaded,
    byKey: groupings.byKey((value: number) => `key ${value % 17}`),
    custom: groupings.custom((value: number, count) => (value * 7) % count),
  };

  test.each(Object.keys(all))("%s sends each event to one target, in order, with its time", (name) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(200), (targetCount, count) => {
        const { batches } = route(all[name]!, upTo(count), { targetCount });

        const all_ = batches.flatMap(({ values }) => values as number[]);
        expect([...all_].sort((a, b) => a - b)).toEqual(upTo(count));
        for (const { values, times } of batches) {
          expect(values).toEqual([...values].sort((a, b) => Number(a) - Number(b)));
          if (values.length > 0) expect(times).toEqual(values);
        }
      }),
      { seed: 1 },
    );
  });

  test.each(Object.keys(all))("%s does not care how the events are cut into batches", (name) => {
    const atOnce = route(all[name]!, upTo(100));

    for (const size of [1, 3, 50]) expect(route(all[name]!, upTo(100), { size }).targets).toEqual(atOnce.targets);
  });
});

test("forward sends to the instance of the same number", () => {
  expect(route(groupings.forward, ["a", "b"], { instance: 2 }).targets).toEqual([[], [], ["a", "b"], []]);
});

test("global sends to instance 0", () => {
  expect(route(groupings.global, ["a", "b"], { instance: 2 }).targets).toEqual([["a", "b"], [], [], []]);
});

test("all sends the same values by reference to every instance", () => {
  const event = { id: 1 };

  const { targets } = route(groupings.all, [event], { targetCount: 3 });

  expect(targets.map((values) => values[0] === event)).toEqual([true, true, true]);
});

describe("shuffle", () => {
  test("sends to the instances in turn, beginning with the own number", () => {
    expect(route(groupings.shuffle, upTo(6), { targetCount: 3, instance: 4 }).targets).toEqual([
      [2, 5],
      [0, 3],
      [1, 4],
    ]);
  });
});

describe("least loaded", () => {
  test("fills up the instances with the fewest unsent events", () => {
    const loads = [5, 0, 3, 5];

    const { targets } = route(groupings.leastLoaded, upTo(10), { load: (target) => loads[target]! });

    expect(targets.map((values) => values.length)).toEqual([1, 5, 3, 1]);
  });

  test("takes turns among idle instances, also with one event at a time", () => {
    const { targets } = route(groupings.leastLoaded, upTo(8), { size: 1 });

    expect(targets.map((values) => values.length)).toEqual([2, 2, 2, 2]);
  });
});

describe("by key", () => {
  test("sends an event to the instance that owns its key, and the key with it", () => {
    const keys: Key[] = ["a", "b", "", 1, -1, 0.5, 10n, true, false, "a"];

    const { batches } = route(
      groupings.byKey((value: Key) => value),
      keys,
    );

    for (const [target, batch] of batches.entries()) {
      expect(batch.keys ?? []).toEqual(batch.values);
      for (const key of batch.keys ?? []) expect(ownerOf(keyGroupOf(key), 4)).toBe(target);
    }
  });

  test("knows the owners still when there are more keys than it remembers", () => {
    // In turn: all once, so that nothing is remembered for a while; then some again and again, so that they are, and all once more.
    const keys = Array.from({ length: 3 * ownersKeptMax }, (_, index) =>
      index % 2 === 0 ? `key ${index}` : BigInt(index),
    );
    const some = Array.from({ length: 20 * ownersKeptMax }, (_, index) => keys[index % 1_000] as Key);
    const byKey = groupings.byKey((value: Key) => value);

    const { batches } = route(byKey, [...keys, ...some, ...keys]);

    const wrong = batches.flatMap(({ values }, target) =>
      values.filter((key) => ownerOf(keyGroupOf(key as Key), 4) !== target),
    );
    expect(wrong).toEqual([]);
    expect(batches.reduce((sum, { values }) => sum + values.length, 0)).toBe(2 * keys.length + some.length);
  });

  test("to a single instance goes everything, with its key and its time, failing events aside, however it is cut", () => {
    const key = (value: number) => {
      if (value % 7 === 3) throw new Error("three");
      return value % 5;
    };
    const kept = upTo(40).filter((value) => value % 7 !== 3);

    for (const size of [1, 3, 40]) {
      const { failures, batches } = route(groupings.byKey(key), upTo(40), { targetCount: 1, size });

      expect(batches).toEqual([{ values: kept, times: kept, keys: kept.map((value) => value % 5) }]);
      expect(failures.map(({ value }) => value)).toEqual(upTo(40).filter((value) => value % 7 === 3));
    }
  });

  test("a whole batch goes to a single instance without a copy", () => {
    const builder = new BatchBuilder();
    const batch: Batch = { values: ["a", "b"], times: [1, 2], keys: undefined };

    createPartitioner(
      groupings.byKey(() => 0),
      1,
      0,
      noLoad,
    ).route(batch, 0, 2, [builder]);

    const { values, times } = builder.take();
    expect([values === batch.values, times === batch.times]).toEqual([true, true]);
  });

  test("an event without a usable key fails and goes nowhere; the others go on", () => {
    const byKey = groupings.byKey((value: unknown) => value as Key);
    const bad = [undefined, null, Number.NaN, {}, Symbol("s")];

    const { failures, targets } = route(byKey, ["a", ...bad, "a"]);

    expect(failures).toEqual(bad.map((value) => ({ value, error: expect.objectContaining({ code: "ERR_ACT_KEY" }) })));
    expect(targets.flat()).toEqual(["a", "a"]);
  });

  test("an event whose selector throws fails with what it threw", () => {
    const failure = new Error("no type");
    const byKey = groupings.byKey((value: string) => {
      if (value === "bad") throw failure;
      return value;
    });

    const { failures, targets } = route(byKey, ["bad", "a", "bad"]);

    expect(failures).toEqual([
      { value: "bad", error: failure },
      { value: "bad", error: failure },
    ]);
    expect(targets.flat()).toEqual(["a"]);
  });
});

describe("custom", () => {
  test("is told how many instances there are", () => {
    const { targets } = route(
      groupings.custom((value: number, count) => count - 1 - value),
      [0, 1, 2],
      { targetCount: 3 },
    );

    expect(targets).toEqual([[2], [1], [0]]);
  });

  test.each([Number.NaN, -1, 4, 1.5, Number.POSITIVE_INFINITY, undefined, "0", null, "length"])(
    "the answer %s fails the event, and the event goes nowhere",
    (answer) => {
      const grouping = groupings.custom((value: string) => (value === "bad" ? (answer as number) : 0));

      const { failures, targets } = route(grouping, ["a", "bad", "b"]);

      expect(failures).toEqual([
        {
          value: "bad",
          error: expect.objectContaining({
            code: "ERR_ACT_PARTITION",
            message: expect.stringContaining("expected a whole number from 0 to 3, got"),
          }),
        },
      ]);
      expect(targets).toEqual([["a", "b"], [], [], []]);
    },
  );

  test("the answer -0 is instance 0", () => {
    expect(
      route(
        groupings.custom(() => -0),
        ["a"],
      ).targets[0],
    ).toEqual(["a"]);
  });
});

test("keys and times that a batch has already go along", () => {
  for (const grouping of [groupings.shuffle, groupings.leastLoaded, groupings.forward, groupings.all]) {
    const partitioner = createPartitioner(grouping, 1, 0, noLoad);
    const builder = new BatchBuilder();

    partitioner.route({ values: ["a", "b"], times: [1, 2], keys: ["k", "l"] }, 1, 2, [builder]);

    expect(builder.take()).toEqual({ values: ["b"], times: [2], keys: ["l"] });
  }
});

test("functions are checked when the job is built", () => {
  expect(() => groupings.byKey("type" as never)).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: 'keyBy: expected a function, got "type"' }),
  );
  expect(() => groupings.custom((async () => 0) as never)).toThrow(
    expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }),
  );
});

test("a stream that has event times on some events only fails those, at every target alike", () => {
  const partitioner = createPartitioner(groupings.all, 2, 0, noLoad);
  const builders = [new BatchBuilder(), new BatchBuilder()];
  partitioner.route({ values: ["a"], times: [1], keys: undefined }, 0, 1, builders);

  expect(() => partitioner.route({ values: ["b"], times: undefined, keys: undefined }, 0, 1, builders)).toThrow(
    expect.objectContaining({ code: "ERR_ACT_MIXED_TIMES" }),
  );

  expect(partitioner.failedAt).toBe(0);
  expect(builders.map((builder) => builder.take().values)).toEqual([["a"], ["a"]]);
});

test("so does a stream by key with one instance, event by event", () => {
  const partitioner = createPartitioner(
    groupings.byKey((value: string) => value),
    1,
    0,
    noLoad,
  );
  const builders = [new BatchBuilder()];
  partitioner.route({ values: ["a"], times: [1], keys: undefined }, 0, 1, builders);
  const failed: number[] = [];

  routeAll(partitioner, { values: ["b", "c"], times: undefined, keys: undefined }, builders, (index, error) => {
    expect(error).toMatchObject({ code: "ERR_ACT_MIXED_TIMES" });
    failed.push(index);
  });

  expect(failed).toEqual([0, 1]);
  expect(builders[0]!.take().values).toEqual(["a"]);
});
