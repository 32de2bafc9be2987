/** When a run tells that it has recovered from the loss of a host, so that another spare thread may start. */

import { expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { SeededRandom } from "../../runtime/index.ts";
import { buildGraph, defineJob } from "../define-job.ts";
import { checkEpochs } from "../epochs/epoch-options.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import { SimulatedHosts } from "../fixtures/simulated-hosts.ts";
import { plan } from "../planner.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { HostedJob } from "./hosted-job.ts";

const job = defineJob("recovered", (builder) => {
  builder.supervision({ backoff: { min: 0, max: 0 } });
  builder
    .source("numbers", generate({ count: 1_000_000, rate: 1_000 }))
    .keyBy((number) => number % 10)
    .count("count", { parallelism: 2 })
    .collect("counts");
});

function started(guarantee: Guarantee) {
  const graph = buildGraph(job, undefined);
  const store = new MemoryStore();
  const settings = { hostCount: 2, guarantee, epochs: checkEpochs({}), creditEvents: 64, createStore: () => store };
  const hosts = new SimulatedHosts(new HostedJob(graph, plan(graph, { hostCount: 2 })), settings, new SeededRandom(1));
  return { hosts, store };
}

async function stepsUntil(hosts: SimulatedHosts, condition: () => boolean, stepsMax = 10_000): Promise<boolean> {
  for (let step = 0; step < stepsMax && !condition(); step += 1) await hosts.step();
  return condition();
}

test.each(["at-most-once", "at-least-once", "exactly-once"] as const)(
  "under %s once, when what was lost is there again and saved",
  async (guarantee) => {
    // given
    const { hosts, store } = started(guarantee);
    const counted = () => hosts.run.collected("counts").length;
    await stepsUntil(hosts, () => counted() > 0);
    const epochBefore = store.epoch;

    // when it is lost, nothing is told
    hosts.crash(2);
    expect(await stepsUntil(hosts, () => hosts.recoveryCount > 0, 300)).toBe(false);

    // then, when it is replaced
    hosts.replace(2);
    expect(await stepsUntil(hosts, () => hosts.recoveryCount > 0)).toBe(true);
    expect(hosts.run.status).toBe("running");
    if (guarantee !== "at-most-once") expect(store.epoch).toBeGreaterThan(epochBefore);
    const countBefore = counted();
    await stepsUntil(hosts, () => counted() > countBefore + 1_000);
    expect(hosts.recoveryCount).toBe(1);
  },
);
