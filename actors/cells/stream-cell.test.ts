import { describe, expect, test } from "vitest";
import type { Directive } from "../../runtime/index.ts";
import { groupings } from "../groupings/grouping.ts";
import { batchEventsMax, creditFloorShare, firstSliceEvents, reservationMs } from "../limits.ts";
import type { OperatorLogic, Output } from "../operator.ts";
import { mapAsync } from "../operators/map-async.ts";
import type { SourceContext, SourceSpec } from "../source.ts";
import { fromIterable } from "../sources/from-iterable.ts";
import { firstWatermark } from "../time/watermark.ts";
import { CellDriver, mapping, stage } from "./fixtures/cell-driver.ts";
import { signalKind } from "./stream-signal.ts";

const double = () => stage("double", () => mapping((value: number) => value * 2));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

function sourceOf(
  spec: SourceSpec<unknown>,
  options: { reserve?: boolean; position?: unknown; decide?: Directive } = {},
) {
  const address = { path: "millrace://test/job/source/0", host: 0 };
  const { reserve = false, position, decide = "restart" } = options;
  const standing = { position, skipCount: 0 };
  return { name: "source", address, spec, reserve, standing, storage: undefined, epoch: 0, decide: () => decide };
}

const toOneChannel = (stageIndex: number) => [
  { stage: stageIndex, outputIndex: 0, grouping: groupings.forward, channels: [{ channel: 9, to: downAddress }] },
];
const downAddress = { path: "millrace://test/job/down/0", host: 0 };

