import { expect, test } from "vitest";
import { type Fact, toWire } from "../../../runtime/index.ts";
import { buildGraph } from "../../define-job.ts";
import { plan } from "../../planner.ts";
import { JobFailedError } from "../../run/run-error.ts";
import { counting } from "../fixtures/counting-job.ts";
import type { KeptLetters } from "./letter-invariants.ts";
import { recoveryMsMax, slowRecovery } from "./progress-invariants.ts";
import type { NotedStart, RunRecord } from "./run-record.ts";
import { runViolations } from "./run-violations.ts";

const graph = buildGraph(counting, undefined);
/** Each instance has a thread of its own, so that nobody starts over because it can send nothing again. */
const jobPlan = plan(graph, { hostCount: 5 });
const noLetters: KeptLetters = { letters: [], droppedCount: 0 };

function brokenBy(record: Partial<RunRecord>, letters = noLetters): readonly string[] {
  const calm: RunRecord = {
    system: "simulated",
    guarantee: "exactly-once",
    graph,
    plan: jobPlan,
    past: [],
    assertions: [],
    facts: [],
    starts: [],
    endings: [],
    seen: [],
    status: "completed",
    error: undefined,
    lives: 1,
    endMs: 1_000,
  };
  return runViolations({ ...calm, ...record }, letters).map(({ invariant }) => invariant);
}

function path(operator: string, instance = 0): string {
  return `millrace://simulated/counting/${operator}/${instance}`;
}

function noted(...facts: readonly Fact[]): RunRecord["facts"] {
  return facts.map((fact, index) => ({ atMs: 10 * (index + 1), life: 1, fact }));
}

function failed(operator: string, directive: string, instance = 0): Fact {
  const error = { ...toWire(new Error("no")), code: "ERR_RT_HOST_LOST" };
  return { kind: "actor-failed", path: path(operator, instance), host: 1, incarnation: 0, error, directive };
}

function restarted(operator: string, instance = 0, host = 1): Fact {
  return { kind: "actor-restarted", path: path(operator, instance), host, incarnation: 1 };
}

function start(more: Partial<NotedStart>): NotedStart {
  return { atMs: 1, life: 1, cell: "1/0", incarnation: 0, epoch: 2, storedEpoch: 2, attempts: { 3: 1 }, ...more };
}

test("of a run in which nothing went wrong nothing is broken", () => {
  expect(brokenBy({})).toEqual([]);
});

test("P1: who is behind a failed cell starts over, and nobody else", () => {
  const behind = [restarted("count", 0), restarted("counts")];

  expect(brokenBy({ facts: noted(failed("count", "restart"), ...behind) })).toEqual([]);
  expect(brokenBy({ facts: noted(failed("count", "restart"), restarted("count", 0)) })).toEqual(["P1"]);
  // The checkpoint that was being written meanwhile was the last one.
  expect(brokenBy({ facts: noted(restarted("count", 0), ...behind, failed("count", "restart")) })).toEqual([]);
  expect(brokenBy({ facts: noted(failed("count", "restart"), ...behind, restarted("same", 1)) })).toEqual(["P1"]);
});

test("P4, I5: cells start from the last checkpoint, under attempts of their own", () => {
  expect(brokenBy({ starts: [start({}), start({ attempts: { 3: 2 } })] })).toEqual([]);
  expect(brokenBy({ starts: [start({ epoch: 1 })] })).toEqual(["P4"]);
  expect(brokenBy({ starts: [start({}), start({ incarnation: 1 })] })).toEqual(["I5"]);
});

