import { describe, expect, test } from "vitest";
import { InvariantError } from "../assert.ts";
import { promisesDone } from "../fixtures/promises-done.ts";
import { RecordingCellHost } from "../fixtures/recording-cell-host.ts";
import { actorCloseLimitMs } from "../limits.ts";
import { Cell } from "./cell.ts";
import type { CellContext, CellLogic, CellSpec } from "./cell-logic.ts";
import { UnhandledMessageError } from "./delivery-error.ts";

const path = "millrace://test/cell";

/** A cell, and the logics that were made for it, newest last. */
class Harness {
  readonly host = new RecordingCellHost();
  readonly cell: Cell;
  readonly contexts: CellContext[] = [];
  readonly events: string[] = [];
  readonly spec: CellSpec;
  #askId = 0;

  constructor(
    logic: (context: CellContext, harness: Harness) => CellLogic | Promise<CellLogic>,
    mailboxMessagesMax = 100,
  ) {
    this.spec = {
      kind: "local",
      create: (context) => {
        this.contexts.push(context);
        return logic(context, this);
      },
    };
    const supervisor = { path: "millrace://test", host: 0 };
    this.cell = new Cell(this.host, { address: { path, host: 1 }, supervisor, mailboxMessagesMax });
  }

  async started(): Promise<this> {
    await this.cell.start(0, this.spec);
    this.host.run();
    return this;
  }

  get context(): CellContext {
    return this.contexts.at(-1) as CellContext;
  }

  tell(message: unknown, to = path): void {
    this.cell.deliver({ to, message, from: undefined, ask: undefined, failureCount: 0 });
  }

