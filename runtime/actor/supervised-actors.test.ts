/** Hand-written actors, their children and what becomes of them, on the calling thread and in virtual time. */

import { describe, expect, test } from "vitest";
import type { Address } from "../address.ts";
import { VirtualSystem } from "../fixtures/virtual-system.ts";
import { actorCloseLimitMs, deadlineLookMsMax } from "../limits.ts";
import type { SupervisionOptions } from "../supervision/supervision-policy.ts";
import type { ActorContext } from "./actor-context.ts";
import { defineActor } from "./actor-definition.ts";

const timeout = { timeout: "1m" } as const;

/** Counts what it hears; "fail" throws. */
const counter = defineActor("counter", (context) => {
  let count = 0;
  return (message: string) => {
    if (message === "fail") throw new Error("told to fail");
    count += 1;
    return `${count} in ${context.incarnation}`;
  };
});

/** Starts the children a, b and c, and answers with their addresses. */
const parentOf = (supervision: SupervisionOptions) =>
  defineActor(
    "parent",
    (context) => {
      const children = ["a", "b", "c"].map((name) => context.spawn(counter, name).address);
      return (message: "children" | "fail") => {
        if (message === "fail") throw new Error("the parent fails");
        return children;
      };
    },
    { supervision },
  );

async function family(supervision: SupervisionOptions, guardian: SupervisionOptions = {}) {
  const virtual = new VirtualSystem({ supervision: guardian });
  const system = await virtual.system;
  const parent = system.spawn(parentOf(supervision), "parent");
  const asked = parent.ask("children", timeout);
  await virtual.pass();
  const children = await asked;
  const child = (index: number) => system.actor<string, string>(children[index] as Address);
  const counts = async () => {
    const answers = [0, 1, 2].map((index) => child(index).ask("count", timeout));
    return Promise.all(answers.map((answer) => virtual.outcome(answer)));
  };
  await counts();
  return { virtual, system, parent, child, counts };
}

