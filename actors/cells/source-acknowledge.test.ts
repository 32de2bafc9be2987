/** Sources whose input is told what was taken, and delivers the rest again. */

import { describe, expect, test } from "vitest";
import { groupings } from "../groupings/grouping.ts";
import type { SourceReader } from "../source.ts";
import { defineSource } from "../sources/define-source.ts";
import { CellDriver } from "./fixtures/cell-driver.ts";
import { signalKind } from "./stream-signal.ts";

/** A queue of numbers that delivers from the first one on that was not acknowledged, whatever it delivered before. */
class Queue {
  readonly length: number;
  /** How many of them are there already. */
  arrived = 10;
  acknowledged = 0;
  /** What was acknowledged, in order. */
  readonly calls: number[] = [];
  /** What the next acknowledgement is answered with. */
  answer: () => void | Promise<void> = () => undefined;

  constructor(length: number) {
    this.length = length;
  }

  reader(): SourceReader<number> {
    let next = 0;
    return {
      open: () => {
        next = this.acknowledged;
      },
      poll: (output, eventCountMax) => {
        for (let left = eventCountMax; left > 0 && next < Math.min(this.arrived, this.length); left -= 1) {
          output.emit(next);
          next += 1;
        }
        return next < this.length ? "waiting" : "end";
      },
      position: () => next,
      acknowledge: (position) => {
        this.calls.push(position as number);
        const answer = this.answer();
        this.acknowledged = position as number;
        return answer;
      },
    };
  }
}

async function begin(queue: Queue, reserve: boolean): Promise<CellDriver> {
  const spec = defineSource({ kind: "queue", bounded: true, acknowledging: true, create: () => queue.reader() });
  const address = { path: "millrace://test/job/source/0", host: 0 };
  const standing = { position: undefined, skipCount: 0 };
  const rest = { reserve, standing, storage: undefined, epoch: 0, decide: () => "restart" as const };
  return CellDriver.begun({
    stages: [],
    source: { name: "source", address, spec, ...rest },
    outputs: [
      {
        stage: -1,
        outputIndex: 0,
        grouping: groupings.forward,
        channels: [{ channel: 9, to: { path: "millrace://test/job/down/0", host: 0 } }],
      },
    ],
    retention: reserve ? "none" : "until-acknowledged",
  });
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
const events = (driver: CellDriver) => driver.values().filter((value) => typeof value === "number");

describe("with checkpoints", () => {
  test("what stands before a barrier is acknowledged when its checkpoint is complete, not before (R4)", async () => {
    const queue = new Queue(100);
    const driver = await begin(queue, false);
    driver.run();
    driver.signal([signalKind.epoch, 1]);
    driver.run();
    queue.arrived = 20;
    driver.signal([signalKind.begin]);
    driver.run();

    expect([queue.calls, events(driver)]).toEqual([[], range(0, 20)]);
    driver.signal([signalKind.complete, 1]);

    expect(queue.calls).toEqual([10]);
  });

  test("the newest of several complete barriers is acknowledged, and each once", async () => {
    const queue = new Queue(100);
    const driver = await begin(queue, false);
    for (const epoch of [1, 2, 3]) {
      queue.arrived = epoch * 10;
      driver.signal([signalKind.begin]);
      driver.run();
      driver.signal([signalKind.epoch, epoch]);
      driver.run();
    }

    driver.signal([signalKind.complete, 2]);
    driver.signal([signalKind.complete, 2]);
    driver.signal([signalKind.complete, 3]);

    expect(queue.calls).toEqual([20, 30]);
  });

  test("nothing is acknowledged before anything was read: there is no position then", async () => {
    const queue = new Queue(100);
    queue.arrived = 0;
    const driver = await begin(queue, false);
    driver.signal([signalKind.epoch, 1]);
    driver.signal([signalKind.pause]);
    driver.run();
    driver.signal([signalKind.complete, 1]);

    expect(queue.calls).toEqual([]);
  });

  test("an acknowledgement that fails is a failure of the source", async () => {
    const queue = new Queue(100);
    const driver = await begin(queue, false);
    driver.run();
    driver.signal([signalKind.epoch, 1]);
    driver.run();
    queue.answer = () => Promise.reject(new Error("the queue is closed"));

    driver.signal([signalKind.complete, 1]);
    await Promise.resolve();
    driver.run();

    expect(driver.failures).toMatchObject([
      { code: "ERR_ACT_SOURCE_FAILED", message: expect.stringContaining("closed") },
    ]);
  });
});

describe("with reservations", () => {
  /** Confirms what was reserved. */
  function confirm(driver: CellDriver): void {
    const last = driver.notes.findLast((note) => note.kind === "reserve");
    if (last?.kind === "reserve") driver.signal([signalKind.reserved, last.seq]);
    driver.run();
  }

  test("what was reserved is acknowledged before it is handed on, which waits for the answer (R1)", async () => {
    const queue = new Queue(100);
    const driver = await begin(queue, true);
    const answer = Promise.withResolvers<void>();
    driver.run();
    expect([queue.calls, events(driver)]).toEqual([[], []]);

    queue.answer = () => answer.promise;
    confirm(driver);
    expect([queue.calls, events(driver)]).toEqual([[10], []]);

    answer.resolve();
    await answer.promise;
    driver.run();
    expect(events(driver)).toEqual(range(0, 10));
  });

  test("what could not be acknowledged is delivered again, and handed on once", async () => {
    const queue = new Queue(30);
    const driver = await begin(queue, true);
    driver.run();
    queue.answer = () => {
      throw new Error("the queue is away");
    };
    confirm(driver);
    expect(driver.failures).toHaveLength(1);

    queue.answer = () => undefined;
    await driver.restart();
    queue.arrived = 30;
    for (let round = 0; round < 10; round += 1) {
      driver.run();
      confirm(driver);
    }

    expect(driver.values()).toEqual([...range(0, 30), "$"]);
  });

  test("a source that halts says where it stands, and hands on nothing any more", async () => {
    const queue = new Queue(100);
    const driver = await begin(queue, true);
    driver.run();
    confirm(driver);
    driver.run();

    driver.signal([signalKind.halt]);
    confirm(driver);

    const standing = { position: 10, skipCount: 0 };
    expect(driver.notes.at(-1)).toEqual({ kind: "halted", standing, unsureEvents: 0 });
    expect(events(driver)).toEqual(range(0, 10));
  });

  test("one that halts stands behind what it has acknowledged, whatever it has handed on, and acknowledges nothing more", async () => {
    const queue = new Queue(100);
    const driver = await begin(queue, true);
    driver.run();
    queue.answer = () => new Promise(() => undefined);
    confirm(driver);
    queue.arrived = 20;
    driver.run();

    driver.signal([signalKind.halt]);
    const halted = driver.notes.at(-1);
    confirm(driver);

    expect(halted).toEqual({ kind: "halted", standing: { position: 10, skipCount: 0 }, unsureEvents: 10 });
    expect([queue.calls, events(driver)]).toEqual([[10], []]);
  });
});
