import fc from "fast-check";
import { expect, test } from "vitest";
import type { Batch } from "../batch.ts";
import { filter } from "../operators/filter.ts";
import { map } from "../operators/map.ts";
import { wrappedLogic } from "../operators/wrapped-logic.ts";
import type { SourceSpec } from "../source.ts";
import { eventTime } from "../time/event-time.ts";
import { CellDriver, stage } from "./fixtures/cell-driver.ts";
import { signalKind } from "./stream-signal.ts";

interface World {
  readonly polls: readonly { readonly events: number; readonly end: "more" | "waiting" | "throw" }[];
  /** Events of the source that the map, the time and the filter fail at, and one without a usable time. */
  readonly fails: readonly [number, number, number];
  readonly timeless: number;
  readonly directive: "resume" | "restart";
  /** What comes before each turn. */
  readonly signals: readonly ("pause" | "resume" | "epoch" | "idle" | "drain" | "none")[];
  readonly reserve: boolean;
}

const count = 24;

/** Counts on from its position. What polls do is told once, whoever polls; then all that is left comes. */
function countingOn(polls: World["polls"]): SourceSpec<unknown> {
  const script = polls.values();
  return {
    kind: "counting",
    bounded: true,
    replayable: true,
    create() {
      let next = 0;
      return {
        open: (_context, position) => {
          next = (position as number | undefined) ?? 0;
        },
        poll: (output, eventCountMax) => {
          const { events, end } = script.next().value ?? { events: count, end: "more" as const };
          for (let left = Math.min(events, eventCountMax, count - next); left > 0; left -= 1) {
            output.emit(next);
            next += 1;
          }
          if (end === "throw") throw new Error("the disk is gone");
          return next === count ? "end" : end;
        },
        position: () => next,
      };
    },
  };
}

/** Of an event of the source, behind the map. */
const timeOf = (value: number) => 2_000 + 2 * (value - 100);

/** @param isAlone whether the operators are given batches */
async function run({ polls, fails, timeless, directive, signals, reserve }: World, isAlone: boolean) {
  const failing = (at: number, value: number) => {
    if (value === at) throw new Error(`fails at ${value}`);
  };
  const [first, second, third] = fails;
  const specs = [
    map((value: number) => {
      failing(first, value);
      return value + 100;
    }),
    eventTime({
      time: (value: number) => {
        failing(second + 100, value);
        return value === timeless + 100 ? Number.NaN : timeOf(value);
      },
      idleAfter: 50,
    }),
    filter((value: number) => {
      failing(third + 100, value);
      return value % 3 > 0;
    }),
  ];
  const stages = specs.map((spec, index) =>
    stage(["add", "time", "choose"][index]!, () => (isAlone ? wrappedLogic(spec.create(), {}) : spec.create()), {
      decide: directive,
      chained: index < 2,
    }),
  );
  const address = { path: "millrace://test/job/source/0", host: 0 };
  const standing = { position: undefined, skipCount: 0 };
  const given = { name: "source", address, spec: countingOn(polls), reserve, standing, storage: undefined, epoch: 0 };
  const driver = await CellDriver.begun({ stages, source: { ...given, decide: () => "restart" as const } });
  let epoch = 0;
  for (let round = 0; round < 90; round += 1) {
    const signal = signals[round] ?? "resume";
    if (signal === "epoch") {
      epoch += 1;
      driver.signal([signalKind.epoch, epoch]);
    } else if (signal === "idle") driver.clock.advance(60);
    else if (signal !== "none") driver.signal([signalKind[signal]]);
    driver.woken = true;
    if (round < signals.length) driver.turn();
    else driver.run();
    const note = driver.notes.findLast(({ kind }) => kind === "reserve");
    if (note?.kind === "reserve") driver.signal([signalKind.reserved, note.seq]);
    if (driver.failures.length > 0) await driver.restart();
  }
  return {
    driver,
    values: driver.values() as (number | "$")[],
    letters: driver.deadLetters.map(({ value, to }) => `${to} ${value}`).toSorted(),
  };
}

const worlds: fc.Arbitrary<World> = fc.record({
  polls: fc.array(
    fc.record({
      events: fc.nat(6),
      end: fc.constantFrom("more" as const, "more" as const, "waiting" as const, "throw" as const),
    }),
    { maxLength: 12 },
  ),
  fails: fc.tuple(
    fc.integer({ min: -1, max: 2 * count }),
    fc.integer({ min: -1, max: 2 * count }),
    fc.integer({ min: -1, max: 2 * count }),
  ),
  timeless: fc.integer({ min: -1, max: count }),
  directive: fc.constantFrom("resume" as const, "restart" as const),
  signals: fc.array(
    fc.constantFrom(
      ...(["pause", "resume", "resume", "epoch", "epoch", "idle", "none", "none", "none", "drain"] as const),
    ),
    { maxLength: 30 },
  ),
  reserve: fc.boolean(),
});

/** With barriers a cell that starts over is another one, which goes on from a checkpoint. */
function withoutRestarts(world: World): World {
  if (!world.signals.includes("epoch")) return world;
  const polls = world.polls.map(({ events, end }) => ({ events, end: end === "throw" ? ("more" as const) : end }));
  return { ...world, polls, directive: "resume" };
}

/**
 * Where barriers are, and how far event time has come, among the events that were sent. An operator that has started over does not know any
 * more that it was idle.
 */
function checkOrder(driver: CellDriver, values: readonly unknown[]): void {
  const positions = driver.notes.flatMap((note) =>
    note.kind === "snapshot" ? [note.snapshot.position as number] : [],
  );
  let watermark = Number.NEGATIVE_INFINITY;
  let isIdle = false;
  const sent: number[] = [];
  for (const signal of driver.downward) {
    if (signal[0] === signalKind.watermark) {
      expect(signal[4]).toBeGreaterThanOrEqual(watermark);
      watermark = signal[4];
      isIdle = signal[5];
    }
    if (signal[0] === signalKind.end) expect(watermark).toBe(Number.POSITIVE_INFINITY);
    if (signal[0] === signalKind.barrier) {
      const position = positions.shift() ?? 0;
      expect(sent).toEqual(values.filter((value) => (value as number) - 100 < position));
    }
    if (signal[0] !== signalKind.batch) continue;
    const { values: of, times } = signal[5] as Batch;
    sent.push(...(of as number[]));
    expect(times).toEqual(of.map((value) => timeOf(value as number)));
    expect(Math.min(...times!)).toBeGreaterThan(watermark);
    if (!driver.hasStartedOver) expect(isIdle).toBe(false);
  }
}

test("events that are given their times as they are emitted become what those in batches do, whoever fails, between the same barriers, and in front of how far event time has come", async () => {
  await fc.assert(
    fc.asyncProperty(worlds.map(withoutRestarts), async (world) => {
      const whole = { ...world, signals: world.signals.map((signal) => (signal === "drain" ? "none" : signal)) };
      const alone = await run(whole, true);
      const passed = await run(whole, false);
      expect(passed.values).toEqual(alone.values);
      expect(passed.letters).toEqual(alone.letters);
      checkOrder(passed.driver, alone.values);
      if (!world.signals.includes("drain")) return;
      const drained = await run(world, false);
      expect(drained.values.at(-1)).toBe("$");
      expect(drained.values.slice(0, -1)).toEqual(alone.values.slice(0, drained.values.length - 1));
      checkOrder(drained.driver, alone.values);
    }),
    { seed: 1, numRuns: 300 },
  );
});
