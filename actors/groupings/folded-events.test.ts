import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { sum } from "../aggregates/totals.ts";
import type { Batch, Key } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import { foldedEntriesMax, localFoldedEntriesMax } from "../limits.ts";
import { outputTo } from "../sources/output-to.ts";
import { takenEntries } from "./fixtures/taken-entries.ts";
import { FoldedEvents } from "./folded-events.ts";
import { betweenThreads, withinThread } from "./folds.ts";
import { keyGroupOf, ownerOf } from "./key-hash.ts";
import { KeyOwners } from "./key-owners.ts";
import { PanedFolds } from "./paned-folds.ts";
import type { Panes, PreAggregation } from "./pre-aggregation.ts";

interface Load {
  readonly key: Key;
  readonly weight: number;
}

const inTens: Panes = {
  at: (time) => {
    const start = Math.floor(time / 10) * 10;
    return { start, end: start + 10 };
  },
};
const total = sum<Load>(({ weight }) => weight) as PreAggregation["aggregate"];
const byPane: PreAggregation = { aggregate: total, panes: () => inTens, isToldAtEnd: false };
const untilEnd: PreAggregation = { aggregate: total, panes: undefined, isToldAtEnd: true };

function foldedAt(targetCount: number, preAggregation: PreAggregation = byPane, bounds = betweenThreads) {
  const keyOf = (event: unknown) => (event as Load).key;
  const { aggregate, panes } = preAggregation;
  const folded =
    panes === undefined
      ? new FoldedEvents(keyOf, targetCount, aggregate, bounds)
      : new PanedFolds(keyOf, targetCount, aggregate, panes(), bounds);
  const builders = Array.from({ length: targetCount }, () => new BatchBuilder());
  return {
    folded,
    route: (events: readonly Load[], times?: readonly number[]) => {
      const batch: Batch = { values: events, times, keys: undefined };
      folded.route(batch, 0, events.length, builders);
    },
    /** What is sent as it is. */
    plain: () => builders.map((builder) => builder.take().values),
  };
}

const load = (key: Key, weight: number): Load => ({ key, weight });
const many = (count: number, keyCount: number) =>
  Array.from({ length: count }, (_, index) => load(`k${index % keyCount}`, 1));