describe("a stream cell", () => {
  test("takes nothing before the job begins, and opens its inputs then", async () => {
    const driver = new CellDriver({ stages: [double()] });
    await driver.cell.start();
    driver.open(1);
    driver.give([1]);
    driver.run();
    expect([driver.sent, driver.upward]).toEqual([[], []]);

    driver.signal([signalKind.begin]);
    driver.run();

    expect(driver.upward).toEqual([[signalKind.open, 0, 1, 0, 8_192 / creditFloorShare]]);
    expect(driver.sent).toEqual([[2]]);
  });

  test("tells at once what was lost with the receiver, whose place another one takes", async () => {
    const driver = await CellDriver.begun({ stages: [double()] });
    driver.give([1, 2, 3]);
    driver.run();

    driver.open(2);
    driver.open(3);

    expect(driver.notes).toMatchObject([{ kind: "stats", stats: { lostEvents: 3 } }]);
  });

  test("takes no input while an output lacks credit (T1), and goes on with the credit", async () => {
    const driver = await CellDriver.begun({ stages: [double()] }, 1);
    driver.give([1, 2]);
    driver.run();
    // The batch that was sent has overrun the credit, so the next one waits, and the one behind it is not taken.
    driver.give([3]);
    driver.run();
    driver.give([4]);
    driver.run();

    expect(driver.values()).toEqual([2, 4]);
    driver.signal([signalKind.stats]);
    expect(driver.notes).toMatchObject([{ stats: { operators: { double: { in: 3 } }, unsentEvents: 1 } }]);

    driver.grant(1, 2);
    driver.run();
    driver.grant(1, 1);
    driver.run();
    expect(driver.values()).toEqual([2, 4, 6, 8]);
  });

  test("sends results at once when it has nothing more to do, and fuller batches while it has (T2)", async () => {
    const driver = await CellDriver.begun({ stages: [double()] });
    for (const value of range(0, 10)) driver.give([value]);
    driver.run();
    expect(driver.sent).toEqual([range(0, 10).map((value) => value * 2)]);

    driver.give([100]);
    driver.run();
    expect(driver.sent).toHaveLength(2);
  });

  test("sends what it has about every flush interval, however busy it is", async () => {
    const slow = await CellDriver.begun({
      stages: [
        stage("slow", () =>
          mapping((value: number) => {
            slow.clock.advance(3);
            return value;
          }),
        ),
      ],
    });
    for (const value of range(0, 8)) slow.give([value]);
    slow.run();

    expect(slow.values()).toEqual(range(0, 8));
    expect(slow.sent.length).toBeGreaterThan(2);
  });

  test.each([
    [0, 20],
    [10, 5],
    [1_000, 1],
  ])(
    "lets results linger for %i ms while there is more to do, and sends them in %i batches",
    async (lingerMs, batches) => {
      const driver = await CellDriver.begun({
        lingerMs,
        stages: [
          stage("slow", () =>
            mapping((value: number) => {
              driver.clock.advance(2.5);
              return value;
            }),
          ),
        ],
      });
      for (const value of range(0, 20)) driver.give([value]);

      driver.run();

      expect(driver.values()).toEqual(range(0, 20));
      expect(driver.sent).toHaveLength(batches);
    },
  );

  test("gives a slow operator few events a turn", async () => {
    let inTurn = 0;
    const mostInTurn: number[] = [];
    const driver = await CellDriver.begun({
      stages: [
        stage("slow", () =>
          mapping((value: number) => {
            inTurn += 1;
            driver.clock.advance(1);
            return value;
          }),
        ),
      ],
    });
    driver.give(range(0, 1_000));
    do {
      inTurn = 0;
    } while (driver.turn() && mostInTurn.push(inTurn));

    expect(driver.values()).toHaveLength(1_000);
    expect(mostInTurn[0]).toBeLessThanOrEqual(firstSliceEvents);
    expect(Math.max(...mostInTurn.slice(5))).toBeLessThanOrEqual(8);
  });

  test("takes a batch of each input in turn, however much more waits on one", async () => {
    const from = { path: "millrace://test/job/up/0", host: 1 };
    const inputs = [0, 1, 2].map((channel) => ({ channel, input: 0, from, attempt: 1 }));
    const driver = await CellDriver.begun({ stages: [stage("same", () => mapping((value: string) => value))], inputs });
    const give = (channel: number, seq: number) => {
      const batch = { values: [`${channel}.${seq}`], times: undefined, keys: undefined };
      driver.signal([signalKind.batch, channel, 1, seq, 1, batch]);
    };
    for (const seq of range(0, 6)) give(0, seq);
    for (const seq of range(0, 2)) give(1, seq);
    give(2, 0);

    driver.run();

    expect(driver.values().join(" ")).toBe("0.0 1.0 2.0 0.1 1.1 0.2 0.3 0.4 0.5");
  });

  test("holds an eighth of what may be on its way while its operator is slow, all of it while it is fast", async () => {
    let eventMs = 0.001;
    const slow = stage("slow", () =>
      mapping((value: number) => {
        driver.clock.advance(eventMs);
        return value;
      }),
    );
    const creditEvents = 1_000;
    const driver = await CellDriver.begun({ stages: [slow], creditEvents }, Number.POSITIVE_INFINITY);
    let credit = creditEvents / creditFloorShare;
    // A sender that never waits: what there is credit for is there; a barrier stands behind that.
    const mostOnItsWay = (rounds: number) => {
      let most = 0;
      for (let round = 0; round < rounds; round += 1) {
        driver.give(range(0, credit));
        credit = 0;
        const seen = driver.upward.length;
        driver.run();
        for (const signal of driver.upward.slice(seen)) {
          expect(signal[0]).toBe(signalKind.credit);
          credit += signal[4] as number;
        }
        most = Math.max(most, credit);
      }
      return most;
    };

    const whileFast = mostOnItsWay(10);
    eventMs = 10;
    // What was on its way when it became slow.
    mostOnItsWay(1);
    const whileSlow = mostOnItsWay(10);

    expect([whileFast, whileSlow]).toEqual([creditEvents, creditEvents / creditFloorShare]);
  });

  test("ends behind the last results of operators that work asynchronously, and tells it after it has left (T3)", async () => {
    const calls: PromiseWithResolvers<number>[] = [];
    const spec = mapAsync((_value: number) => {
      const call = Promise.withResolvers<number>();
      calls.push(call);
      return call.promise;
    });
    const summing = stage("sum", () => new LastSum());
    const driver = await CellDriver.begun(
      { stages: [{ ...stage("ask", () => spec.create(), { chained: true }) }, summing] },
      0,
    );
    driver.give([1, 2]);
    driver.giveEnd();
    driver.run();
    expect(calls).toHaveLength(2);

    for (const call of calls) call.resolve(10);
    await driver.settle();
    expect(driver.notes).toEqual([]);
    driver.grant(1, 0);
    driver.open(2, 100);
    driver.run();

    expect(driver.sent).toEqual([[20], "$"]);
    expect(driver.notes.map(({ kind }) => kind)).toEqual(["ended"]);
  });

  test("that has ended tells the end again to a receiver that starts over, and throws away what still comes", async () => {
    const driver = await CellDriver.begun({ stages: [double()], creditEvents: 4 });
    driver.give([1]);
    driver.giveEnd();
    driver.run();
    expect(driver.sent).toEqual([[2], "$"]);

    driver.open(2);
    driver.run();
    expect(driver.sent).toEqual([[2], "$", "$"]);

    // An upstream that starts over is not kept waiting for credit.
    driver.signal([signalKind.reopen, 0, 2, 0]);
    driver.give([1, 2], 2);
    driver.run();
    expect(driver.upward.at(-1)?.slice(0, 4)).toEqual([signalKind.credit, 0, 2, 2]);
    expect(driver.sent).toHaveLength(3);
  });

  test("that is made anew as one that had ended only tells the end", async () => {
    const closes: string[] = [];
    const driver = await CellDriver.begun({ stages: [stage("sum", () => new LastSum(closes))], ended: true });
    driver.run();

    expect(driver.sent).toEqual(["$"]);
    expect(driver.notes.map(({ kind }) => kind)).toEqual(["ended"]);
    expect(closes).toEqual([]);
  });

  test("that is made anew when the first of its operators had ended lets the others give their last results", async () => {
    const [first, second]: [string[], string[]] = [[], []];
    const stages = [stage("one", () => new LastSum(first)), stage("two", () => new LastSum(second))];
    const driver = await CellDriver.begun({ stages, reopenedAt: 1 });
    driver.run();

    expect([first, second]).toEqual([[], ["end"]]);
    expect(driver.sent).toEqual([[0], "$"]);
    expect(driver.notes.map(({ kind }) => kind)).toEqual(["ended"]);
  });

  test("drained, hands on what its source has read and reads no more", async () => {
    let polls = 0;
    const endless: SourceSpec<unknown> = {
      kind: "endless",
      bounded: false,
      replayable: false,
      create: () => ({
        open: () => undefined,
        poll: (output) => {
          polls += 1;
          if (polls <= 3) output.emit(polls);
          return polls <= 3 ? "more" : "waiting";
        },
      }),
    };
    const driver = await CellDriver.begun({ stages: [double()], source: sourceOf(endless) });
    driver.run();
    driver.signal([signalKind.drain]);
    driver.run();

    expect(driver.values()).toEqual([2, 4, 6, "$"]);
    const pollsThen = polls;
    driver.woken = true;
    driver.run();
    expect(polls).toBe(pollsThen);
  });

  test("hands each event of a source without operators on once, however it is sliced", async () => {
    const driver = await CellDriver.begun({
      stages: [],
      source: sourceOf(fromIterable(range(0, 5_000)), { reserve: true }),
      outputs: toOneChannel(-1),
    });
    for (let round = 0; round < 20; round += 1) {
      driver.run();
      const reservation = driver.notes.findLast((note) => note.kind === "reserve");
      if (reservation?.kind === "reserve") driver.signal([signalKind.reserved, reservation.seq]);
    }

    expect(driver.values()).toEqual([...range(0, 5_000), "$"]);
  });

  test("stops once, closing every operator, also when one of them throws", async () => {
    const closed: string[] = [];
    const closing = (name: string, error?: Error) =>
      stage(name, () => ({
        onBatch: () => undefined,
        close: () => {
          closed.push(name);
          if (error !== undefined) throw error;
        },
      }));
    const driver = await CellDriver.begun({
      stages: [closing("a", new Error("a fails")), closing("b")],
      onStopped: () => void closed.push("cell"),
    });

    await expect(driver.cell.stop("stopped")).rejects.toThrow("a fails");
    expect(closed).toEqual(["a", "b", "cell"]);
  });

  test("tells its counters", async () => {
    const driver = await CellDriver.begun({ stages: [double()] }, 1);
    driver.give([1, 2]);
    driver.run();
    driver.signal([signalKind.stats]);

    expect(driver.notes).toEqual([
      {
        kind: "stats",
        stats: {
          operators: { double: { in: 2, out: 2, deadLetters: 0, late: 0, early: 0 } },
          waits: {},
          sizes: {},
          watermarks: { double: { ...firstWatermark, told: firstWatermark, slowest: undefined } },
          inputs: [{ channel: 0, ...firstWatermark, forMs: 0 }],
          progress: undefined,
          unsentEvents: 0,
          keys: [undefined],
          lostEvents: 0,
          wait: { kind: "none" },
          quietMs: 0,
        },
      },
    ]);
  });
});