describe("children", () => {
  test.each([
    ["one-for-one", ["2 in 0", "1 in 1", "2 in 0"]],
    ["rest-for-one", ["2 in 0", "1 in 1", "1 in 1"]],
    ["all-for-one", ["1 in 1", "1 in 1", "1 in 1"]],
  ] as const)("that fail take along whom the strategy %s says", async (strategy, expected) => {
    const { virtual, child, counts } = await family({ strategy });

    child(1).tell("fail");
    await virtual.pass();

    expect(await counts()).toEqual(expected);
  });

  test("that are restarted while they still start end up in the newest incarnation", async () => {
    const opened = Promise.withResolvers<void>();
    const slow = defineActor("slow", async (context) => {
      if (context.incarnation === 0) await opened.promise;
      return () => context.incarnation;
    });
    const parent = defineActor(
      "parent",
      (context) => {
        const failing = context.spawn(counter, "failing");
        const starting = context.spawn(slow, "starting");
        return () => [failing.address, starting.address];
      },
      { supervision: { strategy: "all-for-one" } },
    );
    const virtual = new VirtualSystem();
    const system = await virtual.system;
    const asked = system.spawn(parent, "parent").ask(undefined as never, timeout);
    await virtual.pass();
    const [failing, starting] = (await asked) as [Address, Address];

    system.actor(failing).tell("fail");
    await virtual.pass();
    opened.resolve();

    expect(await virtual.outcome(system.actor(starting).ask("incarnation", timeout))).toBe(1);
    system.actor(failing).tell("fail");
    await virtual.pass(10_000);
    expect(await virtual.outcome(system.actor(starting).ask("incarnation", timeout))).toBe(2);
  });

  test("whose restarts are spent fail their parent, which starts them afresh", async () => {
    const { virtual, child, counts } = await family({ restarts: { max: 1 } });
    for (let failures = 0; failures < 2; failures += 1) {
      child(1).tell("fail");
      await virtual.pass();
    }

    expect(await counts()).toEqual(["1 in 0", "1 in 0", "1 in 0"]);
    const told = virtual.told();
    expect(told).toContain("parent failed 0");
    expect(told.filter((text) => text.endsWith("stopped stopped"))).toEqual([
      "parent/c stopped stopped",
      "parent/b stopped stopped",
      "parent/a stopped stopped",
    ]);
    expect(told.at(-1)).not.toContain("failed");
  });

  test("whose failure goes up to the guardian of the system, which escalates too, end with their top-level actor", async () => {
    const { virtual, system, child, parent } = await family({ otherwise: "escalate" }, { otherwise: "escalate" });

    child(0).tell("fail");
    await virtual.pass();

    expect(virtual.told().slice(-4)).toEqual([
      "parent/c stopped stopped",
      "parent/b stopped stopped",
      "parent/a stopped stopped",
      "parent stopped stopped",
    ]);
    expect(system.find(parent.address.path)).toBeUndefined();
    expect(await virtual.outcome(parent.ask("children", timeout))).toMatchObject({ code: "ERR_RT_ACTOR_UNKNOWN" });
  });

  test("whose escalated failure their parent ignores are stopped, so that nobody waits for them", async () => {
    const { virtual, child, parent } = await family({ otherwise: "escalate" }, { otherwise: "resume" });
    const waiting = child(0).ask("fail", timeout);

    expect(await virtual.outcome(waiting)).toMatchObject({ message: "told to fail" });
    expect(virtual.told().at(-1)).toBe("parent/a stopped stopped");
    expect(await virtual.outcome(child(0).ask("count", timeout))).toMatchObject({ code: "ERR_RT_ACTOR_UNKNOWN" });
    expect(await virtual.outcome(parent.ask("children", timeout))).toHaveLength(3);
  });

  test("that fail while their parent is being set up fail it", async () => {
    const opened = Promise.withResolvers<void>();
    const parent = defineActor(
      "parent",
      async (context) => {
        if (context.incarnation > 0) return () => context.incarnation;
        context.spawn(counter, "child").tell("fail");
        await opened.promise;
        return () => context.incarnation;
      },
      { supervision: { otherwise: "escalate" } },
    );
    const virtual = new VirtualSystem();
    const system = await virtual.system;
    const actor = system.spawn(parent, "parent");
    await virtual.pass();
    opened.resolve();

    expect(await virtual.outcome(actor.ask(undefined as never, timeout))).toBe(1);
  });

  test("stop before their parent, the last one first, and their names are free again", async () => {
    const { virtual, system, parent } = await family({});
    const stopped = system.stopActor(parent.address);
    await virtual.pass();
    await stopped;

    expect(
      virtual
        .told()
        .slice(-4)
        .map((text) => text.split(" ")[0]),
    ).toEqual(["parent/c", "parent/b", "parent/a", "parent"]);
    system.spawn(parentOf({}), "parent");
    await virtual.pass();
    expect(virtual.told().slice(-4)).toContain("parent started 0");
  });

  test("restart at once, then after growing waits, until the wait of a stop ends it all", async () => {
    const { virtual, system, child } = await family({ backoff: { min: 100, factor: 2, jitter: 0 } });
    const restarts = () => virtual.told().filter((text) => text.startsWith("parent/a restarted"));
    const counted: number[] = [];
    for (const waitMs of [0, 99, 1, 199, 1]) {
      if (waitMs !== 1) child(0).tell("fail");
      await virtual.pass(waitMs);
      counted.push(restarts().length);
    }
    expect(counted).toEqual([1, 1, 2, 2, 3]);

    child(0).tell("fail");
    await virtual.pass();
    const stopped = system.stop();
    await virtual.pass();
    await stopped;
    expect(virtual.clock.nextDelayMs()).toBeUndefined();
  });
});

