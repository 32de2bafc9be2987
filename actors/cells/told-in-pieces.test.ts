import { describe, expect, test } from "vitest";
import { batchEventsMax } from "../limits.ts";
import type { OperatorLogic, Output } from "../operator.ts";
import { count } from "../operators/count.ts";
import { process } from "../operators/process.ts";
import type { Pieces } from "../pieces.ts";
import { CellDriver, mapping, stage } from "./fixtures/cell-driver.ts";
import { signalKind } from "./stream-signal.ts";

const retention = "until-acknowledged" as const;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

/** Hands events on, and tells three results in as many pieces at its end, and at each watermark with its time. */
const telling = (): OperatorLogic => {
  function* tell(what: string, output: Output, then: () => void): Pieces {
    for (const piece of [1, 2, 3]) {
      output.emit(`${what} ${piece}`);
      if (piece < 3) yield;
    }
    then();
  }
  return {
    ...mapping((value) => value),
    onWatermark: ({ time, isIdle }, output) => tell(`at ${time}`, output, () => output.advance(time, isIdle)),
    onEnd: (output) => tell("end", output, () => undefined),
  };
};

const same = () => mapping((value) => value);
const notes = (driver: CellDriver) => driver.notes.filter(({ kind }) => kind !== "retained");
const kinds = (driver: CellDriver) => notes(driver).map(({ kind }) => kind);

/** What was sent after each turn. */
function turns(driver: CellDriver): unknown[][] {
  const seen: unknown[][] = [];
  for (let before = driver.sent.length; driver.turn(); before = driver.sent.length) {
    const sent = driver.sent.slice(before).flat();
    if (sent.length > 0) seen.push(sent);
  }
  return seen;
}

test("an operator that has given its last results is not woken behind them", async () => {
  const alarmed = (): OperatorLogic => {
    let wake = (): void => undefined;
    return {
      ...mapping((value) => value),
      open: (context) => {
        wake = () => context.wake();
      },
      onWake: (output) => output.emit("woken"),
      onEnd: (output) => {
        output.emit("end");
        // An alarm that was set goes off before the next turn.
        wake();
      },
    };
  };
  const driver = await CellDriver.begun({ stages: [stage("alarmed", alarmed)] });
  driver.giveEnd();
  driver.run();

  expect(driver.values()).toEqual(["end", "$"]);
});