test("P1, I5: what starts when the run is over, and cells stop already, begins no more", () => {
  const stopped: Fact = { kind: "actor-stopped", path: path("same"), host: 1, reason: "stopped" };
  const facts = noted(failed("count", "restart"), stopped, restarted("count", 0));
  const starts = [start({}), start({ incarnation: 1, atMs: 25 })];

  expect(brokenBy({ facts, starts })).toEqual([]);
  expect(brokenBy({ facts: facts.filter(({ fact }) => fact !== stopped), starts })).toEqual(["I5", "P1"]);

  // A sink on main is back before it is known that the run is over.
  const onMain = restarted("counts", 0, 0);
  expect(brokenBy({ facts: noted(failed("count", "restart"), onMain, stopped) })).toEqual([]);
  expect(brokenBy({ facts: noted(failed("count", "restart"), onMain) })).toEqual(["P1"]);
});

test("I4: an input has ended in a checkpoint only when what sends to it has", () => {
  const [channel] = jobPlan.channels;
  const sender = `${channel?.fromChain}/${channel?.fromInstance}`;
  const receiver = `${channel?.toChain}/${channel?.toInstance}`;
  const ending = (...ended: string[]) => ({ epoch: 2, cells: new Set(ended), inputs: new Map([[receiver, [0]]]) });

  expect(brokenBy({ endings: [ending(sender)] })).toEqual([]);
  expect(brokenBy({ endings: [ending(sender), ending(receiver)] })).toEqual(["I4"]);
});

test("I12: failures are passed on when the restarts are spent, not later and not before", () => {
  const failures = (count: number) => Array.from({ length: count }, () => failed("counts", "restart"));
  const { length } = [1, 2, 3, 4, 5];

  expect(brokenBy({ facts: noted(...failures(length), restarted("counts")) })).toEqual([]);
  expect(brokenBy({ facts: noted(...failures(100), restarted("counts")) })).toEqual(["I12"]);
  expect(brokenBy({ facts: noted(failed("counts", "escalate")) })).toEqual(["I12"]);
});

test("I12: no actor is left when the run has ended", () => {
  const started: Fact = { kind: "actor-started", path: path("count"), host: 1, incarnation: 0, supervisorHost: 0 };
  const stopped: Fact = { kind: "actor-stopped", path: path("count"), host: 1, reason: "stopped" };

  expect(brokenBy({ facts: noted(started, stopped) })).toEqual([]);
  expect(brokenBy({ facts: noted(started) })).toEqual(["I12"]);
});

test("I8, I9: a run ends, soon behind the last fault, or says why it does not", () => {
  const failure = new JobFailedError("counting", new Error("full"), undefined);

  expect(brokenBy({ status: "hung" })).toEqual(["I8"]);
  expect(brokenBy({ status: "failed", error: failure })).toEqual(["I8"]);
  expect(brokenBy({ status: "failed", error: new Error("?") })).toEqual(["I8", "I9"]);
  expect(slowRecovery(recoveryMsMax, recoveryMsMax)).toEqual([]);
  expect(slowRecovery(recoveryMsMax + 1, recoveryMsMax)).toMatchObject([{ invariant: "I8" }]);
});

test("I13: dead letters that were told are kept, and told once", () => {
  const told = (...ids: string[]): Fact =>
    ({
      kind: "dead-letters",
      letters: ids.map((id) => ({ id, to: path("count") })),
      unsampledCount: 0,
    }) as unknown as Fact;
  const kept = { letters: [{ id: "L1", operator: "count" }], droppedCount: 0 };

  expect(brokenBy({ facts: noted(told("L1")) }, kept)).toEqual([]);
  expect(brokenBy({ facts: noted(told("L1", "L2")) }, kept)).toEqual(["I13"]);
  expect(brokenBy({ facts: noted(told("L1"), told("L1")) }, kept)).toEqual(["I13"]);
  expect(brokenBy({ facts: noted() }, kept)).toEqual(["I13"]);
});

test("a failed assertion has the number of the promise that it belongs to, and nothing else is said then", () => {
  const assertions = [
    "a: invariant violated: B1: the barriers of an input increase",
    "b: invariant violated: a new one",
  ];

  expect(brokenBy({ assertions, status: "hung" })).toEqual(["P2", "assertion"]);
});