describe("timers", () => {
  /** Sets timers as told and keeps what they say. */
  const clockwork = defineActor("clockwork", (context) => {
    const heard: string[] = [];
    return (message: (context: ActorContext, heard: string[]) => unknown | string) => {
      if (typeof message === "function") return message(context, heard);
      return void heard.push(`${message} at ${context.clock.monotonicMs()}`);
    };
  });

  async function started() {
    const virtual = new VirtualSystem();
    const system = await virtual.system;
    const actor = system.spawn(clockwork, "clockwork");
    const heard: string[] = [];
    const tell = (command: (context: ActorContext) => void) => actor.tell((context) => command(context));
    const collect = async () => virtual.outcome(actor.ask((_context, list) => [...list], timeout));
    await virtual.pass();
    return { virtual, system, actor, tell, collect, heard };
  }

  test("fire once, again and again, and not after they were cancelled or replaced", async () => {
    const { virtual, tell, collect } = await started();
    tell((context) => {
      context.after("once", 30, "once");
      context.every("often", "20ms", "often");
      context.after("never", 25, "never");
      context.cancel("never");
      context.after("later", 10, "early");
      context.after("later", 50, "late");
    });
    await virtual.pass(40);
    await virtual.pass(20);
    tell((context) => context.cancel("often"));
    await virtual.pass(100);

    expect(await collect()).toEqual(["often at 20", "once at 30", "often at 40", "late at 50", "often at 60"]);
  });

  test("whose message waits in the mailbox when they are replaced do not fire for their replacement", async () => {
    const { virtual, tell, collect } = await started();
    tell((context) => context.after("timer", 10, "old"));
    await virtual.pass();
    tell((context) => {
      // The first one is due, and its message waits, when it is replaced.
      virtual.clock.advance(10);
      context.after("timer", 50, "new");
    });
    await virtual.pass(20);
    expect(await collect()).toEqual([]);

    await virtual.pass(50);
    expect(await collect()).toEqual([expect.stringMatching(/^new at /)]);
  });

  test("end with their incarnation", async () => {
    const { virtual, tell, collect } = await started();
    tell((context) => {
      context.every("often", 10, "often");
      context.after("much later", "1d", "much later");
      throw new Error("over");
    });

    await virtual.pass(100);

    expect(await collect()).toEqual([]);
    await virtual.pass(deadlineLookMsMax);
    expect(virtual.clock.nextDelayMs()).toBeUndefined();
  });

  test("and children cannot be made by what is left of an actor that has stopped", async () => {
    const { virtual, system, actor } = await started();
    const kept = actor.ask((context) => ({ context }), timeout);
    await virtual.pass();
    const { context } = (await kept) as { context: ActorContext };
    const stopped = system.stopActor(actor.address);
    await virtual.pass();
    await stopped;
    const timersBefore = virtual.clock.nextDelayMs();

    context.every("often", 1, "often");

    expect(virtual.clock.nextDelayMs()).toBe(timersBefore);
    expect(() => context.spawn(counter, "orphan")).toThrow(expect.objectContaining({ code: "ERR_RT_ACTOR_STOPPED" }));
  });

  test("repeat with an interval that is refused when it is none", async () => {
    const { virtual, actor } = await started();
    const outcome = virtual.outcome(
      actor.ask((context) => {
        try {
          context.every("bad", "soon" as never, "x");
        } catch (error) {
          return error;
        }
        return "accepted";
      }, timeout),
    );
    expect(await outcome).toMatchObject({ code: "ERR_RT_OPTION" });
  });
});

test("an actor knows who sent a message, changes its behaviour, and says who it is", async () => {
  const told: unknown[] = [];
  const receiver = defineActor("receiver", (context) => {
    const after = (message: string): void => void told.push(`${message} afterwards`);
    return (message: string): void => {
      told.push([message, context.sender?.path, context.self.path]);
      context.become(after);
    };
  });
  const virtual = new VirtualSystem();
  const system = await virtual.system;
  const to = system.spawn(receiver, "receiver").address;
  const teller = defineActor(
    "teller",
    (context) =>
      (message: string): void =>
        context.actor(to).tell(message),
  );

  system.spawn(teller, "teller").tell("hello");
  await virtual.pass();
  system.actor(to).tell("again");
  await virtual.pass();

  expect(told).toEqual([["hello", "millrace://millrace/teller", "millrace://millrace/receiver"], "again afterwards"]);
});

