/** A cell whose operator awaits one of its inputs: what it takes of the other meanwhile, and when it tells. */

import { expect, test } from "vitest";
import type { OperatorLogic } from "../operator.ts";
import { CellDriver, mapping, stage } from "./fixtures/cell-driver.ts";
import { signalKind } from "./stream-signal.ts";

const stream = 0;
const table = 1;
const upstream = { path: "millrace://test/job/up/0", host: 1 };

/** Signals of the two inputs, numbered per channel. */
class TwoInputs {
  readonly driver: CellDriver;
  readonly #seq = [0, 0];

  constructor(driver: CellDriver) {
    this.driver = driver;
  }

  give(channel: number, ...values: readonly unknown[]): void {
    const batch = { values, times: undefined, keys: undefined };
    this.driver.signal([signalKind.batch, channel, 1, this.#next(channel), values.length, batch]);
    this.driver.run();
  }

  watermark(channel: number, time: number): void {
    this.driver.signal([signalKind.watermark, channel, 1, this.#next(channel), time, false]);
    this.driver.run();
  }

  barrier(channel: number, epoch: number): void {
    this.driver.signal([signalKind.barrier, channel, 1, this.#next(channel), epoch]);
    this.driver.run();
  }

  end(channel: number): void {
    this.driver.signal([signalKind.end, channel, 1, this.#next(channel)]);
    this.driver.run();
  }

  #next(channel: number): number {
    const seq = this.#seq[channel]!;
    this.#seq[channel] = seq + 1;
    return seq;
  }
}

/** Passes on events, and says when it is told something else. */
function telling(): OperatorLogic {
  return {
    ...mapping((value: unknown) => value),
    onInputOver: (input, output) => output.emit(`over: ${input}`),
    onWatermark: ({ time, isIdle }, output) => {
      output.emit(`time: ${time}`);
      output.advance(time, isIdle);
    },
  };
}

async function begun(
  alignment: "aligned" | "counted",
  restored: Partial<ConstructorParameters<typeof CellDriver>[0]> = {},
) {
  const awaiting = stage("join", telling);
  const driver = await CellDriver.begun({
    stages: [{ ...awaiting, spec: { ...awaiting.spec, awaitsInput: table } }],
    inputs: [stream, table].map((channel) => ({ channel, input: channel, from: upstream, attempt: 1 })),
    retention: "until-acknowledged",
    alignment,
    ...restored,
  });
  driver.run();
  return new TwoInputs(driver);
}

test.each(["aligned", "counted"] as const)("%s, the stream is taken when the table is over", async (alignment) => {
  const inputs = await begun(alignment);
  inputs.give(stream, "s1");
  inputs.watermark(stream, 7);
  inputs.give(table, "t1");
  inputs.watermark(table, 9);
  expect(inputs.driver.values()).toEqual(["t1"]);

  inputs.watermark(table, Number.POSITIVE_INFINITY);

  expect(inputs.driver.values()).toEqual(["t1", "over: 1", "s1", "time: 7"]);
  inputs.end(table);
  inputs.end(stream);
  expect(inputs.driver.values()).toEqual(["t1", "over: 1", "s1", "time: 7", "time: Infinity", "$"]);
});

test("an end that tells no time is the end of the table, too", async () => {
  const inputs = await begun("counted");
  inputs.give(stream, "s1");

  inputs.end(table);

  expect(inputs.driver.values()).toEqual(["over: 1", "s1"]);
});

test.each(["aligned", "counted"] as const)(
  "%s, the stream is taken up to a barrier that the table has delivered, and no further",
  async (alignment) => {
    const inputs = await begun(alignment);
    inputs.give(stream, "s1");
    inputs.watermark(stream, 7);
    inputs.watermark(table, 9);
    inputs.barrier(stream, 1);
    inputs.give(stream, "s2");
    inputs.barrier(stream, 2);
    expect(inputs.driver.values()).toEqual([]);

    inputs.barrier(table, 1);

    expect(inputs.driver.values()).toEqual(["s1"]);
    expect(inputs.driver.notes.filter(({ kind }) => kind === "snapshot")).toHaveLength(1);
    inputs.barrier(table, 2);
    expect(inputs.driver.values()).toEqual(["s1", "s2"]);
    expect(inputs.driver.notes.filter(({ kind }) => kind === "snapshot")).toHaveLength(2);
  },
);

test("a cell that goes on from where the table was over tells it first", async () => {
  const restore = { epoch: 3, deltas: {}, endedInputs: [table], watermarks: [[stream, 5, false]] as const };
  const inputs = await begun("aligned", { restore: restore as never });
  inputs.give(stream, "s1");

  expect(inputs.driver.values().slice(0, 1)).toEqual(["over: 1"]);
  expect(inputs.driver.values()).toContain("s1");
});

test.each(["aligned", "counted"] as const)(
  "%s, a cell that had ended, and starts over, misses no barrier for having to tell that the table is over",
  async (alignment) => {
    const restore = { epoch: 3, deltas: {}, endedInputs: [stream, table], watermarks: [], ended: true };
    const inputs = await begun(alignment, { ended: true, restore: restore as never });

    inputs.barrier(table, 4);
    inputs.barrier(stream, 4);

    expect(inputs.driver.notes.filter(({ kind }) => kind === "snapshot")).toMatchObject([{ snapshot: { epoch: 4 } }]);
  },
);

test("an operator that starts over in its place is told again", async () => {
  let made = 0;
  const awaiting = stage("join", () => {
    made += 1;
    const fails = made === 1;
    return {
      ...mapping((value: unknown) => {
        if (fails && value === "bad") throw new Error("bad");
        return value;
      }),
      onInputOver: (input, output) => output.emit(`over: ${input}`),
    };
  });
  const driver = await CellDriver.begun({
    stages: [{ ...awaiting, spec: { ...awaiting.spec, awaitsInput: table } }],
    inputs: [stream, table].map((channel) => ({ channel, input: channel, from: upstream, attempt: 1 })),
  });
  const inputs = new TwoInputs(driver);
  inputs.end(table);
  inputs.give(stream, "bad", "good");

  await driver.restart();
  driver.run();

  expect(driver.values()).toEqual(["over: 1", "over: 1", "good"]);
});