describe("events that are put together", () => {
  test("are one accumulator for each key and pane, with the time of the newest event, in the order of the first ones", () => {
    const { folded, route, plain } = foldedAt(1);

    route([load("a", 1), load("b", 2), load("a", 3), load("a", 4), load("b", 5)], [1, 2, 3, 11, 9]);

    expect(folded.eventCount).toBe(5);
    expect(takenEntries(folded)).toMatchObject([
      { key: "a", target: 0, accumulator: 4, count: 2, time: 3 },
      { key: "b", target: 0, accumulator: 7, count: 2, time: 9 },
      { key: "a", target: 0, accumulator: 4, count: 1, time: 11 },
    ]);
    expect(plain()).toEqual([[]]);
    expect([folded.eventCount, takenEntries(folded)]).toEqual([0, []]);
  });

  test("are together whatever their times are, where there are no panes", () => {
    const { folded, route } = foldedAt(1, untilEnd);

    route([load("a", 1), load("a", 2)], [1, 1_000]);
    route([load("a", 4)], [Number.NaN]);

    expect(takenEntries(folded)).toMatchObject([{ accumulator: 7, count: 3 }]);
  });

  test("hold nothing of what was sent, whatever the keys are, and however often it is", () => {
    const keys = fc.constantFrom<Key>(0, -0, 1, 4_095, 4_096, -1, 0.5, 2 ** 40, "1", true, 1n);
    const event = fc.record({ key: keys, weight: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(fc.array(event)), (rounds) => {
        const { folded, route, plain } = foldedAt(1, untilEnd);
        for (const events of rounds) {
          route(events);
          const expected = new Map<Key, { key: Key; accumulator: number; count: number }>();
          for (const { key, weight } of events) {
            const { accumulator, count } = expected.get(key) ?? { accumulator: 0, count: 0 };
            expected.set(key, { key, accumulator: accumulator + weight, count: count + 1 });
          }
          expect(folded.eventCount).toBe(events.length);
          const held = takenEntries(folded).map(({ accumulator, count }) => [accumulator, count]);
          expect(held).toEqual([...expected.values()].map(({ accumulator, count }) => [accumulator, count]));
          expect(plain()).toEqual([[]]);
        }
      }),
    );
  });

  test("hold no accumulator without an event, where the first one of its key is refused, routed or passed", () => {
    const picky: PreAggregation["aggregate"] = {
      create: () => 0,
      add: (sum, event) => {
        if ((event as Load).weight === 0) throw new Error("refused");
        return Number(sum) + (event as Load).weight;
      },
    };
    const event = fc.record({ key: fc.constantFrom<Key>(0, 7, "a", "b"), weight: fc.nat(2), isRouted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 4 }), (rounds) => {
        const folded = new FoldedEvents((given) => (given as Load).key, 2, picky, betweenThreads);
        const builders = [0, 1].map(() => new BatchBuilder());
        const output = folded.passTo(builders, new Int32Array(4));
        for (const events of rounds) {
          for (const { key, weight, isRouted } of events) {
            const given = load(key, weight);
            if (isRouted) folded.route({ values: [given], times: undefined, keys: undefined }, 0, 1, builders);
            else {
              folded.startPassing(
                1,
                outputTo(() => expect.unreachable()),
              );
              output.emit(given);
              folded.endPassing();
            }
          }
          const taken = events.filter(({ weight }) => weight > 0);
          const sums = Map.groupBy(taken, ({ key }) => key);
          const plain = builders.flatMap((builder) => builder.take().values);
          expect(plain).toHaveLength(events.length - taken.length);
          const held = takenEntries(folded).map(({ key, accumulator, count }) => [key, accumulator, count]);
          expect(new Map(held.map(([key, ...rest]) => [key, rest]))).toEqual(
            new Map(
              [...sums].map(([key, own]) => [key, [own.reduce((sum, { weight }) => sum + weight, 0), own.length]]),
            ),
          );
          expect(held).toHaveLength(sums.size);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("go on with other keys when so many were held before", () => {
    const { folded, route } = foldedAt(1, untilEnd);
    for (const from of [0, foldedEntriesMax, 2 * foldedEntriesMax]) {
      for (let copy = 0; copy < 2; copy += 1) {
        route(Array.from({ length: foldedEntriesMax / 2 }, (_, index) => load(from + index, 1)));
      }

      expect(takenEntries(folded)).toHaveLength(foldedEntriesMax / 2);
    }
  });

  test("keep what is known of a key for the next round, and of so many keys at most", () => {
    const asked = vi.spyOn(KeyOwners.prototype, "ownerOf");
    onTestFinished(() => asked.mockRestore());
    const { folded, route } = foldedAt(1, untilEnd);
    const ownersAsked = () => {
      asked.mockClear();
      for (const key of ["a", 7]) {
        route([load(key, 1)]);
        takenEntries(folded);
      }
      return asked.mock.calls.flat();
    };
    expect([ownersAsked(), ownersAsked()]).toEqual([["a", 7], []]);

    route(many(4 * foldedEntriesMax, foldedEntriesMax));
    takenEntries(folded);

    expect(ownersAsked()).toEqual(["a", 7]);
  });

  test("go to the instance that owns their key, in whatever batches they come", () => {
    const key = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.bigInt());
    const event = fc.record({ key, weight: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(40))), fc.nat(50), (events, cut) => {
        const { folded, route } = foldedAt(3);
        for (const part of [events.slice(0, cut), events.slice(cut)]) {
          route(
            part.map(([each]) => each),
            part.map(([, time]) => time),
          );
        }

        const entries = takenEntries(folded);

        expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(events.length);
        for (const entry of entries) {
          const own = events.filter(([{ key }, time]) => {
            return key === entry.key && inTens.at(time).start === inTens.at(entry.time!).start;
          });
          expect(entry.target).toBe(ownerOf(keyGroupOf(entry.key), 3));
          expect(entry.count).toBe(own.length);
          expect(entry.accumulator).toBe(own.reduce((sum, [{ weight }]) => sum + weight, 0));
        }
      }),
      { seed: 1 },
    );
  });

  test.each([
    ["its aggregate refuses", [load("a", Number.NaN)], [1]],
    ["has no time", [load("a", 1)], undefined],
    ["has a time that is none", [load("a", 1)], [Number.NaN]],
    ["has a time that no date can have", [load("a", 1)], [1e300]],
  ] as const)("do not hold one that %s: it is sent as it is, to fail where it would have", (_, events, times) => {
    const { folded, route, plain } = foldedAt(1);

    route(events, times);

    expect(plain()).toEqual([events]);
    expect(takenEntries(folded)).toEqual([]);
  });

  test("do not hold one without a key, which fails, nor what is behind it", () => {
    const { folded, route } = foldedAt(1);
    const events = [load("a", 1), load(Number.NaN, 2), load("a", 4)];

    expect(() => route(events, [1, 1, 1])).toThrow(expect.objectContaining({ code: "ERR_ACT_KEY" }));

    expect(folded.failedAt).toBe(1);
    expect(takenEntries(folded)).toMatchObject([{ accumulator: 1, count: 1 }]);
  });

  test("are of so many keys at most: those of others are sent as they are", () => {
    const { folded, route, plain } = foldedAt(1);
    const events = many(foldedEntriesMax + 1, foldedEntriesMax + 1);

    route(
      events,
      events.map(() => 1),
    );

    expect(folded.isFull).toBe(true);
    expect(plain()).toEqual([[events.at(-1)]]);
    expect(takenEntries(folded)).toHaveLength(foldedEntriesMax);
    expect(folded.isFull).toBe(false);
  });
});

/** How many events are sent as they are until some are put together again. */
function plainUntilTried({ folded, route, plain }: ReturnType<typeof foldedAt>, events: readonly Load[]): number {
  const times = events.map(() => 1);
  let plainEvents = 0;
  while (folded.eventCount === 0) {
    route(events, times);
    plainEvents += plain()[0]!.length;
  }
  return plainEvents;
}

describe("where hardly two events have the same key", () => {
  test("they are sent as they are for a while, and then it is tried again: after longer each time, up to a limit", () => {
    const at = foldedAt(1);
    const events = many(1_000, 900);
    expect(plainUntilTried(at, events)).toBe(0);
    const waits = Array.from({ length: 6 }, () => {
      expect(takenEntries(at.folded)).toHaveLength(900);
      return plainUntilTried(at, events);
    });
    expect(waits).toEqual([16_000, 32_000, 64_000, 128_000, 256_000, 256_000]);
  });

  test("it is tried as soon as at first once it has paid", () => {
    const at = foldedAt(1);
    plainUntilTried(at, many(1_000, 900));
    takenEntries(at.folded);
    plainUntilTried(at, many(1_000, 3));
    takenEntries(at.folded);
    plainUntilTried(at, many(1_000, 900));
    takenEntries(at.folded);
    expect(plainUntilTried(at, many(1_000, 900))).toBe(16_000);
  });

  test("that is seen also when few events come between two sendings", () => {
    const { folded, route, plain } = foldedAt(1);
    for (let round = 0; round < 6; round += 1) {
      route(many(100, 90), new Array<number>(100).fill(1));
      expect(takenEntries(folded)).toHaveLength(90);
    }
    expect(plain()).toEqual([[]]);

    route(many(100, 90), new Array<number>(100).fill(1));

    expect(takenEntries(folded)).toEqual([]);
    expect(plain()[0]).toHaveLength(100);
  });

  test("few events say nothing about those to come", () => {
    const { folded, route, plain } = foldedAt(1);
    route(
      many(100, 100),
      Array.from({ length: 100 }, () => 1),
    );
    takenEntries(folded);

    route(
      many(1_000, 3),
      Array.from({ length: 1_000 }, () => 1),
    );

    expect(takenEntries(folded)).toMatchObject([{ count: 334 }, { count: 333 }, { count: 333 }]);
    expect(plain()).toEqual([[]]);
  });
});

describe("within a thread", () => {
  const within = () => foldedAt(1, untilEnd, withinThread);

  test("they are put together where many have the same key", () => {
    const { folded, route, plain } = within();
    for (let round = 0; round < 3; round += 1) {
      route(many(8_000, 500));
      expect(takenEntries(folded)).toHaveLength(500);
    }
    expect(plain()).toEqual([[]]);
  });

  test("with more than a few accumulators among them they are handed over as they are, for less long than between threads", () => {
    const at = within();
    const events = many(8_000, 501);
    expect(plainUntilTried(at, events)).toBe(0);
    const waits = Array.from({ length: 4 }, () => {
      expect(takenEntries(at.folded)).toHaveLength(501);
      return plainUntilTried(at, events);
    });
    expect(waits).toEqual([16, 32, 64, 64].map((runs) => runs * 8_000));
  });

  test("many keys are noticed when so many are held, and their events go on as whole batches, with their keys", () => {
    const { folded, route } = within();
    route(many(localFoldedEntriesMax, localFoldedEntriesMax));
    expect(folded.isFull).toBe(true);
    takenEntries(folded);
    const builder = new BatchBuilder();
    const values = many(1_000, 1_000);

    folded.route({ values, times: undefined, keys: undefined }, 0, 1_000, [builder]);

    const batch = builder.take();
    expect(batch.values).toBe(values);
    expect(batch.keys).toEqual(values.map(({ key }) => key));
    expect(folded.eventCount).toBe(0);
  });

  test("one without a key fails alone where they are handed over as they are", () => {
    const { folded, route, plain } = within();
    route(many(localFoldedEntriesMax, localFoldedEntriesMax));
    takenEntries(folded);

    expect(() => route([load("a", 1), load(Number.NaN, 2), load("a", 4)])).toThrow(
      expect.objectContaining({ code: "ERR_ACT_KEY" }),
    );

    expect(folded.failedAt).toBe(1);
    expect(plain()).toEqual([[load("a", 1)]]);
  });
});
