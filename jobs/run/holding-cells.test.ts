import { describe, expect, test } from "vitest";
import { discard, generate } from "../../actors/index.ts";
import { buildGraph, defineJob } from "../define-job.ts";
import { plan } from "../planner.ts";
import { cellKey } from "./channel-attempts.ts";
import { blockedRoots, type CellStanding, epochRoots, holdingCells } from "./holding-cells.ts";

/** `source -> work (2 instances) -> out`, and `source -> side`. */
const graph = buildGraph(
  defineJob("line", (job) => {
    const numbers = job.source("source", generate());
    numbers
      .shuffle()
      .map("work", (n) => n, { parallelism: 2 })
      .toOne()
      .sink("out", discard());
    numbers.shuffle().sink("side", discard(), { parallelism: 2 });
  }),
  undefined,
);
const jobPlan = plan(graph, { hostCount: 2 });

function keyOf(operator: string, instance = 0): string {
  const id = graph.nodes.find(({ name }) => name === operator)?.id ?? -1;
  return cellKey(jobPlan.chains.find(({ nodes }) => nodes.includes(id))?.id ?? -1, instance);
}

function channelOf(from: string, to: string): number {
  const channel = jobPlan.channels.find(
    ({ fromChain, fromInstance, toChain, toInstance }) =>
      cellKey(fromChain, fromInstance) === from && cellKey(toChain, toInstance) === to,
  );
  return channel?.id ?? -1;
}

const [source, first, second, out] = [keyOf("source"), keyOf("work"), keyOf("work", 1), keyOf("out")];
const flowing: CellStanding = { isRunning: true, wait: { kind: "none" }, quietMs: 5 };
const everybody = jobPlan.chains.flatMap(({ id, instances }) => instances.map(({ instance }) => cellKey(id, instance)));

function standings(special: Record<string, Partial<CellStanding>>): Map<string, CellStanding> {
  return new Map(everybody.map((cell) => [cell, { ...flowing, ...special[cell] }]));
}

function full(...channels: number[]): Partial<CellStanding> {
  return { wait: { kind: "credit", channels } };
}

describe("who is waited for", () => {
  test("is nobody in a job that flows", () => {
    const all = standings({});

    expect(holdingCells(jobPlan, all, blockedRoots(all))).toEqual([]);
  });

  test("is the cell at the end of the channels that are full, once, however many wait for it", () => {
    const all = standings({
      [source]: full(channelOf(source, first), channelOf(source, second)),
      [first]: full(channelOf(first, out)),
      [second]: full(channelOf(second, out)),
      [out]: { wait: { kind: "operator", operator: "out" }, quietMs: 9_000 },
    });

    expect(holdingCells(jobPlan, all, blockedRoots(all))).toEqual([
      { key: out, why: "takes-no-input", operator: "out", quietMs: 9_000 },
    ]);
  });

  test("is a cell that starts over, and one that does not get on though nothing keeps it", () => {
    const all = standings({
      [source]: full(channelOf(source, first), channelOf(source, second)),
      [first]: { isRunning: false },
      [second]: { quietMs: 700 },
    });

    expect(holdingCells(jobPlan, all, blockedRoots(all))).toEqual([
      { key: first, why: "starts-over", operator: undefined, quietMs: 0 },
      { key: second, why: "is-behind", operator: undefined, quietMs: 700 },
    ]);
  });
});

describe("an epoch waits", () => {
  test("for those that have not acknowledged it though all that send to them have", () => {
    expect(epochRoots(jobPlan, [source, first, second, out])).toEqual([source]);
    expect(epochRoots(jobPlan, [second, out])).toEqual([second]);
    expect(epochRoots(jobPlan, [])).toEqual([]);
  });

  test("where they lack credit, for those that give them none", () => {
    const all = standings({
      [source]: full(channelOf(source, first)),
      [first]: { wait: { kind: "operator", operator: "work" }, quietMs: 60_000 },
    });

    expect(holdingCells(jobPlan, all, epochRoots(jobPlan, everybody))).toEqual([
      { key: first, why: "takes-no-input", operator: "work", quietMs: 60_000 },
    ]);
  });
});
