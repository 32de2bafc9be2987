/** A system on seams of the test's own. On real threads: actor-system.threads.test.ts; its actors: runtime/actor. */

import { expect, test } from "vitest";
import { defineActor } from "../actor/actor-definition.ts";
import { MillraceError } from "../errors/millrace-error.ts";
import { promisesDone } from "../fixtures/promises-done.ts";
import { QueuedTransport } from "../fixtures/queued-transport.ts";
import { VirtualSystem } from "../fixtures/virtual-system.ts";
import { MetricRegistry } from "../seams/metrics.ts";
import { FakeThreadPool } from "../threads/fixtures/fake-thread-pool.ts";
import { ActorSystem } from "./actor-system.ts";

class TestDeath extends MillraceError {
  readonly code = "ERR_RT_TEST_DEATH";
}

const echo = defineActor("echo", () => ({ receive: (message: string) => message }));

test("threads, links and metrics are those that the system is given", async () => {
  const threadPool = new FakeThreadPool();
  const transport = new QueuedTransport();
  const metrics = new MetricRegistry();
  const { system: starting } = new VirtualSystem({ threads: 2, threadPool, transport, metrics });
  const system = await starting;

  threadPool.given[0]?.die(new TestDeath("died in a test"));
  await promisesDone();

  expect(system.metrics).toBe(metrics);
  expect(metrics.samples()).toEqual(
    expect.arrayContaining([
      { name: "host-lost", kind: "counter", labels: { host: "1" }, value: 1 },
      { name: "host-replaced", kind: "counter", labels: { host: "1" }, value: 1 },
    ]),
  );
  expect(system.hosts().map(({ host, threadId }) => [host, threadId])).toEqual([
    [1, 3],
    [2, 2],
  ]);
  await system.stop();
  expect(threadPool.isStopped).toBe(true);
});

test("what happens to actors is counted", async () => {
  const virtual = new VirtualSystem();
  const system = await virtual.system;

  const address = system.spawn(echo, "echo").address;
  await virtual.pass();
  await virtual.outcome(system.stopActor(address));
  system.actor(address).tell("too late");
  await virtual.pass(1_000);

  const counts = system.metrics.samples().map(({ name, labels, value }) => [name, labels.host, value]);
  expect(counts).toEqual([
    ["dead-letters", undefined, 1],
    ["actor-started", "0", 1],
    ["actor-stopped", "0", 1],
  ]);
});

test.each([
  ["threads", { threads: 257 }],
  ["heapLimitMb", { threads: 1, heapLimitMb: 63 }],
  ["externalLimitMb", { threads: 0, externalLimitMb: 0.5 }],
  ["name", { name: "no spaces" }],
])("refuses %s that is not allowed, naming it", async (name, options) => {
  await expect(ActorSystem.start(options)).rejects.toMatchObject({
    code: "ERR_RT_OPTION",
    message: expect.stringContaining(name),
  });
});
