import { expect, test } from "vitest";
import type { SourceProgress } from "../../actors/index.ts";
import type { OperatorReport, RunReport } from "../run/run-report.ts";
import { ProgressMeter } from "./progress-meter.ts";

test("speed is that of the last readings, not of the whole run", () => {
  const meter = new ProgressMeter([]);

  for (let second = 1; second <= 20; second++) meter.read(report(second * 1_000, [source("s", second * 10)]));
  for (let second = 21; second <= 40; second++) meter.read(report(second * 1_000, [source("s", 200 + second * 500)]));

  expect(meter.read(report(41_000, [source("s", 200 + 41 * 500)])).eventsPerSecond).toBe(500);
});

test("the first reading has a speed already, and one without time none", () => {
  expect(new ProgressMeter([]).read(report(500, [source("s", 100)])).eventsPerSecond).toBe(200);
  expect(new ProgressMeter([]).read(report(0, [source("s", 100)])).eventsPerSecond).toBe(0);
});

test("only sources count events, every operator counts dead letters", () => {
  const map: OperatorReport = {
    ...source("m", 7),
    kind: "operator",
    total: { in: 100, out: 7, deadLetters: 3, late: 0, early: 0 },
  };

  expect(new ProgressMeter([]).read(report(1_000, [source("a", 100), source("b", 50), map]))).toMatchObject({
    events: 150,
    deadLetters: 3,
  });
});

test("events do not become less when a source starts over", () => {
  const meter = new ProgressMeter([]);
  meter.read(report(1_000, [source("s", 100)]));

  const reading = meter.read(report(2_000, [source("s", 5)]));

  expect(reading.events).toBe(100);
  expect(reading.eventsPerSecond).toBeGreaterThanOrEqual(0);
});

test("events are those of the process that runs the job, and so is their speed", () => {
  const meter = new ProgressMeter([]);
  meter.read({ ...report(10_000, [source("s", 5_000)]), processRestarts: 0, processElapsedMs: 10_000 });

  const last = { ...report(12_000, [source("s", 100)]), processRestarts: 1, processElapsedMs: 1_000 };
  const reading = meter.read(last);

  expect(reading).toMatchObject({ elapsedMs: 12_000, sinceRestartMs: 1_000, events: 100, eventsPerSecond: 100 });
});

test("how much is done is the mean over bounded sources, and the time left follows from it", () => {
  const meter = new ProgressMeter(["a", "b"]);
  const read = (elapsedMs: number, done: number) =>
    meter.read(
      report(elapsedMs, [
        source("a", 10, [progress(done, 100), progress(done, 100)]),
        source("b", 10, [progress(1, 1, "files")]),
      ]),
    );

  expect(read(1_000, 25)).toMatchObject({ fraction: 0.625, leftMs: undefined });
  expect(read(2_000, 50)).toMatchObject({ fraction: 0.75, leftMs: 2_000 });
});

test("what runs before have done counts as done, and not for the time left", () => {
  const meter = new ProgressMeter(["a"]);
  const read = (elapsedMs: number, done: number, processRestarts: number) =>
    meter.read({ ...report(elapsedMs, [source("a", 10, [progress(done, 100)])]), processRestarts });

  expect(read(1_000, 90, 0).leftMs).toBeUndefined();
  expect(read(3_000, 92, 0).leftMs).toBeCloseTo(8_000);
  expect(read(4_000, 94, 1).leftMs).toBeUndefined();
  expect(read(5_000, 95, 1).leftMs).toBeCloseTo(5_000);
});

test.each<readonly [string, readonly OperatorReport[]]>([
  ["a source is unbounded", [source("a", 1, [progress(1, 2)]), source("live", 1, [progress(1, 1)])]],
  ["an instance does not know", [source("a", 1, [progress(1, 2), undefined])]],
  ["there is nothing to do", [source("a", 0, [progress(0, 0)])]],
  ["there are no reports yet", []],
])("how much is done is unknown when %s", (_why, operators) => {
  expect(new ProgressMeter(["a"]).read(report(1_000, operators))).toMatchObject({
    fraction: undefined,
    leftMs: undefined,
  });
});

test("nothing done yet leaves the time left open", () => {
  expect(new ProgressMeter(["a"]).read(report(1_000, [source("a", 0, [progress(0, 9)])]))).toMatchObject({
    fraction: 0,
    leftMs: undefined,
  });
});

test("more done than there was is all", () => {
  expect(new ProgressMeter(["a"]).read(report(1_000, [source("a", 9, [progress(12, 9)])])).fraction).toBe(1);
});

function report(elapsedMs: number, operators: readonly OperatorReport[]): RunReport {
  return {
    job: "traffic",
    runId: "run",
    status: "running",
    elapsedMs,
    operators,
    lostEvents: 0,
    waitingFor: [],
    hotKeys: [],
    epochs: undefined,
  };
}

function source(name: string, out: number, progresses: readonly (SourceProgress | undefined)[] = []): OperatorReport {
  const total = { in: 0, out, deadLetters: 0, late: 0, early: 0 };
  const place = { host: 0, threadId: 0, watermark: -Infinity, waitsFor: undefined, state: undefined };
  const instances = progresses.map((progress, instance) => ({ ...total, ...place, instance, progress }));
  return { name, kind: "source", total, instances };
}

function progress(done: number, total: number, unit: SourceProgress["unit"] = "events"): SourceProgress {
  return { done, total, unit };
}