describe("a cell that restarts in place", () => {
  test("keeps its channels and the rest of the batch", async () => {
    let made = 0;
    const driver = await CellDriver.begun({
      stages: [
        stage("fussy", () => {
          made += 1;
          return mapping((value: number) => {
            if (value === 2) throw new Error("no twos");
            return `${value} by ${made}`;
          });
        }),
      ],
    });
    driver.give([1, 2, 3]);
    driver.give([4]);
    driver.run();
    expect(driver.failures).toMatchObject([{ code: "ERR_ACT_OPERATOR_FAILED", directive: "restart" }]);

    await driver.restart();
    driver.run();

    expect(driver.values()).toEqual(["1 by 1", "3 by 2", "4 by 2"]);
    expect(driver.deadLetters).toEqual([{ to: "millrace://test/job/fussy/0", value: 2, code: "no twos" }]);
    expect(driver.upward.filter(([kind]) => kind === signalKind.open)).toHaveLength(1);
  });

  test("lets a source read on that did not fail", async () => {
    const opened: unknown[] = [];
    const once: SourceSpec<unknown> = {
      kind: "once",
      bounded: true,
      replayable: false,
      create: () => {
        let next = 0;
        return {
          open: () => void opened.push("open"),
          poll: (output) => {
            next += 1;
            output.emit(next);
            return next === 4 ? "end" : "more";
          },
        };
      },
    };
    const fussy = stage("fussy", () =>
      mapping((value: number) => {
        if (value === 2) throw new Error("no twos");
        return value;
      }),
    );
    const driver = await CellDriver.begun({ stages: [fussy], source: sourceOf(once) });
    driver.run();
    await driver.restart();
    driver.run();

    expect(opened).toEqual(["open"]);
    expect(driver.values()).toEqual([1, 3, 4, "$"]);
  });

  test("opens a source that failed again behind what was read, which still goes on", async () => {
    const positions: unknown[] = [];
    let failures = 1;
    const failing: SourceSpec<unknown> = {
      kind: "failing",
      bounded: true,
      replayable: true,
      create: () => {
        let next = 0;
        return {
          open: (_context, position) => {
            positions.push(position);
            next = (position as number | undefined) ?? 0;
          },
          poll: (output) => {
            output.emit(next);
            if (next === 2 && failures-- > 0) throw new Error("the disk is gone");
            next += 1;
            if (next === 2) return "waiting";
            return next === 5 ? "end" : "more";
          },
          position: () => next,
        };
      },
    };
    const driver = await CellDriver.begun({
      stages: [],
      source: sourceOf(failing, { reserve: true, decide: "resume" }),
      outputs: toOneChannel(-1),
    });
    const rounds = () => {
      for (let round = 0; round < 10; round += 1) {
        driver.run();
        const last = driver.notes.findLast((note) => note.kind === "reserve");
        if (last?.kind === "reserve") driver.signal([signalKind.reserved, last.seq]);
      }
    };
    rounds();
    // There is no event to give up, so what was decided to be resumed is a restart.
    expect(driver.failures[0]).toMatchObject({ code: "ERR_ACT_SOURCE_FAILED", details: { directive: "restart" } });
    await driver.restart();
    rounds();

    expect(driver.values()).toEqual([0, 1, 2, 3, 4, "$"]);
    expect(positions).toEqual([undefined, 2]);
  });

  test("keeps what a source that cannot be read twice had emitted when it failed", async () => {
    const failing: SourceSpec<unknown> = {
      kind: "failing",
      bounded: true,
      replayable: false,
      create: () => ({
        open: () => undefined,
        poll: (output) => {
          output.emit("before");
          throw new Error("gone");
        },
      }),
    };
    const driver = await CellDriver.begun({ stages: [], source: sourceOf(failing), outputs: toOneChannel(-1) });
    driver.run();
    driver.signal([signalKind.drain]);
    await driver.restart();
    driver.run();

    expect(driver.values()).toEqual(["before", "$"]);
  });

  test("fails by what its source reports between polls, also while it restarts", async () => {
    let context: SourceContext | undefined;
    const listening: SourceSpec<unknown> = {
      kind: "listening",
      bounded: false,
      replayable: false,
      create: () => ({
        open: (given) => {
          context = given;
        },
        poll: () => "waiting",
      }),
    };
    const driver = new CellDriver({ stages: [], source: sourceOf(listening), outputs: toOneChannel(-1) });
    await driver.cell.start();
    context?.fail(new Error("the port closed"));
    driver.signal([signalKind.begin]);
    driver.open(1);
    driver.run();

    expect(driver.failures).toMatchObject([{ code: "ERR_ACT_SOURCE_FAILED" }]);
  });

  test("is not failed by what a closed operator reports late; the event becomes a dead letter", async () => {
    const calls: PromiseWithResolvers<void>[] = [];
    const late = stage("late", (): OperatorLogic => {
      let report: (value: unknown) => void = () => undefined;
      return {
        open: (context) => {
          report = (value) =>
            context.failEvent(value, new Error("late"), { key: undefined, time: undefined, attempts: 1 });
        },
        onBatch: ({ values }, from, _to, output) => {
          output.begin(from);
          const call = Promise.withResolvers<void>();
          calls.push(call);
          void call.promise.then(() => report(values[from]));
        },
      };
    });
    const driver = await CellDriver.begun({ stages: [late] });
    driver.give(["event"]);
    driver.run();
    await driver.restart();
    calls[0]?.resolve();
    await driver.settle();

    expect(driver.failures).toEqual([]);
    expect(driver.deadLetters).toMatchObject([{ value: "event", code: "late" }]);
  });

  test("asks an operator for its last results again only when it failed at them", async () => {
    let failures = 1;
    const ends: string[] = [];
    const ending = (name: string, fails: boolean, chained: boolean) =>
      stage(
        name,
        () => ({
          ...mapping((value) => value),
          onEnd: () => {
            ends.push(name);
            if (fails && failures-- > 0) throw new Error("not yet");
          },
        }),
        { chained },
      );
    const driver = await CellDriver.begun({ stages: [ending("first", false, true), ending("second", true, false)] });
    driver.giveEnd();
    driver.run();
    await driver.restart();
    driver.run();

    expect(ends).toEqual(["first", "second", "second"]);
    expect(driver.sent).toEqual(["$"]);
  });

  test("wakes no operator that is over, whatever alarm it had set; its sink, which may have to commit, it does", async () => {
    const contexts: { wake(): void }[] = [];
    const woken: string[] = [];
    const alarmed = (name: string) => ({
      ...mapping((value) => value),
      open: (given: { wake(): void }) => void contexts.push(given),
      onWake: (output: Output) => {
        woken.push(name);
        if (name === "operator") output.advance(5, true);
      },
    });
    const driver = await CellDriver.begun({
      stages: [
        stage("operator", () => alarmed("operator"), { chained: true }),
        { ...stage("sink", () => alarmed("sink")), spec: { kind: "sink", outputs: [], create: () => alarmed("sink") } },
      ],
      outputs: toOneChannel(0),
    });
    driver.giveEnd();
    driver.run();

    for (const context of contexts) context.wake();
    driver.run();

    expect(woken).toEqual(["sink"]);
    expect([driver.failures, driver.sent]).toEqual([[], ["$"]]);
  });

  test("goes on with what was held back when a failure between events is resumed", async () => {
    let context: { wake(): void } | undefined;
    let failures = 1;
    const speaking = stage(
      "speaking",
      () => ({ ...mapping((value) => value), onMessage: (message, output) => output.emit(message) }),
      { chained: true },
    );
    const throwing = stage(
      "throwing",
      (): OperatorLogic => ({
        ...mapping((value) => value),
        open: (given) => {
          context = given;
        },
        onWake: () => {
          if (failures-- > 0) throw new Error("once");
        },
      }),
      { decide: "resume" },
    );
    const driver = await CellDriver.begun({ stages: [speaking, throwing] });
    driver.tell("speaking", "held back");
    context?.wake();
    driver.run();
    expect(driver.failures).toMatchObject([{ directive: "resume" }]);
    expect(driver.values()).toEqual([]);

    driver.resume();
    driver.run();

    expect(driver.values()).toEqual(["held back"]);
  });
});

