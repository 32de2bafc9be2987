import { describe, expect, test } from "vitest";
import { turnsPutOffMax } from "../limits.ts";
import type { Watermark } from "../time/watermark.ts";
import { CellDriver, mapping, stage } from "./fixtures/cell-driver.ts";
import { InputTurns } from "./input-turns.ts";
import { signalKind } from "./stream-signal.ts";

const at = (time: number): Watermark => ({ time, isIdle: false });
const idleAt = (time: number): Watermark => ({ time, isIdle: true });
const untold = at(Number.NEGATIVE_INFINITY);

/** The inputs whose turn it is, one after the other, of inputs that stand where they stand. */
function turns(watermarks: readonly Watermark[], count: number, empty: readonly number[] = []): readonly unknown[] {
  const inputs = watermarks.map((watermark, index) => ({ index, watermark }));
  const order = new InputTurns(
    inputs,
    ({ index }) => !empty.includes(index),
    ({ watermark }) => watermark,
  );
  return Array.from({ length: count }, () => order.next()?.index);
}

describe("the turns of inputs", () => {
  test.each([
    ["without event time", [untold, untold, untold]],
    ["that have come equally far", [at(7), at(7), at(7)]],
    ["of which one has said nothing", [at(7), untold, at(7)]],
    ["of which one is idle, and behind", [at(7), idleAt(3), at(7)]],
  ])("go round where there are inputs %s", (_, watermarks) => {
    expect(turns(watermarks, 6)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  test("go to the input that is behind in event time, and now and then to one that is ahead", () => {
    const round = [...new Array<number>(turnsPutOffMax).fill(1), 0];
    expect(turns([at(9), at(2)], 2 * round.length)).toEqual([...round, 1, ...round.slice(0, -1)]);
  });

  test("go to those that have something, however far ahead they are", () => {
    expect(turns([at(9), at(2), at(5)], 3, [1])).toEqual([2, 2, 2]);
    expect(turns([at(9), at(2), at(5)], 3, [1, 2])).toEqual([0, 0, 0]);
    expect(turns([at(9), at(2)], 1, [0, 1])).toEqual([undefined]);
  });

  test("of every input come, however many of them are behind", () => {
    const taken = turns([at(9), at(2), at(5), at(2)], 4 * (turnsPutOffMax + 1));
    expect(new Set(taken)).toEqual(new Set([0, 1, 2, 3]));
  });
});

test("a cell takes what is behind in event time before what would wait for it", async () => {
  const upstream = { path: "millrace://test/job/up/0", host: 1 };
  const driver = await CellDriver.begun({
    stages: [stage("pass", () => mapping((value: unknown) => value))],
    inputs: [0, 1].map((channel) => ({ channel, input: 0, from: upstream, attempt: 1 })),
  });
  driver.run();
  const seq = [0, 0];
  const next = (channel: number) => {
    seq[channel]! += 1;
    return seq[channel]! - 1;
  };
  const give = (channel: number, value: unknown) => {
    const batch = { values: [value], times: undefined, keys: undefined };
    driver.signal([signalKind.batch, channel, 1, next(channel), 1, batch]);
  };
  const advance = (channel: number, time: number) => {
    driver.signal([signalKind.watermark, channel, 1, next(channel), time, false]);
  };
  advance(0, 900);
  advance(1, 100);
  driver.run();

  for (let count = 0; count < 3; count += 1) give(0, "ahead");
  for (let count = 0; count < 3; count += 1) give(1, "behind");
  driver.run();

  expect(driver.values()).toEqual(["behind", "behind", "behind", "ahead", "ahead", "ahead"]);
});
