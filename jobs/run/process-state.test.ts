/** What `process` operators keep by `context.state` when they fail half-way, on the calling thread. */

import { describe, expect, test } from "vitest";
import { fromIterable, type ProcessContext } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import type { Guarantee } from "../epochs/guarantee.ts";

const eventCount = 20_000;
const failAt = 12_345;
const cityCount = 7;

interface CityTotals {
  readonly city: string;
  readonly rides: number;
  readonly minutes: number;
  readonly longest: readonly number[];
  readonly byHour: readonly (readonly [number, number])[];
}

const expected = totalsByPlainLoop();

test("under exactly-once an operator that failed half-way goes on with its state: the totals are those of a plain loop", async () => {
  const { totals, incarnations } = await run("exactly-once");

  expect(totals).toEqual(expected);
  expect(incarnations).toBeGreaterThan(1);
});

test("under at-least-once nothing is missing", async () => {
  const { totals } = await run("at-least-once");

  expect(rides(totals)).toBeGreaterThanOrEqual(eventCount);
});

describe("under at-most-once", () => {
  test("nothing is counted twice, and what the operator remembered is gone", async () => {
    const { totals } = await run("at-most-once");

    expect(rides(totals)).toBeLessThan(eventCount - failAt + 1);
  });
});

test("a state that is no plain data fails the job, by the names of operator, state and key", async () => {
  await using system = await ActorSystem.start();
  const job = defineJob("unencodable", (builder) => {
    builder.supervision("stop");
    builder
      .source("numbers", fromIterable([1, 2, 3]))
      .keyBy((value) => value)
      .process("keeper", () => ({
        onEvent: (_event: number, { state }: ProcessContext) => state.value("callback").set(() => 1),
      }));
  });

  const handle = await system.submit(job, { guarantee: "exactly-once", epochInterval: 0 });

  const error: unknown = await handle.completed.catch((reason: unknown) => reason);
  expect(causes(error)).toContainEqual(
    expect.stringMatching(/ERR_RT_NOT_PLAIN_DATA operator "keeper": state "callback" of key 1: /),
  );
});

test("behind keyBy the end has no event in hand: the job fails, and says which state was meant", async () => {
  await using system = await ActorSystem.start();
  const job = defineJob("keyless", (builder) => {
    builder.supervision("stop");
    builder
      .source("numbers", fromIterable([1]))
      .keyBy((value) => value)
      .process("keeper", () => ({
        onEvent: () => undefined,
        onEnd: ({ state }: ProcessContext) => state.value("last").clear(),
      }));
  });

  const handle = await system.submit(job);

  const error: unknown = await handle.completed.catch((reason: unknown) => reason);
  expect(causes(error)).toContainEqual(
    expect.stringMatching(/ERR_ACT_STATE_OUTSIDE operator "keeper": state "last" is one per key/),
  );
});

/** Totals by city, of an operator that fails once, in the middle of its events. */
async function run(guarantee: Guarantee) {
  await using system = await ActorSystem.start();
  let failed = false;
  const incarnations = new Set<number>();
  const job = defineJob("rides", (builder) => {
    builder
      .source("numbers", fromIterable(Array.from({ length: eventCount }, (_, index) => index)))
      .keyBy((index) => cityOf(index))
      .process(
        "cities",
        () => ({
          onEvent(index: number, { state, incarnation }: ProcessContext<CityTotals>) {
            incarnations.add(incarnation);
            if (index === failAt && !failed) {
              failed = true;
              throw new Error("failed on purpose");
            }
            const totals = state.value("totals", { initial: (key) => ({ city: `${key}`, rides: 0, minutes: 0 }) });
            const current = totals.get();
            current.rides += 1;
            current.minutes += index % 60;
            totals.set(current);
            if (index % 1_000 === 0) state.list<number>("longest").add(index);
            const byHour = state.map<number, number>("by-hour");
            byHour.set(index % 24, (byHour.get(index % 24) ?? 0) + 1);
          },
          onEnd(context: ProcessContext<CityTotals>) {
            const { state } = context;
            for (const [key, { city, rides, minutes }] of state
              .value<Omit<CityTotals, "longest" | "byHour">>("totals")
              .entries()) {
              const longest = [...(state.list<number>("longest").at(key) ?? [])];
              const byHour = [...(state.map<number, number>("by-hour").at(key) ?? [])];
              context.emit({
                city,
                rides,
                minutes,
                longest,
                byHour: byHour.toSorted(([left], [right]) => left - right),
              });
            }
          },
        }),
        { parallelism: 1 },
      )
      .collect("totals");
  });
  const handle = await system.submit(job, { guarantee, epochInterval: 1, creditEvents: 256 });
  await handle.completed;
  const totals = handle.collected<CityTotals>("totals").toSorted((left, right) => (left.city < right.city ? -1 : 1));
  return { totals, incarnations: incarnations.size };
}

function totalsByPlainLoop(): CityTotals[] {
  return Array.from({ length: cityCount }, (_, city) => {
    const indexes = Array.from({ length: eventCount }, (_, index) => index).filter(
      (index) => index % cityCount === city,
    );
    const byHour = new Map<number, number>();
    for (const index of indexes) byHour.set(index % 24, (byHour.get(index % 24) ?? 0) + 1);
    return {
      city: `city ${city}`,
      rides: indexes.length,
      minutes: indexes.reduce((sum, index) => sum + (index % 60), 0),
      longest: indexes.filter((index) => index % 1_000 === 0),
      byHour: [...byHour].toSorted(([left], [right]) => left - right),
    };
  });
}

function cityOf(index: number): string {
  return `city ${index % cityCount}`;
}

function rides(totals: readonly CityTotals[]): number {
  return totals.reduce((sum, each) => sum + each.rides, 0);
}

function causes(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [`${(error as { code?: string }).code ?? error.name} ${error.message}`, ...causes(error.cause)];
}
