import { describe, expect, test } from "vitest";
import { CellDriver, mapping, stage } from "./fixtures/cell-driver.ts";
import { signalKind } from "./stream-signal.ts";

const source = { path: "millrace://test/job/up/0", host: 1 };
const inputs = [0, 1].map((channel) => ({ channel, input: 0, from: source, attempt: 1 }));
const retention = "until-acknowledged" as const;

const kinds = (driver: CellDriver) => driver.notes.map(({ kind }) => kind);
const snapshots = (driver: CellDriver) =>
  driver.notes.flatMap((note) => (note.kind === "snapshot" ? [note.snapshot] : []));

describe("a cell that counts barriers", () => {
  test("ends between two epochs, and has ended in a snapshot only when what sends to it has", async () => {
    // given an input that delivers barrier 1 and its end, while the other has delivered its end only
    const driver = await CellDriver.begun({
      stages: [stage("same", () => mapping((value) => value))],
      inputs,
      retention,
    });
    driver.signal([signalKind.barrier, 0, 1, 0, 1]);
    driver.signal([signalKind.end, 0, 1, 1]);
    driver.signal([signalKind.end, 1, 1, 0]);
    driver.run();
    expect(kinds(driver)).toEqual([]);

    // when the other delivers barrier 1 too
    driver.signal([signalKind.barrier, 1, 1, 1, 1]);
    driver.run();

    // then the first had not ended in epoch 1, nor had the cell
    expect(snapshots(driver)).toMatchObject([{ epoch: 1, endedInputs: [1], ended: false }]);
    expect(kinds(driver)).toEqual(["snapshot", "ended"]);
  });

  test("starts over when a sender that started over sends events again behind the end", async () => {
    // given a cell that has ended
    const driver = await CellDriver.begun({ stages: [stage("same", () => mapping((value) => value))], retention });
    driver.giveEnd();
    driver.run();

    // when its sender starts over
    driver.signal([signalKind.reopen, 0, 2, 0]);
    driver.give(["again"], 2);
    driver.signal([signalKind.barrier, 0, 2, 1, 1]);
    driver.run();

    // then it asks to start over, and closes no epoch as if nothing had come
    expect(kinds(driver)).toEqual(["ended", "replayed"]);
    expect(driver.values()).toEqual(["$"]);
  });

  test("starts over when such a sender closes an epoch before it sends anything else", async () => {
    const driver = await CellDriver.begun({ stages: [stage("same", () => mapping((value) => value))], retention });
    driver.giveEnd();
    driver.run();

    driver.signal([signalKind.reopen, 0, 2, 0]);
    driver.signal([signalKind.barrier, 0, 2, 0, 1]);
    driver.run();

    expect(kinds(driver)).toEqual(["ended", "replayed"]);
  });

  test("closes epochs behind its end when such a sender tells only the end again", async () => {
    const driver = await CellDriver.begun({ stages: [stage("same", () => mapping((value) => value))], retention });
    driver.giveEnd();
    driver.run();

    driver.signal([signalKind.reopen, 0, 2, 0]);
    driver.signal([signalKind.end, 0, 2, 0]);
    driver.signal([signalKind.barrier, 0, 2, 1, 1]);
    driver.run();

    expect(kinds(driver)).toEqual(["ended", "snapshot"]);
    expect(snapshots(driver)).toMatchObject([{ epoch: 1, ended: true }]);
  });
});

test("state that cannot be kept makes its operator start over, also when it resumes at events", async () => {
  const keeping = () => ({ ...mapping((value) => value), snapshot: () => [["s", "k", true, () => 1]] as const });
  const driver = await CellDriver.begun({ stages: [stage("keeps", keeping, { decide: "resume" })], retention });

  driver.signal([signalKind.barrier, 0, 1, 0, 1]);
  driver.run();

  expect(driver.failures).toMatchObject([
    { code: "ERR_ACT_OPERATOR_FAILED", directive: "restart", cause: { code: "ERR_RT_NOT_PLAIN_DATA" } },
  ]);
});
