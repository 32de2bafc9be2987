import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import { CellDriver, stage } from "../cells/fixtures/cell-driver.ts";
import { signalKind } from "../cells/stream-signal.ts";
import { outputTo } from "../sources/output-to.ts";
import { eventTime } from "../time/event-time.ts";
import { takenEntries } from "./fixtures/taken-entries.ts";
import { betweenThreads } from "./folds.ts";
import { keyGroupOf, ownerOf } from "./key-hash.ts";
import { PanedFolds } from "./paned-folds.ts";
import type { Panes, PreAggregation } from "./pre-aggregation.ts";

interface Told {
  readonly key: Key;
  readonly time: number;
  readonly number: number;
}

const inTens: Panes = {
  at: (time) => {
    const start = Math.floor(time / 10) * 10;
    return { start, end: start + 10 };
  },
};
/** Lists the events; every seventh is refused. */
const listing: PreAggregation["aggregate"] = {
  create: () => [],
  add: (listed, event) => {
    if ((event as Told).number % 7 === 6) throw new Error("refused");
    return [...(listed as Told[]), event as Told];
  },
};

const rounds = fc.array(
  fc.array(
    fc.record({
      key: fc.constantFrom<Key>(0, 1, 2, 4_095, 4_096, -1, "a", "0", true, 3n),
      time: fc.nat(40),
      isRouted: fc.boolean(),
    }),
    { maxLength: 30 },
  ),
  { maxLength: 5 },
);

function fold(drawn: readonly (readonly DrawnEvent[])[], isPassed: boolean) {
  const folded = new PanedFolds((event) => (event as Told).key, 3, listing, inTens, betweenThreads);
  const builders = [0, 1, 2].map(() => new BatchBuilder());
  const output = folded.passTo(builders);
  let number = 0;
  return drawn.map((events) => {
    const told = events.map(({ key, time, isRouted }) => {
      number += 1;
      return { event: { key, time, number }, isRouted };
    });
    for (const { event, isRouted } of told) {
      if (isRouted || !isPassed)
        folded.route({ values: [event], times: [event.time], keys: undefined }, 0, 1, builders);
      else {
        folded.startPassing(
          1,
          outputTo(() => expect.unreachable()),
        );
        output.emit(event, event.time);
        folded.endPassing();
      }
    }
    const { eventCount } = folded;
    const plain = builders.map((builder) => builder.take().values as Told[]);
    return { told: told.map(({ event }) => event), eventCount, plain, entries: takenEntries(folded) };
  });
}

interface DrawnEvent {
  readonly key: Key;
  readonly time: number;
  readonly isRouted: boolean;
}

describe("events that are put together by key and pane", () => {
  test("are in accumulators of one key and one pane, in the order in which they came, those that are refused apart, however they come", () => {
    fc.assert(
      fc.property(rounds, (drawn) => {
        const passed = fold(drawn, true);
        expect(passed).toEqual(fold(drawn, false));
        for (const { told, eventCount, plain, entries } of passed) {
          expect(
            plain
              .flat()
              .map(({ number }) => number)
              .toSorted(ascending),
          ).toEqual(told.flatMap(({ number }) => (number % 7 === 6 ? [number] : [])));
          expect(eventCount).toBe(told.length - plain.flat().length);
          const together = new Map<string, { events: Told[]; parts: number }>();
          for (const { key, target, accumulator, count, time } of entries) {
            const events = accumulator as Told[];
            expect(target).toBe(ownerOf(keyGroupOf(key), 3));
            expect(count).toBe(events.length);
            expect(time).toBe(events.at(-1)!.time);
            const name = `${typeof key} ${key} ${inTens.at(time!).start}`;
            const known = together.get(name) ?? { events: [], parts: 0 };
            together.set(name, { events: [...known.events, ...events], parts: known.parts + 1 });
          }
          for (const [name, { events, parts }] of together) {
            const own = told.filter(({ key, time }) => `${typeof key} ${key} ${inTens.at(time).start}` === name);
            expect(events).toEqual(own.filter(({ number }) => number % 7 !== 6));
            expect(parts).toBeLessThanOrEqual(/^number \d/.test(name) ? 2 : 1);
          }
        }
      }),
      { seed: 1, numRuns: 400 },
    );
  });

  test("come from operators behind a source before how far event time has come, and those without a key are given up", async () => {
    const polls = fc.array(fc.record({ events: fc.nat(6), isWaiting: fc.boolean() }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(polls, async (drawn) => {
        const script = drawn.values();
        let next = 0;
        const spec = {
          kind: "counting",
          bounded: true,
          replayable: false,
          create: () => ({
            open: () => undefined,
            poll: (output: { emit(value: unknown): void }) => {
              const { events, isWaiting } = script.next().value ?? { events: 20, isWaiting: false };
              for (let left = events; left > 0 && next < 40; left -= 1) {
                output.emit(next);
                next += 1;
              }
              if (next === 40) return "end" as const;
              return isWaiting ? ("waiting" as const) : ("more" as const);
            },
          }),
        };
        const address = { path: "millrace://test/job/source/0", host: 0 };
        const selector = (value: unknown) =>
          (value as number) === 13 ? (undefined as unknown as number) : (value as number) % 3;
        const told = { add: (listed: unknown, value: unknown) => [...(listed as number[]), value], create: () => [] };
        const driver = await CellDriver.begun({
          stages: [stage("time", () => eventTime({ time: (value: number) => value }).create(), { decide: "resume" })],
          source: {
            ...{ name: "source", address, spec, reserve: false, storage: undefined, epoch: 0 },
            standing: { position: undefined, skipCount: 0 },
            decide: () => "resume" as const,
          },
          outputs: [
            {
              stage: 0,
              outputIndex: 0,
              grouping: { kind: "key" as const, selector },
              preAggregation: { aggregate: told, panes: () => inTens, isToldAtEnd: false },
              channels: [{ channel: 9, to: { path: "millrace://test/job/down/0", host: 0 } }],
            },
          ],
        });
        for (let round = 0; round < 40; round += 1) {
          driver.woken = true;
          driver.run();
        }

        let watermark = Number.NEGATIVE_INFINITY;
        for (const signal of driver.downward) {
          if (signal[0] === signalKind.watermark) watermark = signal[4];
          if (signal[0] !== signalKind.batch) continue;
          const sent = (signal[5] as { values: readonly number[][] }).values;
          for (const values of sent) {
            expect(new Set(values.map(selector)).size).toBe(1);
            expect(new Set(values.map((value) => inTens.at(value).start)).size).toBe(1);
            expect(Math.min(...values)).toBeGreaterThan(watermark);
          }
        }
        const numbers = Array.from({ length: 40 }, (_, index) => index).filter((number) => number !== 13);
        expect((driver.values().filter((value) => value !== "$") as number[][]).flat().toSorted(ascending)).toEqual(
          numbers,
        );
        expect(driver.deadLetters.map(({ value }) => value)).toEqual([13]);
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

const ascending = (left: number, right: number) => left - right;
