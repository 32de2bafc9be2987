import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PreAggregation } from "../groupings/pre-aggregation.ts";
import type { OperatorSpec } from "../operator.ts";
import { filter } from "../operators/filter.ts";
import { map } from "../operators/map.ts";
import { wrappedLogic } from "../operators/wrapped-logic.ts";
import type { SourceSpec } from "../source.ts";
import { CellDriver, stage } from "./fixtures/cell-driver.ts";
import { signalKind } from "./stream-signal.ts";

/** What a poll of the source does; it emits no more than it is asked for. */
interface Poll {
  readonly events: number;
  readonly end: "more" | "waiting" | "throw" | "throw first";
}

interface World {
  readonly polls: readonly Poll[];
  /** Numbers that the map and the filter fail at. */
  readonly fails: readonly [number, number];
  readonly directive: "resume" | "restart";
  readonly replayable: boolean;
  readonly reserve: boolean;
}

/** Counts to 20, on from its position, or from where it was. What polls do is told once, whoever polls; then all that is left comes. */
function countingOn({ polls, replayable }: World): SourceSpec<unknown> {
  const script = polls.values();
  let next = 0;
  return {
    kind: "counting",
    bounded: true,
    replayable,
    create: () => ({
      open: (_context, position) => {
        if (replayable) next = (position as number | undefined) ?? 0;
      },
      poll: (output, eventCountMax) => {
        const { events, end } = script.next().value ?? { events: 20, end: "more" as const };
        if (end === "throw first") throw new Error("the disk is gone");
        for (let left = Math.min(events, eventCountMax, 20 - next); left > 0; left -= 1) {
          output.emit(next);
          next += 1;
        }
        if (end === "throw") throw new Error("the disk is gone");
        return next === 20 ? "end" : end;
      },
      ...(replayable ? { position: () => next } : {}),
    }),
  };
}

/** @param isAlone whether the operators are given batches */
async function run(world: World, isAlone: boolean) {
  const { fails, directive, reserve } = world;
  const failing = (at: number) => (value: number) => {
    if (value === at) throw new Error(`fails at ${value}`);
    return value;
  };
  const [first, second] = fails.map(failing) as [(value: number) => number, (value: number) => number];
  const specs = [map((value: number) => first(value) + 100), filter((value: number) => second(value) % 3 > 0)];
  const names = ["add", "choose"];
  const stages = specs.map((spec, index) =>
    stage(names[index]!, () => (isAlone ? wrappedLogic(spec.create(), {}) : spec.create()), {
      decide: directive,
      chained: index === 0,
    }),
  );
  const address = { path: "millrace://test/job/source/0", host: 0 };
  const standing = { position: undefined, skipCount: 0 };
  const spec = countingOn(world);
  const given = { name: "source", address, spec, reserve, standing, storage: undefined, epoch: 0 };
  const driver = await CellDriver.begun({ stages, source: { ...given, decide: () => "restart" as const } });
  await runOn(driver);
  driver.signal([signalKind.stats]);
  const stats = driver.notes.findLast(({ kind }) => kind === "stats" || kind === "ended");
  return {
    values: driver.values(),
    letters: driver.deadLetters.map(({ value, to }) => `${to} ${value}`).toSorted(),
    failures: driver.failures.map((error) => (error as Error).message).toSorted(),
    counters: stats?.kind === "stats" || stats?.kind === "ended" ? stats.stats.operators : undefined,
  };
}

/** What is asked of main is answered, and what fails starts over. */
async function runOn(driver: CellDriver): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    driver.woken = true;
    driver.run();
    const note = driver.notes.findLast(({ kind }) => kind === "reserve");
    if (note?.kind === "reserve") driver.signal([signalKind.reserved, note.seq]);
    if (driver.failures.length > 0) await driver.restart();
  }
}

