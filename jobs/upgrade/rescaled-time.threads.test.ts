/** Everything that goes by event time, stored and gone on with on another number of instances: the results are those of one run. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { count, defineSource, every, pattern, session, sliding, sum, tumbling } from "../../actors/index.ts";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import type { JobRun } from "../run/job-run.ts";

interface Params {
  readonly parallelism: number;
  /** How far sources read in this run. */
  readonly upTo: number;
}

interface Step {
  readonly key: number;
  readonly id: number;
  readonly at: number;
}

const eventCount = 1_500;
const keyCount = 23;
const clock = new SystemClock();
const silent = { log: () => undefined };
/** What is collected, by operator. */
const names = [
  "tumbling",
  "sliding",
  "sliding-kept",
  "sliding-early",
  "session",
  "interval",
  "joined",
  "matches",
  "numbers",
  "running",
] as const;

/** A little out of order; keys fall silent now and then. */
function stepAt(id: number): Step {
  const draw = Math.imul(id + 1, 2_654_435_761) >>> 8;
  return { key: (draw + Math.floor(id / 100)) % keyCount, id, at: 10_000 + id * 10 - (draw % 3) * 7 };
}

/** The steps of so many ids, as far as a run is to read them: it waits there to be stopped. */
function stepsUpTo(upTo: number, every: number) {
  return defineSource<Step>({
    kind: "steps",
    bounded: true,
    replayable: true,
    create: () => {
      let next = 0;
      return {
        open: (_context, position) => {
          if (typeof position === "number") next = position;
        },
        poll: (output, eventCountMax) => {
          for (let count = 0; count < eventCountMax && next < upTo; count += 1) {
            output.emit(stepAt(next));
            next += every;
          }
          if (next < upTo) return "more";
          return upTo === eventCount ? "end" : "waiting";
        },
        position: () => next,
      };
    },
  });
}

const job = defineJob("all-by-time", (job, { parallelism, upTo }: Params) => {
  const timed = { time: ({ at }: Step) => at, outOfOrderness: 20 };
  const steps = job
    .source("steps", stepsUpTo(upTo, 1))
    .eventTime("at", timed)
    .keyBy(({ key }) => key);
  const even = job
    .source("even", stepsUpTo(upTo, 2))
    .eventTime("even-at", timed)
    .keyBy(({ key }) => key);
  const options = { parallelism };
  const ids = sum(({ id }: Step) => id);
  const rise = pattern<Step>()
    .begin("low", ({ id }) => id % 3 === 0)
    .followedBy("high", ({ id }, { low }) => id > low[0]!.id + 20)
    .within("2s");
  const pair = (left: Step | undefined, right: Step | undefined) => [left?.id, right?.id];

  steps.window("tumbling-windows", tumbling(700), ids, options).collect("tumbling");
  const slides = sliding(600, 150);
  steps.window("sliding-windows", slides, ids, options).collect("sliding");
  steps.window("sliding-windows-kept", slides, ids, { ...options, allowedLateness: 400 }).collect("sliding-kept");
  steps.window("sliding-windows-early", slides, ids, { ...options, early: every(3) }).collect("sliding-early");
  steps.window("session-windows", session(240), count(), options).collect("session");
  steps.intervalJoin("near", even, { lower: -200, upper: 300 }, pair, { type: "full", ...options }).collect("interval");
  steps.windowJoin("same-window", even, tumbling(400), pair, { type: "left", ...options }).collect("joined");
  steps
    .match("rises", rise, ({ key, captured: { low, high } }) => [key, low[0]?.id, high[0]?.id], options)
    .collect("matches");
  steps.numbered("in-turn", options).collect("numbers");
  steps.aggregate("so-far", ids, options).collect("running");
});

let storage: string;

beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), "millrace-rescaled-time-"));
});

afterEach(async () => {
  await rm(storage, { recursive: true });
});

/** Resolves when the run has read so many more steps. */
async function hasRead(run: JobRun, count: number): Promise<void> {
  await run.started;
  for (;;) {
    const { operators } = await run.report();
    const read = (name: string) => operators.find((operator) => operator.name === name)?.total.out ?? 0;
    if (read("steps") >= count && read("even") >= count / 2) return;
    await new Promise<void>((done) => clock.after(10, done));
  }
}

const resultsOf = (run: JobRun) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      run
        .collected(name)
        .map((value) => JSON.stringify(value))
        .sort(),
    ]),
  );

/** What one of them has more often than the other, at most some of it. */
function moreOf(one: readonly string[], other: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of other) counts.set(text, (counts.get(text) ?? 0) + 1);
  return one
    .filter((text) => {
      const left = counts.get(text) ?? 0;
      counts.set(text, left - 1);
      return left <= 0;
    })
    .slice(0, 5);
}

test("windows, joins, patterns and what is in order go on from a storage on more and on fewer instances", async () => {
  await using system = await ActorSystem.start({ threads: 0, logger: silent });
  const whole = await system.submit(job, { params: { parallelism: 1, upTo: eventCount }, guarantee: "exactly-once" });
  await whole.completed;
  const stored = { guarantee: "exactly-once", epochInterval: 20, storage } as const;

  let readBefore = 0;
  for (const [parallelism, upTo] of [
    [1, 300],
    [4, 600],
    [1, 800],
    [2, 1_000],
  ] as const) {
    const run = await system.submit(job, { params: { parallelism, upTo }, ...stored });
    await hasRead(run, upTo - readBefore);
    readBefore = upTo;
    expect((await run.stop()).status).toBe("stopped");
  }
  const last = await system.submit(job, { params: { parallelism: 3, upTo: eventCount }, ...stored });
  const report = await last.completed;

  expect(report.operators[0]?.total.out).toBe(eventCount - 1_000);
  const expected = resultsOf(whole);
  const found = resultsOf(last);
  for (const name of names) {
    expect(expected[name]?.length, name).toBeGreaterThan(20);
    expect(moreOf(expected[name] ?? [], found[name] ?? []), `${name}: missing`).toEqual([]);
    expect(moreOf(found[name] ?? [], expected[name] ?? []), `${name}: too many`).toEqual([]);
  }
});
