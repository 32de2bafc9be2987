/** A death while an operator is being closed: at the end of its job, or to start over from a checkpoint. */

import { describe, expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash, fail } from "./fault.ts";
import type { FaultAction } from "./fault-action.ts";
import { SimulatedProcess } from "./simulated-process.ts";

const eventCount = 600;
const keyCount = 10;

/** The closings of a run, in order: of which operator. */
type OnClose = (operator: string, instance: number, closing: number) => void | Promise<void>;

/** Operators with a `close` in three chains: behind the source, before the sink, and a keyed one between them. */
function jobWith(onClose: OnClose) {
  let closings = 0;
  const closed = (operator: string, instance: number) => {
    closings += 1;
    return onClose(operator, instance, closings);
  };
  const passing = (name: string) => () => {
    let instance = 0;
    return {
      open(context: { readonly instance: number }) {
        instance = context.instance;
      },
      onEvent(event: number, context: { emit(event: number): void }) {
        context.emit(event);
      },
      close: () => closed(name, instance),
    };
  };
  return defineJob("closing", (job) => {
    job
      .source("numbers", generate({ count: eventCount, rate: 20_000 }))
      .process("first", passing("first"))
      .keyBy((number) => number % keyCount)
      .process("second", passing("second"), { parallelism: 2 })
      .keyBy((number) => number % keyCount)
      .count("counts")
      .collect("all");
  });
}

/** An operator fails and a thread dies on the way, so that operators are closed before the end too. */
const faults = [fail("second", 0).after(100), crash("first").after(400)];

async function runThrough(strikeAt: number | undefined, actionAt: (operator: string, instance: number) => FaultAction) {
  const closings: string[] = [];
  const process: SimulatedProcess<undefined> = new SimulatedProcess(
    jobWith((operator, instance, closing) => {
      closings.push(`${operator}/${instance}`);
      if (closing !== strikeAt) return;
      // It is not done when the death comes.
      process.after(0, () => process.strike(actionAt(operator, instance)));
      return new Promise(() => undefined);
    }),
    { seed: 1, epochInterval: "5ms", faults },
  );
  process.start();
  while (await process.step());
  return { closings, simulation: await process.ended() };
}

const deaths = {
  "its thread": (operator: string, instance: number): FaultAction => ({
    kind: "crash",
    target: { kind: "operator", operator, instance },
  }),
  "the process": (): FaultAction => ({ kind: "kill-process", downMs: 10 }),
} as const;

const counted = Array.from({ length: keyCount }, (_, key) =>
  Array.from({ length: eventCount / keyCount }, (_, index) => `${key}: ${index + 1}`),
).flat();

describe.each(Object.entries(deaths))("%s dies while an operator closes", (_, actionAt) => {
  test("for the first time, for the last, or in between: nothing is lost, nothing is doubled", async () => {
    const calm = await runThrough(undefined, actionAt);
    expect(new Set(calm.closings)).toEqual(new Set(["first/0", "second/0", "second/1"]));
    expect(calm.closings.length).toBeGreaterThan(3);

    for (let closing = 1; closing <= calm.closings.length; closing += 1) {
      const { simulation } = await runThrough(closing, actionAt);

      expect(simulation.struck.length, `at closing ${closing}`).toBe(faults.length + 1);
      expect(simulation, `at closing ${closing}`).toMatchObject({ status: "completed", assertions: [] });
      expect(
        simulation
          .collected<{ key: number; count: number }>("all")
          .map(({ key, count }) => `${key}: ${count}`)
          .toSorted(),
        `at closing ${closing}`,
      ).toEqual(counted.toSorted());
    }
  });
});