describe("what is refused", () => {
  test("bad and taken names, hosts that do not exist, policies that are none, and spawning on a stopped system", async () => {
    const virtual = new VirtualSystem();
    const system = await virtual.system;
    const optionError = expect.objectContaining({ code: "ERR_RT_OPTION" });
    system.spawn(counter, "taken");

    for (const name of ["", "a/b", ".hidden", "x".repeat(129), 7 as never]) {
      expect(() => system.spawn(counter, name)).toThrow(optionError);
    }
    expect(() => system.spawn(counter, "taken")).toThrow(optionError);
    expect(() => system.spawn(counter, "far", { host: 1 })).toThrow(optionError);
    expect(() => system.actor({ path: "millrace://millrace/x", host: 1 })).toThrow(optionError);
    expect(() => defineActor("a b", () => () => undefined)).toThrow(optionError);
    expect(() => defineActor("a", "file:///a.ts", "no function" as never)).toThrow(optionError);
    expect(() => defineActor("a", () => () => undefined, { supervision: { strategy: "none" as never } })).toThrow(
      optionError,
    );

    const stopped = system.stop();
    await virtual.pass();
    await stopped;
    expect(() => system.spawn(counter, "late")).toThrow(expect.objectContaining({ code: "ERR_RT_SYSTEM_STOPPED" }));
    expect(
      await virtual.outcome(system.actor({ path: "millrace://millrace/taken", host: 0 }).ask("x", timeout)),
    ).toMatchObject({
      code: "ERR_RT_HOST_STOPPED",
    });
  });

  test("a child of a taken name fails the actor that wants it", async () => {
    const twice = defineActor("twice", (context) => () => {
      context.spawn(counter, "child");
      context.spawn(counter, "child");
    });
    const virtual = new VirtualSystem();
    const system = await virtual.system;

    const answer = system.spawn(twice, "twice").ask(undefined as never, timeout);

    expect(await virtual.outcome(answer)).toMatchObject({ code: "ERR_RT_OPTION" });
  });
});

describe("closing", () => {
  const closing = (onStop: () => void | Promise<void>) =>
    defineActor("closing", () => ({ receive: (): void => undefined, onStop }));

  test("that throws or rejects is logged and stops the actor all the same", async () => {
    const onStops = [
      () => {
        throw new Error("cannot");
      },
      () => Promise.reject(new Error("cannot")),
    ];
    const virtual = new VirtualSystem();
    const system = await virtual.system;
    for (const [index, onStop] of onStops.entries()) system.spawn(closing(onStop), `closing-${index}`);
    await virtual.pass();

    const stopped = system.stop();
    await virtual.pass();
    await stopped;

    expect(virtual.logged).toEqual(Array(2).fill("an actor failed while it was closing"));
  });

  test("that never ends is given up on, so that the system stops", async () => {
    const virtual = new VirtualSystem();
    const system = await virtual.system;
    system.spawn(
      closing(() => new Promise(() => undefined)),
      "closing",
    );
    system.spawn(
      defineActor("endless", () => new Promise<never>(() => undefined)),
      "endless",
    );
    await virtual.pass();

    const stopped = system.stop();
    await virtual.pass(actorCloseLimitMs);
    await virtual.pass(actorCloseLimitMs);
    await stopped;

    expect(virtual.logged).toEqual([
      "an actor was stopped while it was starting, which does not end",
      expect.stringMatching(/^onStop of an actor has not ended/),
    ]);
  });

  test("closes what a setup opens that was under way when the stop came", async () => {
    const opened = Promise.withResolvers<void>();
    const events: string[] = [];
    const slow = defineActor("slow", async () => {
      await opened.promise;
      events.push("opened");
      return { receive: (): void => undefined, onStop: () => void events.push("closed") };
    });
    const virtual = new VirtualSystem();
    const system = await virtual.system;
    system.spawn(slow, "slow");
    await virtual.pass();

    const stopped = system.stop();
    opened.resolve();
    await virtual.pass();
    await stopped;

    expect(events).toEqual(["opened", "closed"]);
  });
});
