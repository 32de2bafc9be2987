import { expect, test } from "vitest";
import { encodeDelta, fromIterable, mergedState, type OperatorLogic, type StateEntry } from "../../actors/index.ts";
import { buildGraph, defineJob } from "../define-job.ts";
import { noOutput } from "../testing/no-output.ts";
import { MainSinks } from "./main-sinks.ts";

const graph = buildGraph(
  defineJob("kept", (job) => void job.source("numbers", fromIterable([1])).collect("all")),
  undefined,
);
function give(logic: OperatorLogic, ...values: unknown[]): void {
  logic.onBatch({ values, times: undefined, keys: undefined }, 0, values.length, noOutput);
}

/** What the checkpoints up to now hold of the sink. */
function snapshot(logic: OperatorLogic, epoch: number): readonly StateEntry[] {
  return (logic.snapshot?.(epoch) ?? []) as readonly StateEntry[];
}

function stateOf(...entries: readonly StateEntry[]) {
  return mergedState([encodeDelta("all", entries)]);
}

test("exactly-once: another process shows what was complete, whether the one before has shown it or not", () => {
  const before = new MainSinks(graph, true, true);
  const logic = before.createLogic("all");
  give(logic, "a", "b");
  const first = snapshot(logic, 1);
  logic.onComplete?.(1);
  give(logic, "c");
  const second = snapshot(logic, 2);
  give(logic, "not in a checkpoint");
  expect(before.collected("all")).toEqual(["a", "b"]);

  const after = new MainSinks(graph, true, true);
  const next = after.createLogic("all");
  next.restore?.(stateOf(...first, ...second), 2);
  give(next, "d");
  const third = snapshot(next, 3);
  next.onComplete?.(3);

  expect(after.collected("all")).toEqual(["a", "b", "c", "d"]);
  const [[name, key] = []] = third;
  expect([...first, ...second].map(([, at]) => at)).not.toContain(key);
  expect(name).toBe(first[0]?.[0]);
});

test.each([true, false])("a restart within the process shows nothing twice (transactional: %s)", (transactional) => {
  const sinks = new MainSinks(graph, transactional, true);
  const logic = sinks.createLogic("all");
  give(logic, "a");
  const first = snapshot(logic, 1);
  logic.onComplete?.(1);

  const restarted = sinks.createLogic("all");
  restarted.restore?.(stateOf(...first), 1);
  give(restarted, "b");
  const second = snapshot(restarted, 2);
  restarted.onComplete?.(2);
  const third = sinks.createLogic("all");
  third.restore?.(stateOf(...first, ...second), 2);

  expect(sinks.collected("all")).toEqual(["a", "b"]);
});

test("at-least-once: what came again after a restart is in the next checkpoint as well", () => {
  const sinks = new MainSinks(graph, false, true);
  const logic = sinks.createLogic("all");
  give(logic, "a");
  const first = snapshot(logic, 1);
  give(logic, "b");

  const restarted = sinks.createLogic("all");
  restarted.restore?.(stateOf(...first), 1);
  give(restarted, "b");
  const second = snapshot(restarted, 2);
  const after = new MainSinks(graph, false, true);
  after.createLogic("all").restore?.(stateOf(...first, ...second), 2);

  expect(after.collected("all")).toEqual(["a", "b", "b"]);
});

test("checkpoints that die with the process hold nothing of it", () => {
  const logic = new MainSinks(graph, true, false).createLogic("all");
  give(logic, "a");

  expect(snapshot(logic, 1)).toEqual([]);
});