const worlds: fc.Arbitrary<World> = fc.record({
  polls: fc.array(
    fc.record({
      events: fc.nat(6),
      end: fc.constantFrom(
        "more" as const,
        "more" as const,
        "waiting" as const,
        "throw" as const,
        "throw first" as const,
      ),
    }),
    { maxLength: 12 },
  ),
  fails: fc.tuple(fc.integer({ min: -1, max: 20 }), fc.integer({ min: 99, max: 120 })),
  directive: fc.constantFrom("resume" as const, "restart" as const),
  replayable: fc.boolean(),
  reserve: fc.boolean(),
});

describe("events that go on as they are emitted", () => {
  test("become what those in batches do, whoever fails, and are read on where they were", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const passed = await run(world, false);
        expect(passed).toEqual(await run(world, true));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

/** Lists the numbers of a key; 0 and 14 are refused. */
function listing(): PreAggregation {
  const add = (listed: unknown, value: unknown) => {
    if (value === 0 || value === 14) throw new Error("refused");
    return [...(listed as number[]), value as number];
  };
  return { aggregate: { create: () => [], add }, panes: undefined, isToldAtEnd: true };
}

describe("events that are put together as they are emitted", () => {
  test("come once each to who owns their keys, in order, with those that are refused by the aggregate as they are; without a key they are given up", async () => {
    const given = fc.record({
      polls: fc.array(fc.record({ events: fc.nat(6), end: fc.constantFrom("more" as const, "throw" as const) })),
      replayable: fc.boolean(),
      reserve: fc.boolean(),
      keys: fc.constantFrom(10, 10_000),
      hasOperators: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ polls, replayable, reserve, keys, hasOperators }) => {
        const world: World = { polls, fails: [-1, -1], directive: "resume", replayable, reserve };
        const selector = (value: unknown) =>
          (value as number) % 10 === 3 ? (undefined as unknown as number) : (value as number) % keys;
        const address = { path: "millrace://test/job/source/0", host: 0 };
        const spec = countingOn(world);
        const source = { name: "source", address, spec, reserve, standing: { position: undefined, skipCount: 0 } };
        const channels = [{ channel: 9, to: { path: "millrace://test/job/down/0", host: 0 } }];
        const grouping = { kind: "key" as const, selector };
        const driver = await CellDriver.begun({
          stages: hasOperators
            ? [stage("same", () => map((value: unknown) => value).create(), { decide: "resume" })]
            : [],
          source: { ...source, storage: undefined, epoch: 0, decide: () => "resume" as const },
          outputs: [{ stage: hasOperators ? 0 : -1, outputIndex: 0, grouping, preAggregation: listing(), channels }],
        });
        await runOn(driver);
        driver.signal([signalKind.stats]);

        const stats = driver.notes.findLast(({ kind }) => kind === "stats" || kind === "ended");
        if (hasOperators && (stats?.kind === "stats" || stats?.kind === "ended")) {
          expect(stats.stats.operators).toMatchObject({ same: { in: 20, out: 20, deadLetters: 2 } });
        }
        const sent = driver.values().filter((value) => value !== "$");
        const folded = sent.filter((value) => Array.isArray(value)) as number[][];
        expect(sent.filter((value) => typeof value === "number")).toEqual([0, 14]);
        expect(driver.deadLetters.map(({ value }) => value)).toEqual([3, 13]);
        const rest = Array.from({ length: 20 }, (_, index) => index).filter(
          (index) => index % 10 !== 3 && index !== 0 && index !== 14,
        );
        expect(folded.flat().toSorted((left, right) => left - right)).toEqual(rest);
        for (const values of folded) {
          expect(new Set(values.map(selector)).size).toBe(1);
          expect(values).toEqual(values.toSorted((left, right) => left - right));
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

describe("results that are one literal", () => {
  interface Twice {
    readonly id: number;
    readonly twice: unknown;
  }

  /**
   * What is sent to another thread by key, and whether a batch begins with the text: it has no place in a column, and what is before it leaves.
   *
   * @param eventsOfPoll behind so many of them the source has to wait for more
   */
  async function sentBy(specs: readonly OperatorSpec[], eventsOfPoll = 9_000) {
    const numbers: SourceSpec<unknown> = {
      kind: "numbers",
      bounded: true,
      replayable: false,
      create() {
        let next = 0;
        return {
          open: () => undefined,
          poll(output, eventCountMax) {
            for (let left = Math.min(eventCountMax, eventsOfPoll, 9_000 - next); left > 0; left -= 1) {
              output.emit(next);
              next += 1;
            }
            if (next === 9_000) return "end";
            return eventsOfPoll < eventCountMax ? "waiting" : "more";
          },
        };
      },
    };
    const address = { path: "millrace://test/job/source/0", host: 0 };
    const standing = { position: undefined, skipCount: 0 };
    const source = { name: "source", address, spec: numbers, reserve: false, standing, storage: undefined, epoch: 0 };
    const selector = (value: unknown) => {
      const { id } = value as Twice;
      return id === 8_000 ? (undefined as unknown as number) : id % 10;
    };
    const channels = [{ channel: 9, to: { path: "millrace://test/job/down/0", host: 1 } }];
    const driver = await CellDriver.begun(
      {
        stages: specs.map((spec, index) => ({
          ...stage(`${index}`, spec.create, { decide: "resume", chained: index < specs.length - 1 }),
          spec,
        })),
        source: { ...source, decide: () => "resume" as const },
        outputs: [{ stage: specs.length - 1, outputIndex: 0, grouping: { kind: "key", selector }, channels }],
      },
      100_000,
    );
    await runOn(driver);
    expect(driver.failures).toEqual([]);
    driver.signal([signalKind.stats]);
    const stats = driver.notes.findLast(({ kind }) => kind === "stats" || kind === "ended");
    const { batches, deadLetters } = driver;
    const values = batches.flatMap(({ values }) => values);
    return {
      values,
      keys: batches.flatMap(({ keys }) => keys ?? []),
      beginsWithText: batches.some(({ values: [first] }) => (first as Twice).twice === "text"),
      letters: deadLetters,
      counters: stats?.kind === "stats" || stats?.kind === "ended" ? stats.stats.operators : undefined,
    };
  }

  const doubled = map((id: number): Twice => ({ id, twice: id === 5_000 ? "text" : 2 * id }));
  const most = filter(({ id }: Twice) => id % 100 > 0 || id % 1_000 === 0);
  const inBatches = (spec: OperatorSpec): OperatorSpec => ({ ...spec, resultKeys: () => undefined });

  test.each([
    ["as they are", [doubled]],
    ["as a filter lets them through", [doubled, most]],
  ])("go into the columns of a channel %s", async (_, specs) => {
    const inColumns = await sentBy(specs);
    const plain = await sentBy(specs.map(inBatches));

    expect(inColumns.values).toEqual(plain.values);
    expect(inColumns.keys).toEqual(plain.keys);
    expect(inColumns.letters).toEqual(plain.letters);
    expect(inColumns.counters).toEqual(plain.counters);
    expect(inColumns.counters).toMatchObject({ [specs.length - 1]: { deadLetters: 1 } });
    expect([plain.beginsWithText, inColumns.beginsWithText]).toEqual([false, true]);
  });

  test("go on in columns that are wider, once a value had no place", async () => {
    const inColumns = await sentBy([doubled, most], 300);
    const plain = await sentBy([doubled, most].map(inBatches), 300);

    expect(inColumns.values).toEqual(plain.values);
    expect(inColumns.keys).toEqual(plain.keys);
    expect(inColumns.values.filter((each) => (each as Twice).twice === "text")).toHaveLength(1);
  });

  test("are not trusted behind an operator that may put another object in their place", async () => {
    const other = map((event: Twice) => (event.id > 4_000 ? { ...event, more: true } : event));

    const sent = await sentBy([doubled, other]);

    expect(sent.values[8_500]).toMatchObject({ more: true });
    expect(sent.beginsWithText).toBe(false);
  });
});
