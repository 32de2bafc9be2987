import { expect, test } from "vitest";
import { sampleGraph } from "./fixtures/sample-graph.ts";
import type { ChainInstancePlan, JobPlan } from "./job-plan.ts";
import { assertPlan } from "./plan-invariants.ts";
import { plan } from "./planner.ts";

const graph = sampleGraph([
  { parallelism: 2 },
  { parallelism: 2, inputs: [{ from: 0, grouping: "forward" }] },
  { parallelism: 2, inputs: [{ from: 1, grouping: "shuffle" }] },
  { parallelism: 1, isSink: true, onMain: true, inputs: [{ from: 2, grouping: "shuffle" }] },
]);
const good = plan(graph, { hostCount: 2 });

test("a plan of the planner holds every invariant", () => {
  expect(() => assertPlan(good, graph)).not.toThrow();
});

const broken: readonly (readonly [string, string, JobPlan])[] = [
  ["a node in no chain", "L1", withChain(0, { nodes: [0] })],
  ["a node in two chains", "L1", withChain(1, { nodes: [1] })],
  ["a chain without nodes", "L1", { ...good, chains: [...good.chains, { ...chain(0), id: 3, nodes: [] }] }],
  ["an instance missing", "L1", withChain(0, { instances: chain(0).instances.slice(1) })],
  ["instances in another order", "L1", withChain(0, { instances: chain(0).instances.toReversed() })],
  ["a place that names another chain", "L1", { ...good, places: good.places.toReversed() }],
  ["a host that does not exist", "L2", withInstance(0, 0, { host: 3 })],
  ["an operator of the threads on main", "L2", withInstance(0, 0, { host: 0 })],
  ["a sink of main on a thread", "L2", withInstance(2, 0, { host: 1 })],
  ["a channel missing", "L3", { ...good, channels: good.channels.slice(1) }],
  ["a channel twice", "L3", withChannel(0, { toInstance: 1 })],
  ["a channel to an instance that does not exist", "L3", withChannel(0, { toInstance: 7 })],
  ["a chain under another id", "L4", withChain(0, { id: 1 })],
  ["a channel under another id", "L4", withChannel(0, { id: 1 })],
  ["a channel that its receiver does not list", "L4", withInstance(1, 0, { inputs: [] })],
  ["a channel that its sender does not list", "L4", withInstance(0, 0, { outputs: [] })],
  ["a channel listed by another receiver", "L4", withInputsSwapped()],
];

test.each(broken)("%s is noticed", (_what, invariant, jobPlan) => {
  expect(() => assertPlan(jobPlan, graph)).toThrow(
    expect.objectContaining({ code: "ERR_RT_INVARIANT", message: expect.stringContaining(`${invariant}:`) }),
  );
});

function chain(id: number): JobPlan["chains"][number] {
  return good.chains[id] as JobPlan["chains"][number];
}

function withChain(id: number, change: Partial<JobPlan["chains"][number]>): JobPlan {
  return { ...good, chains: good.chains.with(id, { ...chain(id), ...change }) };
}

function withInstance(id: number, number: number, change: Partial<ChainInstancePlan>): JobPlan {
  const instance = chain(id).instances[number] as ChainInstancePlan;
  return withChain(id, { instances: chain(id).instances.with(number, { ...instance, ...change }) });
}

function withChannel(id: number, change: Partial<JobPlan["channels"][number]>): JobPlan {
  const channel = good.channels[id] as JobPlan["channels"][number];
  return { ...good, channels: good.channels.with(id, { ...channel, ...change }) };
}

function withInputsSwapped(): JobPlan {
  const [left, right] = chain(1).instances as [ChainInstancePlan, ChainInstancePlan];
  return withChain(1, {
    instances: [
      { ...left, inputs: right.inputs },
      { ...right, inputs: left.inputs },
    ],
  });
}
