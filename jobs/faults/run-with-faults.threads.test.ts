import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  crash,
  exit,
  fail,
  failCommit,
  failStart,
  failWrite,
  hang,
  host,
  jumpClock,
  killProcess,
  overflowHeap,
  type PlannedFault,
  poison,
  slow,
  slowWrite,
  stall,
  strayReject,
  strayThrow,
} from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";
import { type CommittedParams, committed, committedIn } from "./fixtures/committed.job.ts";
import { runWithFaults } from "./run-with-faults.ts";

const limitMs = 60_000;
const eventCount = 4_000;
const settings = { epochInterval: 20, creditEvents: 256, threads: 2, hangLimit: "300ms" } as const;

let folder: string;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-committed-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function nextParams(): CommittedParams {
  runs += 1;
  return { folder: join(folder, String(runs)), eventCount };
}

/** What a run shows: the counts of each key, and what was committed. */
function shownBy(run: { collected<T>(name: string): readonly T[] }, params: CommittedParams) {
  const counts = run.collected<{ key: number; count: number }>("collected");
  return {
    counts: counts.map(({ key, count }) => `${key}: ${count}`).toSorted(),
    committed: committedIn(params.folder),
  };
}

async function simulated(faults: readonly PlannedFault[]) {
  const params = nextParams();
  const { hangLimit, ...others } = settings;
  const run = await simulate(committed, { ...others, params, faults, seed: 1 });
  return { run, shown: shownBy(run, params) };
}

async function real(faults: readonly PlannedFault[]) {
  const params = nextParams();
  const heapLimitMb = 64;
  const run = await runWithFaults(committed, { ...settings, params, faults, heapLimitMb, limit: "40s" });
  return { run, shown: shownBy(run, params) };
}

describe("simulated and real, the same plan ends with the same output, which is all of it, when", () => {
  test.each<[string, readonly PlannedFault[]]>([
    [
      "a thread is ended from outside, at a time and at an event",
      [crash(host(1)).at(100), crash("same", 1).after(900)],
    ],
    ["threads exit with 0 and with 7", [exit("same").after(500), exit("counts", 1, 7).after(800)]],
    ["stray callbacks throw", [strayThrow("same").after(400), strayThrow(host(2)).throwing("null").at(200)]],
    [
      "stray promises reject",
      [strayReject("counts").after(400), strayReject("same", 1).throwing("undefined").after(900)],
    ],
    ["a thread overflows its heap", [overflowHeap("same").after(500)]],
    ["operators throw", [fail("same").after(300), fail("counts", 1).throwing("unclonable").after(500)]],
    [
      "operators throw what can hardly be looked at",
      [fail("same").throwing("proxy").after(300), fail("counts").throwing("huge").after(500)],
    ],
    ["an operator cannot be opened again at first", [failStart("same").times(2).after(399), crash("same").after(400)]],
    [
      "operators and a sink take nothing for a while",
      [stall("files").for("200ms").after(300), stall("counts").for("100ms").at(50)],
    ],
    ["transactions cannot be committed at first", [failCommit("files").times(2).at(50)]],
    ["a thread stays in a loop", [hang("same").for("5s").after(300)]],
    ["a thread waits for memory to change", [hang(host(1)).by("wait").for("5s").at(100)]],
    [
      "a thread stays in native code, and comes back when another has its place",
      [hang("same").by("native").for("1s").after(300)],
    ],
    ["the first thread stands still", [hang(host(0)).for("300ms").at(100)]],
    ["a thread is slow", [slow(host(1), 1).for("200ms").at(50)]],
    ["checkpoints cannot be written, and are slow", [failWrite(2).at(50), slowWrite("50ms").for("200ms").at(100)]],
    ["the process is killed, and a thread before that", [exit("same").after(200), killProcess(0).at(400)]],
  ])(
    "%s",
    async (_what, faults) => {
      const inSimulation = await simulated(faults);
      const forReal = await real(faults);

      expect(inSimulation.run).toMatchObject({ status: "completed", assertions: [] });
      expect(forReal.run).toMatchObject({ status: "completed", error: undefined });
      expect(kindsOf(forReal.run.struck)).toEqual(kindsOf(inSimulation.run.struck));
      expect(forReal.shown).toEqual(inSimulation.shown);
      expect(forReal.shown.committed).toEqual(Array.from({ length: eventCount }, (_, number) => number));
    },
    limitMs,
  );

  test(
    "events are poison, and are given up",
    async () => {
      const faults = [poison("same", { oneIn: 400 })];

      const inSimulation = await simulated(faults);
      const forReal = await real(faults);

      expect(forReal.run.status).toBe("completed");
      expect(forReal.shown).toEqual(inSimulation.shown);
      expect(forReal.shown.committed.length).toBeLessThan(eventCount);
    },
    limitMs,
  );
});

test(
  "a sink that takes nothing for ever lets the run hang, and it is ended at its limit",
  async () => {
    const params = nextParams();
    const faults = [stall("files").forever().after(100)];

    const run = await runWithFaults(committed, { ...settings, params, faults, limit: "3s", quietAfter: "1s" });

    expect(run).toMatchObject({ status: "hung", report: undefined });
    expect(run.struck).toHaveLength(1);
  },
  limitMs,
);

describe("what cannot be had for real is refused, by its name", () => {
  test.each<[PlannedFault, string]>([
    [jumpClock("-1h").at(1), "jumpClock"],
    [poison("same", () => true), "poison"],
    [hang("same").by("native").forever().at(1), "hang"],
  ])("%j", async (fault, name) => {
    const plan = runWithFaults(committed, { params: nextParams(), faults: [fault] });

    await expect(plan).rejects.toMatchObject({
      code: "ERR_JOB_FAULT_NOT_REAL",
      message: expect.stringContaining(`the fault ${name} `),
    });
  });
});

function kindsOf(struck: readonly { readonly action: { readonly kind: string } }[]): string[] {
  return struck.map(({ action }) => action.kind).toSorted();
}