  ask(message: unknown): number {
    this.#askId += 1;
    const ask = { id: this.#askId, host: 2 };
    this.cell.deliver({ to: path, message, from: undefined, ask, failureCount: 0 });
    return this.#askId;
  }

  /** What an ask was answered with: all its answers, values as they are, errors by their message. */
  answersOf(askId: number): unknown[] {
    return this.host.answers
      .filter(({ id }) => id === askId)
      .map(({ outcome }) => (outcome.ok ? outcome.value : errorText(outcome.error)));
  }

  deadLetters(): unknown[] {
    return this.host.deadLetters.map(({ value, error }) => `${String(value)}: ${errorText(error)}`);
  }
}

function errorText(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  return code ?? message;
}

/** Handles texts: "boom ..." throws, everything else is answered in capitals. */
const shouting = (_context: CellContext, { events }: Harness): CellLogic => ({
  receive(message) {
    events.push(String(message));
    if (String(message).startsWith("boom")) throw new Error(String(message));
    return String(message).toUpperCase();
  },
});

describe("start", () => {
  test("holds messages and signals until the start has resolved, then handles them in order", async () => {
    const opened = Promise.withResolvers<void>();
    const harness = new Harness((context, each) => ({
      ...shouting(context, each),
      start: () => opened.promise,
      signal: (payload) => void each.events.push(`signal ${payload}`),
    }));
    harness.tell("early");
    const started = harness.cell.start(0, harness.spec);
    await promisesDone();
    harness.tell("a");
    harness.cell.deliverSignal(1);
    harness.host.run();
    expect(harness.events).toEqual([]);
    expect(harness.cell.phase).toBe("starting");

    opened.resolve();
    await started;
    harness.host.run();

    expect(harness.events).toEqual(["signal 1", "early", "a"]);
    expect(harness.host.reported()).toEqual(["started 0"]);
  });

  test.each([
    ["making the logic throws", () => Promise.reject(new Error("no logic"))],
    ["the start rejects", () => ({ receive: () => undefined, start: () => Promise.reject(new Error("no logic")) })],
  ])("reports a failure without a message in hand when %s", async (_what, logic) => {
    const harness = new Harness(logic);
    const ask = harness.ask("kept");

    await harness.cell.start(0, harness.spec);
    harness.host.run();

    expect(harness.host.reported()).toEqual(["failed 0 no logic null"]);
    expect(harness.cell.mailboxLength).toBe(1);
    expect(harness.answersOf(ask)).toEqual([]);
  });

  test("a failure that is reported while it starts counts", async () => {
    const opened = Promise.withResolvers<void>();
    const harness = new Harness(() => ({ receive: () => undefined, start: () => opened.promise }));
    const started = harness.cell.start(0, harness.spec);
    await promisesDone();

    harness.context.fail(new Error("a child failed"));
    opened.resolve();
    await started;

    expect(harness.host.reported()).toEqual(["failed 0 a child failed null"]);
  });

  test("only a created cell can be started", async () => {
    const harness = await new Harness(shouting).started();
    await harness.cell.stop();

    expect(() => harness.cell.start(1, harness.spec)).toThrow(InvariantError);
  });
});

describe("a message that fails", () => {
  async function failed(message: string) {
    const harness = await new Harness(shouting).started();
    const ask = harness.ask(message);
    harness.tell("next");
    harness.host.run();
    return { harness, ask };
  }

  test("stops the cell from handling more until its supervisor has decided", async () => {
    const { harness, ask } = await failed("boom");

    expect(harness.host.reported()).toEqual(["started 0", "failed 0 boom 1"]);
    expect(harness.events).toEqual(["boom"]);
    expect(harness.answersOf(ask)).toEqual([]);
  });

  test.each(["drop", "dead-letter"] as const)("is answered with its error by the fate %s, once", async (fate) => {
    const { harness, ask } = await failed("boom");

    harness.cell.resume(fate);
    harness.host.run();

    expect(harness.answersOf(ask)).toEqual(["boom"]);
    expect(harness.events).toEqual(["boom", "next"]);
    expect(harness.deadLetters()).toEqual(fate === "drop" ? [] : ["boom: boom"]);
  });

  test("is handled again before all others by the fate retry, and says how often it has failed", async () => {
    const { harness, ask } = await failed("boom");

    harness.cell.resume("retry");
    harness.host.run();
    harness.cell.resume("retry");
    harness.host.run();
    harness.cell.resume("drop");
    harness.host.run();

    expect(harness.host.reported().slice(1)).toEqual(["failed 0 boom 1", "failed 0 boom 2", "failed 0 boom 3"]);
    expect(harness.events).toEqual(["boom", "boom", "boom", "next"]);
    expect(harness.answersOf(ask)).toEqual(["boom"]);
  });

  test("becomes a dead letter of the address it was sent to when its actor is stopped for it", async () => {
    const harness = await new Harness(shouting).started();
    harness.tell("boom", `${path}/alias`);
    harness.host.run();

    await harness.cell.stop();

    expect(harness.host.deadLetters).toMatchObject([{ to: `${path}/alias`, value: "boom" }]);
  });

  test("is no failure of the actor when it is one that the actor does not handle", async () => {
    for (const receive of [
      () => {
        throw new UnhandledMessageError(path, "why should it");
      },
      async () => {
        throw new UnhandledMessageError(path, "why should it");
      },
    ]) {
      const harness = await new Harness(() => ({ receive })).started();
      const ask = harness.ask("odd");
      harness.tell("odd");
      harness.host.run();
      await promisesDone();

      expect(harness.answersOf(ask)).toEqual(["ERR_RT_UNHANDLED_MESSAGE"]);
      expect(harness.deadLetters()).toEqual(["odd: ERR_RT_UNHANDLED_MESSAGE"]);
      expect(harness.cell.phase).toBe("running");
    }
  });

  test("fails the actor when its promise rejects, and then has the fates of any other", async () => {
    const harness = await new Harness(() => ({
      receive: async (message) => Promise.reject(new Error(`${message}`)),
    })).started();
    const ask = harness.ask("late");
    harness.host.run();
    await promisesDone();
    expect(harness.host.reported().at(-1)).toBe("failed 0 late 1");
    expect(harness.answersOf(ask)).toEqual([]);

    await harness.cell.restart(1, "dead-letter", undefined);

    expect(harness.answersOf(ask)).toEqual(["late"]);
    expect(harness.deadLetters()).toEqual(["late: late"]);
  });

  test("is neither lost nor left unanswered when its promise rejects after another has failed the actor", async () => {
    const harness = await new Harness(() => ({
      receive: async (message) => Promise.reject(new Error(`${message}`)),
    })).started();
    harness.tell("first");
    harness.tell("second");
    const ask = harness.ask("third");
    harness.host.run();
    await promisesDone();

    expect(harness.host.reported()).toEqual(["started 0", "failed 0 first 1"]);
    expect(harness.deadLetters()).toEqual(["second: second"]);
    expect(harness.answersOf(ask)).toEqual(["third"]);
  });

  test("a timer's message whose promise rejects fails the actor without a message in hand", async () => {
    const harness = await new Harness(() => ({
      receive: () => undefined,
      receiveSystem: async () => Promise.reject(new Error("late tick")),
    })).started();

    harness.context.enqueueSystem({ kind: "timer", name: "tick" });
    harness.host.run();
    await promisesDone();

    expect(harness.host.reported()).toEqual(["started 0", "failed 0 late tick null"]);
  });
});

describe("an ask", () => {
  test("is answered with what the handler returns, resolves to, or a thenable yields", async () => {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
    const thenable = { then: (resolve: (value: string) => void) => resolve("from a thenable") };
    const harness = await new Harness(() => ({
      receive: (message) => (message === "sync" ? "now" : message === "async" ? Promise.resolve("later") : thenable),
    })).started();

    const asks = ["sync", "async", "thenable"].map((message) => harness.ask(message));
    harness.host.run();
    await promisesDone();

    expect(asks.map((ask) => harness.answersOf(ask))).toEqual([["now"], ["later"], ["from a thenable"]]);
  });

  test("is refused by a full mailbox, and by an actor that stops or has stopped", async () => {
    const harness = new Harness(shouting, 1);
    const waiting = harness.ask("waits");
    const surplus = harness.ask("too many");
    harness.tell("too many");
    expect(harness.answersOf(surplus)).toEqual(["ERR_RT_MAILBOX_FULL"]);
    expect(harness.deadLetters()).toEqual(["too many: ERR_RT_MAILBOX_FULL"]);

    const stopped = harness.cell.stop();
    const during = harness.ask("during");
    await stopped;
    const after = harness.ask("after");

    for (const ask of [waiting, during, after]) expect(harness.answersOf(ask)).toEqual(["ERR_RT_ACTOR_STOPPED"]);
  });

  test("is answered when the handler stops its own actor first", async () => {
    const harness = await new Harness((_context, each) => ({
      receive: (message) => {
        void each.cell.stop();
        if (message === "fail") throw new Error("after the stop");
        return "goodbye";
      },
    })).started();

    const answered = harness.ask("stop");
    harness.host.run();
    await harness.cell.stop();

    expect(harness.answersOf(answered)).toEqual(["goodbye"]);
  });

  test("is answered with the error of a handler that stops its own actor and throws", async () => {
    const harness = await new Harness((_context, each) => ({
      receive: () => {
        void each.cell.stop();
        throw new Error("after the stop");
      },
    })).started();

    const ask = harness.ask("stop and throw");
    harness.host.run();
    await harness.cell.stop();

    expect(harness.answersOf(ask)).toEqual(["after the stop"]);
    expect(harness.host.reported()).toEqual(["started 0", "stopped 0"]);
  });

  test("whose handler resolves after a restart or a stop is answered all the same, once", async () => {
    const gate = Promise.withResolvers<string>();
    const harness = await new Harness(() => ({ receive: () => gate.promise })).started();
    const ask = harness.ask("slow");
    harness.host.run();
    await harness.cell.restart(1, "drop", undefined);
    await harness.cell.stop();

    gate.resolve("at last");
    await promisesDone();

    expect(harness.answersOf(ask)).toEqual(["at last"]);
  });
});

describe("the stash", () => {
  /** Puts everything aside until it hears "open"; "boom" fails, also while it is put aside. */
  const gatekeeper = (context: CellContext, { events }: Harness): CellLogic => {
    let open = context.incarnation > 0;
    return {
      receive(message) {
        if (message === "open") {
          open = true;
          context.unstashAll();
          return "opened";
        }
        if (!open) {
          context.stash();
          context.stash();
          if (message === "boom") throw new Error("boom");
          return "not an answer";
        }
        events.push(String(message));
        return `done ${message}`;
      },
    };
  };

  test("keeps asks open, and gives messages back in their order and before all others", async () => {
    const harness = await new Harness(gatekeeper).started();
    const asks = ["a", "b"].map((message) => harness.ask(message));
    harness.host.run();
    expect(harness.host.answers).toEqual([]);

    harness.tell("open");
    harness.tell("c");
    harness.host.run();

    expect(harness.events).toEqual(["a", "b", "c"]);
    expect(asks.map((ask) => harness.answersOf(ask))).toEqual([["done a"], ["done b"]]);
  });

  test("goes back to the mailbox at a restart, so that the new incarnation handles it", async () => {
    const harness = await new Harness(gatekeeper).started();
    const ask = harness.ask("a");
    harness.host.run();

    await harness.cell.restart(1, "drop", undefined);
    harness.host.run();

    expect(harness.answersOf(ask)).toEqual(["done a"]);
  });

  test("is refused when the actor stops", async () => {
    const harness = await new Harness(gatekeeper).started();
    const ask = harness.ask("a");
    harness.tell("b");
    harness.host.run();

    await harness.cell.stop();

    expect(harness.answersOf(ask)).toEqual(["ERR_RT_ACTOR_STOPPED"]);
    expect(harness.deadLetters()).toEqual(["b: ERR_RT_ACTOR_STOPPED"]);
  });

  test("does not keep a message that was put aside and then failed", async () => {
    const harness = await new Harness(gatekeeper).started();
    const ask = harness.ask("boom");
    harness.host.run();

    harness.cell.resume("dead-letter");
    harness.tell("open");
    harness.host.run();

    expect(harness.answersOf(ask)).toEqual(["boom"]);
    expect(harness.events).toEqual([]);
  });

  test("refuses to stash where no message is in hand", async () => {
    const harness = await new Harness(gatekeeper).started();

    expect(() => harness.context.stash()).toThrow(expect.objectContaining({ code: "ERR_RT_NOTHING_TO_STASH" }));
  });

  test("a handler that stashes and then rejects fails its actor once", async () => {
    const harness = await new Harness((context) => ({
      receive: async (message) => {
        context.stash();
        throw new Error(String(message));
      },
    })).started();
    const ask = harness.ask("both");
    harness.host.run();
    await promisesDone();

    harness.cell.resume("drop");
    harness.context.unstashAll();
    harness.host.run();

    expect(harness.answersOf(ask)).toEqual(["both"]);
    expect(harness.host.reported()).toEqual(["started 0", "failed 0 both 1"]);
  });
});

describe("signals", () => {
  test("are held while the actor has failed, and given to it in their order when it goes on", async () => {
    const harness = await new Harness((context, each) => ({
      ...shouting(context, each),
      signal: (payload) => void each.events.push(`signal ${payload}`),
    })).started();
    harness.tell("boom");
    harness.host.run();

    harness.cell.deliverSignal(1);
    harness.cell.deliverSignal(2);
    harness.cell.resume("drop");

    expect(harness.events).toEqual(["boom", "signal 1", "signal 2"]);
  });

  test("held behind one that fails the actor again stay held", async () => {
    const harness = await new Harness((_context, { events }) => ({
      receive: () => undefined,
      signal: (payload) => {
        events.push(`signal ${payload}`);
        if (payload === "bad") throw new Error("bad signal");
      },
    })).started();
    harness.context.fail(new Error("first"));
    for (const payload of ["bad", "good"]) harness.cell.deliverSignal(payload);

    harness.cell.resume("drop");
    expect(harness.events).toEqual(["signal bad"]);
    harness.cell.resume("drop");

    expect(harness.events).toEqual(["signal bad", "signal good"]);
  });

  test("are dropped by an actor that has stopped", async () => {
    const harness = await new Harness((_context, { events }) => ({
      receive: () => undefined,
      signal: (payload) => void events.push(`signal ${payload}`),
    })).started();
    await harness.cell.stop();

    harness.cell.deliverSignal(1);

    expect(harness.events).toEqual([]);
  });
});

describe("restart", () => {
  const recording = (context: CellContext, { events }: Harness): CellLogic => ({
    start: () => void events.push(`start ${context.incarnation}`),
    receive: (message) => void events.push(`${message} ${context.incarnation}`),
    stop: (reason) => void events.push(`${reason} ${context.incarnation}`),
  });

  test("closes the old logic, makes a new one, and keeps the mailbox", async () => {
    const harness = await new Harness(recording).started();
    harness.context.fail(new Error("over"));
    harness.tell("kept");

    await harness.cell.restart(1, "drop", undefined);
    harness.host.run();

    expect(harness.events).toEqual(["start 0", "restarting 0", "start 1", "kept 1"]);
    expect(harness.host.reported()).toEqual(["started 0", "failed 0 over null", "started 1"]);
  });

  test("in place keeps the logic, also when it comes again while the first is under way", async () => {
    const gate = Promise.withResolvers<void>();
    const harness = await new Harness((_context, { events }) => ({
      receive: () => undefined,
      restart: async (incarnation) => {
        events.push(`restart ${incarnation}`);
        await gate.promise;
      },
    })).started();
    const first = harness.cell.restart(1, "drop", undefined);
    const second = harness.cell.restart(2, "drop", undefined);
    gate.resolve();
    await Promise.all([first, second]);

    expect(harness.contexts).toHaveLength(1);
    expect(harness.events.at(-1)).toBe("restart 2");
    expect(harness.host.reported()).toEqual(["started 0", "started 2"]);
  });

  test("of a cell that is still starting waits for that start, closes what it opened, and starts the next", async () => {
    const opened = Promise.withResolvers<void>();
    const harness = new Harness((context, each) => ({
      ...recording(context, each),
      start: async () => {
        if (context.incarnation === 0) await opened.promise;
        each.events.push(`start ${context.incarnation}`);
      },
    }));
    void harness.cell.start(0, harness.spec);
    await promisesDone();

    const restarted = harness.cell.restart(1, "drop", undefined);
    await promisesDone();
    expect(harness.events).toEqual([]);
    opened.resolve();
    await restarted;

    expect(harness.events).toEqual(["start 0", "restarting 0", "start 1"]);
    expect(harness.host.reported()).toEqual(["started 1"]);
    expect(harness.cell.incarnation).toBe(1);
  });

  test("that fails is reported under the new incarnation", async () => {
    const harness = await new Harness((context) => ({
      receive: () => undefined,
      start: () => (context.incarnation === 1 ? Promise.reject(new Error("not again")) : undefined),
    })).started();

    await harness.cell.restart(1, "drop", undefined);

    expect(harness.host.reported()).toEqual(["started 0", "failed 1 not again null"]);
  });

  test("never goes back to an older incarnation", async () => {
    const harness = await new Harness(recording).started();
    await harness.cell.restart(2, "drop", undefined);

    expect(() => harness.cell.restart(2, "drop", undefined)).toThrow(InvariantError);
  });

  test("ends what the old incarnation can do: its timers and failures are ignored", async () => {
    const harness = await new Harness(recording).started();
    const old = harness.context;
    await harness.cell.restart(1, "drop", undefined);

    old.fail(new Error("from the past"));
    old.enqueueSystem({ kind: "timer", name: "old" });

    expect(harness.cell.phase).toBe("running");
    expect(harness.cell.mailboxLength).toBe(0);
  });

  test("of a stopping cell does nothing", async () => {
    const harness = await new Harness(recording).started();
    const stopped = harness.cell.stop();
    await harness.cell.restart(1, "drop", undefined);
    await stopped;

    expect(harness.host.reported()).toEqual(["started 0", "stopped 0"]);
  });
});

describe("stop", () => {
  test("resolves for everybody who asked for it only when the actor has closed", async () => {
    const closed = Promise.withResolvers<void>();
    const harness = await new Harness(() => ({ receive: () => undefined, stop: () => closed.promise })).started();
    const done: string[] = [];
    void harness.cell.stop().then(() => done.push("first"));
    void harness.cell.stop().then(() => done.push("second"));
    await promisesDone();
    expect(done).toEqual([]);

    closed.resolve();
    await promisesDone();

    expect(done).toEqual(["first", "second"]);
    expect(harness.host.reported()).toEqual(["started 0", "stopped 0"]);
  });

  test("of a cell that is starting waits for the start and closes what it opened", async () => {
    const opened = Promise.withResolvers<void>();
    const harness = new Harness((_context, { events }) => ({
      receive: () => undefined,
      start: () => opened.promise.then(() => void events.push("opened")),
      stop: () => void events.push("closed"),
    }));
    void harness.cell.start(0, harness.spec);
    await promisesDone();

    const stopped = harness.cell.stop();
    await promisesDone();
    expect(harness.events).toEqual([]);
    opened.resolve();
    await stopped;

    expect(harness.events).toEqual(["opened", "closed"]);
    expect(harness.host.reported()).toEqual(["stopped 0"]);
  });

  test("gives up on a start that does not end, and closes it when it ends after all", async () => {
    const opened = Promise.withResolvers<CellLogic>();
    const harness = new Harness(() => opened.promise);
    void harness.cell.start(0, harness.spec);
    const stopped = harness.cell.stop();

    harness.host.clock.advance(actorCloseLimitMs);
    await stopped;
    opened.resolve({ receive: () => undefined, stop: () => void harness.events.push("closed") });
    await promisesDone();

    expect(harness.host.reported()).toEqual(["stopped 0"]);
    expect(harness.host.logged).toEqual(["an actor was stopped while it was starting, which does not end"]);
    expect(harness.events).toEqual(["closed"]);
  });

  test("is not held up by an error in the closing, which is logged", async () => {
    const harness = await new Harness(() => ({
      receive: () => undefined,
      stop: () => {
        throw new Error("cannot close");
      },
    })).started();

    await harness.cell.stop();

    expect(harness.host.logged).toEqual(["an actor failed while it was closing"]);
    expect(harness.host.reported()).toEqual(["started 0", "stopped 0"]);
  });

  test("of a cell that was never started hands back what waits", async () => {
    const harness = new Harness(shouting);
    harness.tell("a");

    await harness.cell.stop();

    expect(harness.deadLetters()).toEqual(["a: ERR_RT_ACTOR_STOPPED"]);
    expect(harness.host.reported()).toEqual(["stopped 0"]);
  });
});

describe("turns", () => {
  test("of its own come when it was woken and the mailbox is empty, as long as it asks for more", async () => {
    let turnsLeft = 3;
    const harness = await new Harness((context, each) => ({
      ...shouting(context, each),
      turn: () => {
        each.events.push(`turn ${turnsLeft}`);
        turnsLeft -= 1;
        return turnsLeft > 0 ? "more" : "idle";
      },
    })).started();
    expect(harness.events).toEqual(["turn 3", "turn 2", "turn 1"]);

    harness.tell("a");
    harness.context.wake();
    harness.host.run();

    expect(harness.events).toEqual(["turn 3", "turn 2", "turn 1", "a", "turn 0"]);
  });

  test("that throw fail the cell", async () => {
    const harness = await new Harness(() => ({
      receive: () => undefined,
      turn: () => {
        throw new Error("no turn");
      },
    })).started();

    expect(harness.host.reported()).toEqual(["started 0", "failed 0 no turn null"]);
  });

  test("handle system messages before user messages", async () => {
    const harness = await new Harness((context, each) => ({
      ...shouting(context, each),
      receiveSystem: ({ kind }) => void each.events.push(kind),
    })).started();
    harness.tell("a");
    harness.context.enqueueSystem({ kind: "timer", name: "t" });

    harness.host.run();

    expect(harness.events).toEqual(["timer", "a"]);
  });
});

test("a second failure while the first is being decided about counts after a resume", async () => {
  const harness = await new Harness(shouting).started();
  harness.context.fail(new Error("first"));
  harness.context.fail(new Error("second"));
  expect(harness.host.reported()).toEqual(["started 0", "failed 0 first null"]);

  harness.cell.resume("drop");

  expect(harness.host.reported().at(-1)).toBe("failed 0 second null");
  expect(harness.cell.phase).toBe("failed");
});