describe("a message to an operator", () => {
  const echo = (name: string, options: { chained?: boolean } = {}) =>
    stage(
      name,
      () => ({
        ...mapping((value) => value),
        onMessage: (message, output) => {
          output.emit(message);
          if (message === "bad") throw new Error("bad message");
          return `heard ${message}`;
        },
      }),
      options,
    );

  test("is answered between batches, and also while an output lacks credit", async () => {
    const driver = await CellDriver.begun({ stages: [echo("echo")] }, 0);
    driver.give([1]);
    driver.run();

    expect(driver.tell("echo", "hello")).toBe("heard hello");
    driver.run();
    expect(driver.values()).toEqual([]);
    driver.open(2);
    driver.run();
    expect(driver.values()).toEqual([1, "hello"]);
  });

  test("is refused by an operator that takes none, and by one that is not there", async () => {
    const driver = await CellDriver.begun({ stages: [double()] });

    for (const name of ["double", "nobody"]) {
      expect(() => driver.tell(name, "hello")).toThrow(expect.objectContaining({ code: "ERR_RT_UNHANDLED_MESSAGE" }));
    }
  });

  test("that fails leaves no results", async () => {
    const driver = await CellDriver.begun({ stages: [echo("echo")] });

    expect(() => driver.tell("echo", "bad")).toThrow("bad message");
    driver.run();
    expect(driver.values()).toEqual([]);
  });

  test("does not overtake what an operator behind it still has in hand after a failure", async () => {
    const fussy = stage("fussy", () =>
      mapping((value) => {
        if (value === 1) throw new Error("no ones");
        return value;
      }),
    );
    const driver = await CellDriver.begun({ stages: [echo("echo", { chained: true }), fussy] });
    driver.give([1, 2, 3]);
    driver.run();
    await driver.restart();
    driver.tell("echo", "hello");
    driver.run();

    expect(driver.values()).toEqual([2, 3, "hello"]);
    expect(driver.failures).toHaveLength(1);
  });

  test("after the end of the stream is answered; what it emits becomes a dead letter", async () => {
    const driver = await CellDriver.begun({ stages: [echo("echo")] });
    driver.giveEnd();
    driver.run();

    expect(driver.tell("echo", "too late")).toBe("heard too late");
    driver.run();
    expect(driver.sent).toEqual(["$"]);
    expect(driver.deadLetters).toMatchObject([{ value: "too late", code: "ERR_ACT_STREAM_ENDED" }]);
  });
});

