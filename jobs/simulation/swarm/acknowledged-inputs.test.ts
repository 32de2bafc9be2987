import { expect, test } from "vitest";
import type { Guarantee } from "../../epochs/guarantee.ts";
import { AcknowledgedInputs } from "./acknowledged-inputs.ts";
import type { SwarmFault, SwarmSource } from "./swarm-plan.ts";
import { SwarmTroubles } from "./swarm-troubles.ts";

function inputsOf(guarantee: Guarantee, acknowledges: "log" | "queue", faults: readonly SwarmFault[] = []) {
  const source: SwarmSource = {
    ...{ name: "s", parallelism: 1, itemCount: 10, keyCount: 1, form: "paced", burst: 1, gapMs: 1, acknowledges },
  };
  return { source, inputs: new AcknowledgedInputs({ guarantee, sources: [source] }, new SwarmTroubles(faults)) };
}

test("a log is read from any position behind what was acknowledged, a queue from there, also exactly once behind its position", async () => {
  for (const [guarantee, acknowledges, from] of [
    ["at-least-once", "log", 6],
    ["at-least-once", "queue", 4],
    ["exactly-once", "queue", 6],
  ] as const) {
    const { source, inputs } = inputsOf(guarantee, acknowledges);
    await inputs.acknowledge(source, 0, 4);

    expect(inputs.opened(source, 0, 6)).toBe(from);
    expect(inputs.early).toEqual([]);
  }
});

test("I9: who has acknowledged what it reads again has done so early", async () => {
  const { source, inputs } = inputsOf("exactly-once", "log");
  await inputs.acknowledge(source, 0, 4);
  inputs.opened(source, 0, 3);
  inputs.opened(source, 0, undefined);

  expect(inputs.early).toHaveLength(2);
});

test("I9: under at-most-once what is handed on was acknowledged, and a process that starts anew asks for nothing", async () => {
  const { source, inputs } = inputsOf("at-most-once", "queue");
  await inputs.acknowledge(source, 0, 4);
  inputs.arrived({ key: "s.0/0", seq: 3, lane: "", counts: [] });
  expect([inputs.opened(source, 0, undefined), inputs.early]).toEqual([4, []]);

  inputs.arrived({ key: "s.0/0", seq: 4, lane: "", counts: [] });
  expect(inputs.early).toHaveLength(1);
});

test("an acknowledgement that failed may have taken effect, and is none that the job knows of", async () => {
  const { source, inputs } = inputsOf("at-most-once", "queue", [
    { kind: "acknowledge", source: "s", call: 1, isLate: true },
  ]);
  await expect(inputs.acknowledge(source, 0, 4)).rejects.toThrow("after it took effect");

  expect([inputs.opened(source, 0, 2), inputs.early]).toEqual([4, []]);
});

test("I7: what was read to its end in calm is acknowledged", async () => {
  const { source, inputs } = inputsOf("at-least-once", "log");
  await inputs.acknowledge(source, 0, 9);
  inputs.ended(source, 0, 100);

  expect([inputs.left(99).length, inputs.left(100).length]).toEqual([1, 0]);
  await inputs.acknowledge(source, 0, 10);
  expect(inputs.left(99)).toEqual([]);
});