describe("an operator that tells in pieces", () => {
  test("has each handed on before the next, and ends behind the last (T3)", async () => {
    const driver = await CellDriver.begun({ stages: [stage("telling", telling)] });
    driver.give([1]);
    driver.giveEnd();

    expect(turns(driver)).toEqual([
      [1, "at Infinity 1"],
      ["at Infinity 2"],
      ["at Infinity 3", "end 1"],
      ["end 2"],
      ["end 3", "$"],
    ]);
    expect(kinds(driver)).toEqual(["ended"]);
  });

  test("tells as far as there is credit (T1), and progress of each piece", async () => {
    const driver = await CellDriver.begun({ stages: [stage("telling", telling)] }, 2);
    driver.giveEnd();
    driver.run();
    expect(driver.values()).toEqual(["at Infinity 1", "at Infinity 2"]);

    driver.grant(1, 2);
    driver.run();
    driver.grant(1, 2);
    driver.run();

    expect(driver.values()).toEqual([
      "at Infinity 1",
      "at Infinity 2",
      "at Infinity 3",
      "end 1",
      "end 2",
      "end 3",
      "$",
    ]);
  });

  test("takes no event behind a watermark before it is told, and passes the watermark on behind it", async () => {
    const driver = await CellDriver.begun({ stages: [stage("telling", telling)] });
    driver.signal([signalKind.watermark, 0, 1, 0, 5, false]);
    driver.signal([signalKind.batch, 0, 1, 1, 1, { values: ["behind"], times: undefined, keys: undefined }]);
    driver.run();

    expect(driver.values()).toEqual(["at 5 1", "at 5 2", "at 5 3", "behind"]);
  });

  test.each(["counted", "aligned"] as const)(
    "has no part of it in a snapshot: a barrier waits, %s",
    async (alignment) => {
      const driver = await CellDriver.begun({ stages: [stage("telling", telling)], retention, alignment });
      driver.signal([signalKind.watermark, 0, 1, 0, 5, false]);
      driver.signal([signalKind.barrier, 0, 1, 1, 1]);
      driver.signal([signalKind.end, 0, 1, 2]);
      driver.turn();
      driver.turn();
      expect(driver.values()).toEqual(["at 5 1", "at 5 2"]);
      expect(kinds(driver)).toEqual([]);

      driver.run();

      expect(kinds(driver)).toEqual(["snapshot", "ended"]);
      expect(notes(driver)[0]).toMatchObject({ snapshot: { epoch: 1, ended: false } });
    },
  );

  test("has no part of what it does before a snapshot in it", async () => {
    const gathering = (): OperatorLogic => {
      let wake = () => undefined as void;
      return {
        ...same(),
        open: (context) => {
          wake = () => context.wake();
        },
        onBarrier: () => wake(),
        *onWake(output) {
          output.emit("before");
          yield;
          output.emit("the barrier");
        },
      };
    };
    const driver = await CellDriver.begun({ stages: [stage("gathers", gathering)], retention });
    driver.signal([signalKind.barrier, 0, 1, 0, 1]);
    for (let count = 0; driver.sent.length === 0 && count < 10; count += 1) driver.turn();
    expect([driver.values(), kinds(driver)]).toEqual([["before"], []]);

    driver.run();

    expect([driver.values(), kinds(driver)]).toEqual([["before", "the barrier"], ["snapshot"]]);
  });

  test("that ends has ended in the snapshot of a barrier that comes meanwhile", async () => {
    const driver = await CellDriver.begun({ stages: [stage("telling", telling)], retention });
    driver.giveEnd();
    for (let count = 0; count < 4; count += 1) driver.turn();
    driver.signal([signalKind.barrier, 0, 1, 1, 1]);
    driver.run();

    expect(kinds(driver)).toEqual(["ended", "snapshot"]);
    expect(notes(driver)[1]).toMatchObject({ snapshot: { epoch: 1, ended: true } });
  });

  test("holds back those before it (K1): each of a chain tells its own in its turn", async () => {
    const driver = await CellDriver.begun({
      stages: [
        stage("first", telling, { chained: true }),
        stage("between", same, { chained: true }),
        stage("second", telling),
      ],
    });
    driver.signal([signalKind.watermark, 0, 1, 0, 5, false]);
    driver.signal([signalKind.batch, 0, 1, 1, 1, { values: ["behind"], times: undefined, keys: undefined }]);
    driver.signal([signalKind.watermark, 0, 1, 2, 6, false]);
    driver.run();
    const told = (time: number) => [1, 2, 3].map((piece) => `at ${time} ${piece}`);
    expect(driver.values()).toEqual([...told(5), ...told(5), "behind", ...told(6), ...told(6)]);

    driver.sent.length = 0;
    driver.signal([signalKind.end, 0, 1, 3]);
    driver.run();

    const last = told(Number.POSITIVE_INFINITY);
    const end = ["end 1", "end 2", "end 3"];
    // The one between says once more that event time is over, and so does the end of the second one.
    expect(driver.values()).toEqual([...last, ...last, ...end, ...last, ...last, ...end, "$"]);
  });

  test("answers messages between two pieces, and is not woken", async () => {
    const called: string[] = [];
    const logic = (): OperatorLogic => {
      let wake = () => undefined as void;
      return {
        ...telling(),
        open: (context) => {
          wake = () => context.wake();
        },
        onWake: () => void called.push("woken"),
        onMessage: (message) => {
          wake();
          called.push(`asked ${message}`);
        },
      };
    };
    const driver = await CellDriver.begun({ stages: [stage("telling", logic)] });
    driver.signal([signalKind.watermark, 0, 1, 0, 5, false]);
    driver.turn();
    driver.tell("telling", "in the middle");
    driver.turn();
    expect(called).toEqual(["asked in the middle"]);

    driver.run();

    expect(called).toEqual(["asked in the middle", "woken"]);
    expect(driver.values()).toEqual(["at 5 1", "at 5 2", "at 5 3"]);
  });

  test("that fails at one goes on behind its directive, without those that follow", async () => {
    const failing = (): OperatorLogic => ({
      ...same(),
      *onEnd(output) {
        output.emit("told");
        yield;
        throw new Error("fails");
      },
    });
    const resumed = await CellDriver.begun({ stages: [stage("failing", failing, { decide: "resume" })] });
    resumed.giveEnd();
    resumed.run();
    expect(resumed.failures).toMatchObject([{ code: "ERR_ACT_OPERATOR_FAILED", directive: "resume" }]);
    resumed.resume();
    resumed.run();
    expect(resumed.values()).toEqual(["told", "$"]);

    const restarted = await CellDriver.begun({ stages: [stage("failing", failing)] });
    restarted.giveEnd();
    restarted.run();
    await restarted.restart();
    restarted.run();
    expect(restarted.values()).toEqual(["told", "told"]);
    expect(restarted.failures).toHaveLength(2);
  });
});

test("a fold that tells at the end tells each key once, in the order in which they came, a batch in a turn", async () => {
  const spec = count({ emit: "end" });
  const driver = await CellDriver.begun({ stages: [stage("count", () => spec.create())] }, 1_000_000);
  const keys = range(0, 2 * batchEventsMax + 3);
  driver.signal([signalKind.batch, 0, 1, 0, keys.length, { values: keys, times: undefined, keys }]);
  driver.signal([signalKind.end, 0, 1, 1]);
  driver.run();

  expect(driver.sent.slice(0, -1).map((batch) => (batch as unknown[]).length)).toEqual([
    batchEventsMax,
    batchEventsMax,
    3,
  ]);
  expect(driver.values()).toEqual([...keys.map((key) => ({ key, count: 1 })), "$"]);
});

test("an operator of an author's own ends by a generator", async () => {
  const spec = process<number, number>(() => {
    const kept: number[] = [];
    return {
      onEvent: (value) => void kept.push(value),
      *onEnd(context) {
        for (const value of kept) {
          context.emit(value);
          yield;
        }
      },
    };
  });
  const driver = await CellDriver.begun({ stages: [stage("keeps", () => spec.create())] });
  driver.give([1, 2, 3]);
  driver.giveEnd();

  expect(turns(driver)).toEqual([[1], [2], [3], ["$"]]);
});