describe("a source that reserves", () => {
  const begun = () =>
    CellDriver.begun(
      {
        stages: [],
        source: sourceOf(fromIterable(range(0, 100_000)), { reserve: true }),
        outputs: toOneChannel(-1),
      },
      1_000_000,
    );
  const reservations = (driver: CellDriver) =>
    driver.notes.filter((note) => note.kind === "reserve").filter(({ seq }) => seq >= 0);
  const handedOn = (driver: CellDriver) => driver.values().filter((value) => typeof value === "number");
  const answer = (driver: CellDriver) => {
    const { seq = 0 } = reservations(driver).at(-1) ?? {};
    driver.signal([signalKind.reserved, seq]);
    driver.run();
  };

  test("emits nothing before its reservation was noted (R1), and reads two batches ahead at most", async () => {
    const driver = await begun();
    for (let turns = 0; turns < 100; turns += 1) {
      driver.woken = true;
      driver.turn();
    }

    expect(driver.sent).toEqual([]);
    expect(reservations(driver)).toMatchObject([{ seq: 0, standing: { position: 0 } }]);

    answer(driver);
    expect(handedOn(driver)).toEqual(range(0, reservations(driver)[0]?.standing.skipCount ?? 0));
  });

  test("reserves more and more ahead, and never hands on more than was noted and answered", async () => {
    const driver = await begun();
    driver.run();
    for (let round = 0; round < 8; round += 1) {
      const answered = reservations(driver).at(-1)?.standing;
      answer(driver);
      expect(handedOn(driver)).toHaveLength((answered?.position as number) + (answered?.skipCount ?? 0));
    }

    expect(handedOn(driver)).toEqual(range(0, handedOn(driver).length));
    expect(reservations(driver).at(-1)?.unsureEvents).toBeGreaterThan(8 * batchEventsMax);
  });

  test("gives back what it did not hand on within the time that it was reserved for, and all of it at its end", async () => {
    const driver = await begun();
    driver.run();
    for (let round = 0; round < 9; round += 1) answer(driver);
    driver.signal([signalKind.pause]);
    driver.clock.advance(1);
    answer(driver);
    const count = handedOn(driver).length;
    const exact = { position: count, skipCount: 0 };
    expect(reservations(driver).at(-1)?.unsureEvents).toBeGreaterThan(batchEventsMax);
    driver.clock.advance(reservationMs);
    answer(driver);
    driver.clock.advance(reservationMs);

    expect(reservations(driver).at(-1)).toMatchObject({ standing: exact, unsureEvents: 0 });

    driver.signal([signalKind.resume]);
    for (let round = 0; round < 100; round += 1) answer(driver);
    expect(handedOn(driver)).toEqual(range(0, 100_000));
    expect(reservations(driver).at(-1)).toMatchObject({
      standing: { position: 100_000, skipCount: 0 },
      unsureEvents: 0,
    });
  });

  test("that starts over notes again what it has read: nobody may have heard of what it noted since it failed", async () => {
    const driver = await begun();
    driver.run();
    for (let round = 0; round < 5; round += 1) answer(driver);
    driver.signal([signalKind.pause]);
    answer(driver);
    const heard = reservations(driver).length;
    driver.clock.advance(reservationMs);
    expect(reservations(driver).length).toBe(heard + 1);
    const count = handedOn(driver).length;

    await driver.restart();

    expect(reservations(driver).length).toBe(heard + 2);
    expect(reservations(driver).at(-1)).toMatchObject({ standing: { position: count, skipCount: 0 }, unsureEvents: 0 });
    driver.signal([signalKind.resume]);
    for (let round = 0; round < 100; round += 1) answer(driver);
    expect(handedOn(driver)).toEqual(range(0, 100_000));
  });

  test("whoever comes after it goes on behind what was noted, by reading that again", async () => {
    const source = sourceOf(fromIterable(range(0, 100)), { reserve: true, position: 10 });
    const driver = await CellDriver.begun({
      stages: [],
      source: { ...source, standing: { position: 10, skipCount: 25 } },
      outputs: toOneChannel(-1),
    });
    driver.run();
    for (let round = 0; round < 5; round += 1) answer(driver);

    expect(driver.values()).toEqual([...range(35, 100), "$"]);
  });

  test("that ends before all that was noted tells how much of it there has never been", async () => {
    const source = sourceOf(fromIterable(range(0, 100)), { reserve: true, position: 10 });
    const driver = await CellDriver.begun({
      stages: [],
      source: { ...source, standing: { position: 10, skipCount: 2_500 } },
      outputs: toOneChannel(-1),
    });
    driver.run();

    expect(driver.values()).toEqual(["$"]);
    expect(driver.notes.filter(({ kind }) => kind === "absent")).toEqual([{ kind: "absent", events: 2_410 }]);
  });

  test("that is drained before all that was noted leaves the rest to the next run", async () => {
    const waiting = { kind: "waiting", bounded: true, replayable: true, create: () => new WaitingReader() };
    const source = sourceOf(waiting, { reserve: true, position: 10 });
    const driver = await CellDriver.begun({
      stages: [],
      source: { ...source, standing: { position: 10, skipCount: 2_500 } },
      outputs: toOneChannel(-1),
    });
    driver.run();
    driver.signal([signalKind.drain]);
    driver.run();

    expect(driver.values()).toEqual(["$"]);
    expect(driver.notes.filter(({ kind }) => kind === "absent")).toEqual([]);
  });
});

/** Has nothing yet. */
class WaitingReader {
  open(): void {}

  poll(): "waiting" {
    return "waiting";
  }

  position(): number {
    return 10;
  }
}

/** Adds up, and emits the sum at the end. */
class LastSum implements OperatorLogic {
  readonly #ends: string[];
  #sum = 0;

  constructor(ends: string[] = []) {
    this.#ends = ends;
  }

  onBatch(
    batch: { readonly values: readonly unknown[] },
    from: number,
    to: number,
    output: { begin(at: number): void },
  ) {
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      this.#sum += batch.values[index] as number;
    }
  }

  onEnd(output: { emit(value: unknown): void }): void {
    this.#ends.push("end");
    output.emit(this.#sum);
  }
}
