import { describe, expect, test } from "vitest";
import { retainedItemBytes } from "../limits.ts";
import { generate } from "../sources/generate.ts";
import type { RetentionLimits } from "./cell-retention.ts";
import { CellDriver, mapping, stage } from "./fixtures/cell-driver.ts";
import type { StreamCellSpec } from "./stream-cell-spec.ts";
import { signalKind } from "./stream-signal.ts";

const same = () => stage("same", () => mapping((value) => value));
const unbounded = Number.POSITIVE_INFINITY;
/** What one event in a batch of its own counts. */
const one = retainedItemBytes + 8;

function limited(limits: Partial<RetentionLimits>): Pick<StreamCellSpec, "retention" | "retentionLimits"> {
  return {
    retention: "until-acknowledged",
    retentionLimits: { stepBytes: 1, pauseBytes: unbounded, bytesMax: unbounded, ...limits },
  };
}

function told(driver: CellDriver): number[] {
  return driver.notes.flatMap((note) => (note.kind === "retained" ? [note.bytes] : []));
}

describe("a cell whose outboxes keep what they send", () => {
  test("tells how much that is when it has changed by a step, and that it is nothing", async () => {
    const driver = await CellDriver.begun({ stages: [same()], ...limited({ stepBytes: 2 * one }) });
    const give = (value: number) => {
      driver.give([value]);
      driver.run();
    };

    give(1);
    expect(told(driver)).toEqual([]);
    give(2);
    expect(told(driver)).toEqual([2 * one]);
    give(3);
    driver.signal([signalKind.barrier, 0, 1, 3, 1]);
    driver.run();
    driver.signal([signalKind.complete, 1]);

    expect(told(driver)).toEqual([2 * one, 0]);
  });

  test("tells that a source pauses by itself, however little that is above what it told", async () => {
    const driver = await CellDriver.begun({
      stages: [same()],
      ...limited({ stepBytes: 2 * one, pauseBytes: 3 * one }),
    });

    for (const value of [1, 2, 3, 4]) {
      driver.give([value]);
      driver.run();
    }

    expect(told(driver)).toEqual([2 * one, 3 * one]);
  });

  test("fails when it keeps more than it may, naming the channel that keeps most", async () => {
    const driver = await CellDriver.begun({ stages: [same()], ...limited({ bytesMax: 2 * one }) });

    for (const value of [1, 2]) {
      driver.give([value]);
      driver.run();
    }
    expect(driver.failures).toEqual([]);
    driver.give([3]);
    driver.run();

    expect(driver.failures).toMatchObject([
      { code: "ERR_ACT_RETENTION_LIMIT", details: { to: "millrace://test/job/down/0", bytes: 3 * one } },
    ]);
  });

  test("keeps and tells nothing without retention", async () => {
    const driver = await CellDriver.begun({ stages: [same()], ...limited({ bytesMax: 1 }), retention: "none" });

    driver.give([1, 2, 3]);
    driver.run();

    expect([told(driver), driver.failures]).toEqual([[], []]);
  });
});

describe("a source", () => {
  function sourceOf(count: number): Partial<StreamCellSpec> {
    const spec = generate({ count });
    const address = { path: "millrace://test/job/source/0", host: 0 };
    const standing = { position: undefined, skipCount: 0 };
    const rest = { epoch: 0, reserve: false, storage: undefined, decide: () => "stop" as const };
    return { source: { name: "source", address, spec, standing, ...rest } };
  }

  test("that is paused reads no further, still closes epochs, and reads on when told to", async () => {
    const driver = await CellDriver.begun({ ...sourceOf(10), stages: [same()], ...limited({}) });
    driver.signal([signalKind.pause]);
    driver.run();
    expect(driver.values()).toEqual([]);

    driver.signal([signalKind.epoch, 1]);
    driver.run();
    expect(driver.notes).toMatchObject([{ kind: "snapshot", snapshot: { epoch: 1 } }]);

    driver.signal([signalKind.resume]);
    driver.run();
    expect(driver.values()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "$"]);
  });

  test("hands on nothing behind the barrier of the last epoch, nor that it has ended", async () => {
    const driver = await CellDriver.begun({ ...sourceOf(10), stages: [same()], ...limited({}) });
    const ending = await CellDriver.begun({ ...sourceOf(0), stages: [same()], ...limited({}) });

    for (const each of [driver, ending]) {
      each.signal([signalKind.lastEpoch, 1]);
      each.run();
    }
    expect([driver.values(), ending.values()]).toEqual([[], []]);
    // The checkpoint could not be completed: the next one is the last.
    driver.signal([signalKind.lastEpoch, 2]);
    driver.run();

    expect(driver.values()).toEqual([]);
    expect(driver.notes).toMatchObject([{ snapshot: { epoch: 1 } }, { snapshot: { epoch: 2, ended: false } }]);
    expect(ending.notes).toMatchObject([{ snapshot: { epoch: 1, ended: false } }]);
  });

  test("that is paused ends when it is drained", async () => {
    const driver = await CellDriver.begun({ ...sourceOf(10), stages: [same()], ...limited({}) });
    driver.signal([signalKind.pause]);
    driver.run();

    driver.signal([signalKind.drain]);
    driver.run();

    expect(driver.values()).toEqual(["$"]);
  });

  test("whose outboxes keep as much as all may pauses by itself, until a checkpoint is complete", async () => {
    const driver = await CellDriver.begun({
      ...sourceOf(100_000),
      stages: [same()],
      ...limited({ pauseBytes: 10_000 }),
    });
    driver.run();
    const first = driver.values().length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(10_000);

    driver.signal([signalKind.epoch, 1]);
    driver.run();
    expect(driver.values().length).toBe(first);
    driver.signal([signalKind.complete, 1]);
    driver.run();

    expect(driver.values().length).toBeGreaterThan(first);
    expect(Math.max(...told(driver))).toBeLessThan(20_000);
  });

  test("emits the barriers of all epochs where receivers align them, and only the newest where they count them", async () => {
    const barriers = async (alignment: "aligned" | "counted") => {
      const driver = await CellDriver.begun({ ...sourceOf(10), stages: [same()], ...limited({}), alignment });
      for (const epoch of [1, 2, 3]) driver.signal([signalKind.epoch, epoch]);
      driver.run();
      return driver.notes.flatMap((note) => (note.kind === "snapshot" ? [note.snapshot.epoch] : []));
    };

    expect(await barriers("aligned")).toEqual([1, 2, 3]);
    expect(await barriers("counted")).toEqual([3]);
  });
});
