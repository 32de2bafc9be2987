import { describe, expect, test } from "vitest";
import { mapAsync } from "../operators/map-async.ts";
import { CellDriver, mapping, stage } from "./fixtures/cell-driver.ts";
import type { StreamCellStats } from "./stream-cell-stats.ts";
import { signalKind } from "./stream-signal.ts";

const same = () => stage("same", () => mapping((value) => value));
const retention = "until-acknowledged" as const;

/** Calls that never end, one at a time. */
function stuck() {
  const spec = mapAsync(() => new Promise(() => undefined), { concurrency: 1, timeout: "1d" });
  return stage("stuck", () => spec.create());
}

function standing(driver: CellDriver): Pick<StreamCellStats, "wait" | "quietMs"> {
  driver.signal([signalKind.stats]);
  const note = driver.notes.at(-1);
  if (note?.kind !== "stats") throw new Error("a cell that is asked for its counters tells them");
  return { wait: note.stats.wait, quietMs: note.stats.quietMs };
}

describe("a cell tells", () => {
  test("that it waits for nothing but events, and since when none came", async () => {
    const driver = await CellDriver.begun({ stages: [same()] });
    driver.give([1]);
    driver.run();
    driver.clock.advance(500);

    expect(standing(driver)).toEqual({ wait: { kind: "none" }, quietMs: 500 });
  });

  test("which channels are full", async () => {
    const driver = await CellDriver.begun({ stages: [same()] }, 1);
    for (const value of [1, 2]) {
      driver.give([value]);
      driver.run();
    }

    expect(standing(driver).wait).toEqual({ kind: "credit", channels: [9] });
  });

  test("which operator takes no input, and for how long", async () => {
    const driver = await CellDriver.begun({ stages: [stuck()] });
    driver.give([1]);
    driver.run();
    driver.clock.advance(9_000);

    expect(standing(driver)).toEqual({ wait: { kind: "operator", operator: "stuck" }, quietMs: 9_000 });
  });

  test("which operator keeps a barrier waiting by work in flight", async () => {
    const spec = mapAsync(() => new Promise(() => undefined), { concurrency: 10, timeout: "1d" });
    const driver = await CellDriver.begun({ stages: [stage("calls", () => spec.create())], retention });
    driver.give([1]);
    driver.run();
    expect(standing(driver).wait).toEqual({ kind: "none" });

    driver.signal([signalKind.barrier, 0, 1, 1, 1]);
    driver.run();

    expect(standing(driver).wait).toEqual({ kind: "operator", operator: "calls" });
  });

  test("that it moved when it closed an epoch, also without an event", async () => {
    const driver = await CellDriver.begun({ stages: [same()], retention });
    driver.clock.advance(1_000);
    driver.signal([signalKind.barrier, 0, 1, 0, 1]);
    driver.run();
    driver.clock.advance(10);

    expect(standing(driver).quietMs).toBe(10);
  });

  test("how long its inputs waited for each other at a barrier", async () => {
    const inputs = [0, 1].map((channel) => ({
      channel,
      from: { path: "millrace://test/job/up/0", host: 1 },
      input: 0,
      attempt: 1,
    }));
    const driver = await CellDriver.begun({ stages: [same()], inputs, retention, alignment: "aligned" });
    driver.signal([signalKind.barrier, 0, 1, 0, 1]);
    driver.run();
    driver.clock.advance(30);
    driver.signal([signalKind.barrier, 1, 1, 0, 1]);
    driver.run();

    expect(driver.notes).toMatchObject([{ kind: "snapshot", alignmentMs: 30 }]);
  });
});
