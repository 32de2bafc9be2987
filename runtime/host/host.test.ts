import { describe, expect, test } from "vitest";
import type { Address } from "../address.ts";
import type { CellContext, CellLogic } from "../cells/cell-logic.ts";
import { MillraceError } from "../errors/millrace-error.ts";
import { HostNetwork } from "../fixtures/host-network.ts";
import { promisesDone } from "../fixtures/promises-done.ts";
import { linkCreditMessages, linkQueueMessagesMax, mailboxMessagesDefault } from "../limits.ts";

class QuotaError extends MillraceError {
  readonly code = "ERR_TEST_QUOTA";
}

const unknown: Address = { path: "millrace://test/nobody", host: 2 };

/** Answers with what it is sent and where it lives; "fail" throws, "closure" answers what cannot cross. */
const echo = (context: CellContext): CellLogic => ({
  receive(message) {
    if (message === "fail") throw new QuotaError("too much", { cause: new RangeError("deep"), details: { limit: 3 } });
    if (message === "closure") return { list: [{ run: () => undefined }] };
    return `${message} at ${context.address.host}.${context.incarnation}`;
  },
});

/** Keeps what it hears: messages, and terminations as "path: reason". */
function listener(heard: unknown[]) {
  return (): CellLogic => ({
    receive: (message) => void heard.push(message),
    receiveSystem: (message) => {
      if (message.kind === "terminated")
        heard.push(`${message.path.slice("millrace://test/".length)}: ${message.reason}`);
    },
  });
}

async function failure(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => error as Record<string, unknown>,
  );
}

describe("messages between hosts", () => {
  test("asks are answered by actors of every host, asked from every host", async () => {
    const network = new HostNetwork(2);
    const echoes = [0, 1, 2].map((host) => network.spawn(`echo-${host}`, host, echo));
    await network.settle();

    const answers = [0, 1, 2].flatMap((from) =>
      echoes.map((to) => network.ref(to, from).ask(`from ${from}`, { timeout: 100 })),
    );
    await network.settle();

    expect(await Promise.all(answers)).toEqual(
      [0, 1, 2].flatMap((from) => [0, 1, 2].map((to) => `from ${from} at ${to}.0`)),
    );
  });

  test("arrive in the order they were sent, per pair, whatever order the links are served in", async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const heard: string[] = [];
      const network = new HostNetwork(3);
      const to = network.spawn("listener", 3, listener(heard));
      let state = seed;
      const choose = (count: number) => {
        state = (state * 48_271) % 2_147_483_647;
        return state % count;
      };
      for (let index = 0; index < 50; index += 1) {
        for (const from of [0, 1, 2]) network.ref(to, from).tell(`${from}:${index}`);
        if (index % 7 === 0) network.transport.deliver(choose);
        if (index % 5 === 0) network.clock.advance(0);
      }
      await network.settle(choose);

      for (const from of [0, 1, 2]) {
        const mine = heard.filter((text) => text.startsWith(`${from}:`));
        const sent = Array.from({ length: 50 }, (_, index) => `${from}:${index}`);
        // Those of other hosts that came before the actor was created are dead letters, never late.
        expect(sent.slice(-mine.length)).toEqual(mine);
      }
      expect(heard.length + network.deadLetters.count).toBe(150);
    }
  });

  test("what cannot cross is refused at the sender with its path, and costs no credit", async () => {
    const network = new HostNetwork(2);
    const heard: unknown[] = [];
    const far = network.ref(network.spawn("far", 2, listener(heard)));
    await network.settle();
    const refusal = { code: "ERR_RT_NOT_PLAIN_DATA", message: expect.stringMatching(/^message\.deep\[0\]\.run: /) };

    for (let index = 0; index <= linkCreditMessages; index += 1) {
      expect(() => far.tell({ deep: [{ run: () => index }] })).toThrow(expect.objectContaining(refusal));
    }
    expect(await failure(far.ask({ deep: [{ run: () => 0 }] }, { timeout: 5 }))).toMatchObject(refusal);
    far.tell("plain");
    await network.settle();

    expect(heard).toEqual(["plain"]);
  });

  test("an answer that cannot cross comes as an error that says where", async () => {
    const network = new HostNetwork(1);
    const answer = failure(network.ref(network.spawn("echo", 1, echo)).ask("closure", { timeout: 100 }));
    await network.settle();

    expect(await answer).toMatchObject({
      code: "ERR_RT_NOT_PLAIN_DATA",
      message: expect.stringMatching(/^answer\.list\[0\]\.run: /),
    });
  });

  test("an error crosses with its classes, code, details and cause", async () => {
    const network = new HostNetwork(1);
    const answer = failure(network.ref(network.spawn("echo", 1, echo)).ask("fail", { timeout: 100 }));
    await network.settle();

    const error = await answer;
    expect(error).toMatchObject({
      name: "QuotaError",
      code: "ERR_TEST_QUOTA",
      message: "too much",
      details: { limit: 3 },
    });
    expect(error.classNames).toEqual(["QuotaError", "MillraceError", "Error"]);
    expect(error.cause).toMatchObject({ name: "RangeError", message: "deep" });
  });

  test("to nobody become dead letters, and asks errors, on this host, on another, and on one that does not exist", async () => {
    const network = new HostNetwork(2);
    const nobodies = [0, 2, 3, -1, 1.5].map((host) => ({ ...unknown, host }));

    const answers = nobodies.map((to) => failure(network.ref(to).ask("ask", { timeout: 100 })));
    for (const to of nobodies) network.ref(to).tell("tell");
    await network.settle();

    for (const answer of answers) expect(await answer).toMatchObject({ code: "ERR_RT_ACTOR_UNKNOWN" });
    const letters = network.deadLetters.newest();
    expect(letters.map(({ value, error }) => `${value} ${error.code}`)).toEqual(
      Array(5).fill("tell ERR_RT_ACTOR_UNKNOWN"),
    );
  });

  test("an ask without a deadline is refused, and one that is not answered says who did not answer in which time", async () => {
    const network = new HostNetwork(1);
    const silent = network.ref(network.spawn("silent", 1, () => ({ receive: () => new Promise(() => undefined) })));

    expect(() => silent.ask("x", {} as never)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
    expect(() => silent.ask("x", undefined as never)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
    const answer = failure(silent.ask("x", { timeout: "50ms" }));
    await network.settle();
    network.clock.advance(50);

    expect(await answer).toMatchObject({
      code: "ERR_RT_ASK_TIMEOUT",
      message: "millrace://test/silent did not answer within 50 ms",
    });
  });
});

describe("a flood to one host", () => {
  test("is bounded by the credit of the link, and every message of it is handled or a dead letter", async () => {
    const messageCount = 100_000;
    const network = new HostNetwork(1);
    let handled = 0;
    const count = () => {
      handled += 1;
    };
    const sink = network.ref(network.spawn("sink", 1, () => ({ receive: () => count() })));
    await network.settle();

    for (let index = 0; index < messageCount; index += 1) sink.tell(index);
    network.clock.advance(0);
    let mostHandledAtOnce = 0;
    for (let before = 0; network.transport.deliver(() => 0); before = handled) {
      network.clock.advance(0);
      mostHandledAtOnce = Math.max(mostHandledAtOnce, handled - before);
    }
    await network.settle();

    expect(mostHandledAtOnce).toBeLessThanOrEqual(linkCreditMessages);
    expect(handled + network.deadLetters.count).toBe(messageCount);
    expect(network.deadLetters.count).toBe(0);
  });

  test("keeps no command waiting for more messages than the credit of the link lets through", async () => {
    const messageCount = 5 * linkCreditMessages;
    const network = new HostNetwork(1);
    let handled = 0;
    const handledAt = { start: Number.NaN, stop: Number.NaN };
    const sink = network.spawn("sink", 1, () => ({
      receive: () => {
        handled += 1;
      },
      stop: () => {
        handledAt.stop = handled;
      },
    }));
    await network.settle();

    for (let index = 0; index < messageCount; index += 1) network.ref(sink).tell(index);
    network.spawn("late", 1, () => {
      handledAt.start = handled;
      return { receive: () => undefined };
    });
    // One packet at a time, as far as the start: credit goes back, and more of the flood comes, all the time.
    while (Number.isNaN(handledAt.start)) {
      network.clock.advance(0);
      if (!network.transport.deliver(() => 0)) await promisesDone();
    }
    const handledBeforeStop = handled;
    const stopped = network.supervisor.stop(sink.path);
    await network.settle();
    await stopped;

    expect(handledAt.start).toBeLessThanOrEqual(linkCreditMessages);
    expect(handledAt.stop - handledBeforeStop).toBeLessThanOrEqual(2 * linkCreditMessages);
    // It was a flood: most of it was still to come.
    expect(network.deadLetters.count).toBeGreaterThan(linkCreditMessages);
    expect(handled + network.deadLetters.count).toBe(messageCount);
  });

  test("carries a command out to its end before it has the turns of what came with it", async () => {
    const log: string[] = [];
    const network = new HostNetwork(1);
    const busy = network.spawn("busy", 1, () => ({ receive: () => void log.push("handled") }));
    const other = network.spawn("other", 1, () => ({ receive: () => undefined, stop: () => void log.push("stopped") }));
    await network.settle();

    network.ref(busy).tell(1);
    const stopped = network.supervisor.stop(other.path);
    // Both leave together; what is promised when they have come is done before the event loop goes on.
    network.clock.advance(0);
    network.transport.deliver(() => 0);
    await promisesDone();
    expect(log).toEqual(["stopped"]);

    await network.settle();
    await stopped;
    expect(log).toEqual(["stopped", "handled"]);
  });

  test("that overflows the mailbox is accounted for as dead letters", async () => {
    const surplus = 7;
    const network = new HostNetwork(1);
    const never = network.spawn("never", 1, () => ({
      receive: () => undefined,
      start: () => new Promise<void>(() => undefined),
    }));
    await network.settle();

    for (let index = 0; index < mailboxMessagesDefault + surplus; index += 1) network.ref(never).tell(index);
    await network.settle();

    expect(network.deadLetters.count).toBe(surplus);
    expect(network.deadLetters.newest().at(-1)).toMatchObject({
      to: never.path,
      error: { code: "ERR_RT_MAILBOX_FULL" },
    });
  });

  test("that is being replaced waits up to the bound of the link; what is beyond is a dead letter, or refused", async () => {
    const surplus = 7;
    const network = new HostNetwork(1);
    const actor = network.spawn("actor", 1, echo);
    await network.settle();
    network.crash(1);

    for (let index = 0; index < linkQueueMessagesMax + surplus; index += 1) network.ref(actor).tell(index);
    const answer = failure(network.ref(actor).ask("one more", { timeout: 100 }));
    await network.settle();

    expect(await answer).toMatchObject({ code: "ERR_RT_LINK_FULL" });
    expect(network.deadLetters.count).toBe(surplus);
  });
});

describe("watch", () => {
  async function watching(network: HostNetwork, watched: Address, watcherHost: number) {
    const heard: string[] = [];
    const watcher = network.spawn("watcher", watcherHost, listener(heard));
    await network.settle();
    const query = { path: watched.path, host: watched.host, watcher: watcher.path, watcherHost };
    network.host(watcherHost).watch({ kind: "watch", ...query });
    return { heard, watcher, unwatch: () => network.host(watcherHost).watch({ kind: "unwatch", ...query }) };
  }

  test.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [1, 2],
  ])("from host %i of an actor on host %i tells of its end once", async (watcherHost, watchedHost) => {
    const network = new HostNetwork(2);
    const watched = network.spawn("watched", watchedHost, echo);
    const { heard } = await watching(network, watched, watcherHost);
    await network.settle();
    expect(heard).toEqual([]);

    void network.supervisor.stop(watched.path);
    await network.settle();

    expect(heard).toEqual(["watched: stopped"]);
    expect(network.directory.find(watched.path)).toBeUndefined();
  });

  test("of an actor already dead, or never there, or on no host, tells so at once", async () => {
    const network = new HostNetwork(2);
    const dead = network.spawn("dead", 1, echo);
    await network.settle();
    void network.supervisor.stop(dead.path);
    await network.settle();

    for (const watched of [dead, unknown, { ...unknown, host: 99 }]) {
      const each = new HostNetwork(2);
      const { heard } = await watching(each, watched, 1);
      await each.settle();
      expect(heard).toEqual([`${watched.path.slice("millrace://test/".length)}: unknown`]);
      expect(each.facts.filter(({ kind }) => kind === "actor-stopped")).toEqual([]);
    }
  });

  test("of an actor that is still starting waits for its end", async () => {
    const network = new HostNetwork(2);
    const slow = network.spawn("slow", 2, () => ({
      receive: () => undefined,
      start: () => new Promise<void>(() => undefined),
    }));
    const { heard } = await watching(network, slow, 1);
    await network.settle();

    expect(heard).toEqual([]);
  });

  test("that was taken back tells nothing", async () => {
    const network = new HostNetwork(2);
    const watched = network.spawn("watched", 1, echo);
    const { heard, unwatch } = await watching(network, watched, 2);
    unwatch();
    await network.settle();

    void network.supervisor.stop(watched.path);
    await network.settle();

    expect(heard).toEqual([]);
    expect(network.directory.watchCount).toBe(0);
  });

  test("by another of its addresses tells of the end of that", async () => {
    const network = new HostNetwork(2);
    const alias = "millrace://test/alias";
    const watched = network.spawn("watched", 1, echo, [alias]);
    await network.settle();
    expect(network.directory.find(alias)).toEqual({ path: alias, host: 1 });
    const { heard } = await watching(network, { path: alias, host: 1 }, 2);

    void network.supervisor.stop(watched.path);
    await network.settle();

    expect(heard).toEqual(["alias: stopped"]);
    const answer = failure(network.ref({ path: alias, host: 1 }).ask("gone?", { timeout: 5 }));
    await network.settle();
    expect(await answer).toMatchObject({ code: "ERR_RT_ACTOR_UNKNOWN" });
  });

  test("whose question went down with the host is asked again on its replacement", async () => {
    const network = new HostNetwork(2);
    const { heard } = await watching(network, { path: "millrace://test/ghost", host: 1 }, 2);
    // The question is on its way to host 1 when that dies.
    network.clock.advance(0);
    network.transport.deliver();
    network.crash(1);
    network.replace(1);
    await network.settle();

    expect(heard).toEqual(["ghost: unknown"]);
  });
});

describe("a host that is lost", () => {
  test("ends the asks to it at once, and only those", async () => {
    const network = new HostNetwork(2);
    const silent = () => ({ receive: () => new Promise(() => undefined) });
    const [lost, living] = [network.spawn("lost", 1, silent), network.spawn("living", 2, silent)];
    await network.settle();
    const ends: string[] = [];
    const fromMain = failure(network.ref(lost).ask("x", { timeout: 1_000 }));
    const fromPeer = failure(network.ref(lost, 2).ask("x", { timeout: 1_000 }));
    void failure(network.ref(living).ask("x", { timeout: 1_000 })).then(() => ends.push("living"));
    await network.settle();

    network.crash(1);

    expect(await fromMain).toMatchObject({ code: "ERR_RT_HOST_LOST", details: { host: 1 } });
    expect(await fromPeer).toMatchObject({ code: "ERR_RT_HOST_LOST" });
    expect(ends).toEqual([]);
  });

  test("gets its actors back under the same address with a raised incarnation, and what was sent meanwhile", async () => {
    const network = new HostNetwork(2);
    const actor = network.spawn("actor", 1, echo);
    await network.settle();

    network.crash(1);
    const asked = [0, 2].map((from) => network.ref(actor, from).ask("meanwhile", { timeout: 1_000 }));
    await network.settle();
    network.replace(1);
    await network.settle();

    expect(await Promise.all(asked)).toEqual(["meanwhile at 1.1", "meanwhile at 1.1"]);
    expect(network.facts.map(({ kind }) => kind)).toEqual(["actor-started", "actor-failed", "actor-restarted"]);
  });

  test("gives messages to an actor that is created after them, in order, and refuses those for nobody once it is settled", async () => {
    for (const first of [0, 1, 2, 3]) {
      const network = new HostNetwork(2);
      const heard: unknown[] = [];
      const actor = network.spawn("actor", 1, listener(heard));
      await network.settle();
      network.crash(1);
      network.replace(1);
      // Host 2 sends at once; whether its packet or host 0's commands come first depends on the order of delivery.
      for (const text of ["a", "b"]) network.ref(actor, 2).tell(text);
      network.ref({ path: unknown.path, host: 1 }, 2).tell("nobody");
      network.clock.advance(0);
      network.transport.deliver((count) => Math.min(first, count - 1));
      network.ref(actor, 2).tell("c");
      await network.settle((count) => Math.min(first, count - 1));

      expect(heard).toEqual(["a", "b", "c"]);
      expect(network.deadLetters.newest().map(({ value }) => value)).toEqual(["nobody"]);
    }
  });

  test("takes a flood during its replacement within the credit of the links", async () => {
    const network = new HostNetwork(2);
    const heard: unknown[] = [];
    const actor = network.spawn("actor", 1, listener(heard));
    await network.settle();
    network.crash(1);
    const messageCount = 3 * linkCreditMessages;
    for (let index = 0; index < messageCount; index += 1) network.ref(actor, 2).tell(index);
    network.replace(1);
    await network.settle();

    expect(heard.length + network.deadLetters.count).toBe(messageCount);
    expect(heard.findIndex((message, index) => message !== index)).toBe(-1);
  });

  test("forgets commands to the thread that died before they left", async () => {
    const network = new HostNetwork(1);
    const actor = network.spawn("actor", 1, echo);

    network.crash(1);
    network.replace(1);
    const answer = network.ref(actor).ask("after", { timeout: 100 });
    await network.settle();

    expect(await answer).toBe("after at 1.1");
  });

  test("takes no answer for its own that was meant for the thread before it", async () => {
    const network = new HostNetwork(2);
    const gate = Promise.withResolvers<string>();
    const slow = network.spawn("slow", 2, () => ({ receive: () => gate.promise }));
    const silent = network.spawn("silent", 2, () => ({ receive: () => new Promise(() => undefined) }));
    await network.settle();
    void failure(network.ref(slow, 1).ask("first", { timeout: 100 }));
    await network.settle();
    network.crash(1);
    network.replace(1);
    await network.settle();

    const answer = failure(network.ref(silent, 1).ask("second", { timeout: 100 }));
    gate.resolve("for the dead");
    await network.settle();
    network.clock.advance(100);

    expect(await answer).toMatchObject({ code: "ERR_RT_ASK_TIMEOUT" });
  });

  test("again during the backoff of its actors brings them back once", async () => {
    const network = new HostNetwork(1, { backoff: { min: 100, jitter: 0 } });
    const actor = network.spawn("actor", 1, echo);
    await network.settle();
    for (let loss = 1; loss <= 3; loss += 1) {
      network.crash(1);
      network.replace(1);
      await network.settle();
    }
    const answer = network.ref(actor).ask("x", { timeout: 5_000 });
    network.clock.advance(1_000);
    await network.settle();

    expect(await answer).toBe("x at 1.3");
    expect(network.facts.filter(({ kind }) => kind === "actor-restarted")).toHaveLength(2);
  });

  test("ends the stop of an actor on it, before and after its replacement", async () => {
    const network = new HostNetwork(1, { backoff: { min: 100 } });
    const actor = network.spawn("actor", 1, () => ({
      receive: () => undefined,
      stop: () => new Promise(() => undefined),
    }));
    await network.settle();
    let stopped = false;
    void network.supervisor.stop(actor.path).then(() => {
      stopped = true;
    });
    await network.settle();
    expect(stopped).toBe(false);

    network.crash(1);
    await network.settle();

    expect(stopped).toBe(true);
    expect(network.directory.find(actor.path)).toBeUndefined();
  });

  test("and not replaced refuses messages, ends its actors and lets them be stopped", async () => {
    const network = new HostNetwork(1);
    const actor = network.spawn("actor", 1, echo);
    await network.settle();
    network.crash(1);
    network.host(0).giveUp(1);
    network.supervisor.hostLost(1, new Error("no more threads"));

    const answer = failure(network.ref(actor).ask("x", { timeout: 5_000 }));
    network.ref(actor).tell("x");
    await network.settle();
    await network.supervisor.stopAll();

    expect(await answer).toMatchObject({ code: "ERR_RT_HOST_LOST" });
    expect(network.deadLetters.newest()).toMatchObject([{ value: "x", error: { code: "ERR_RT_HOST_LOST" } }]);
    expect(network.escalated).toMatchObject([{ code: "ERR_RT_ESCALATED", details: { child: actor.path } }]);
    expect(network.directory.find(actor.path)).toBeUndefined();
  });

  test("with all actors of an all-for-one group costs one restart of the budget", async () => {
    const network = new HostNetwork(1, { strategy: "all-for-one", restarts: { max: 1 } });
    const actors = ["a", "b", "c"].map((name) => network.spawn(name, 1, echo));
    await network.settle();

    network.crash(1);
    network.replace(1);
    const answers = actors.map((actor) => network.ref(actor).ask("x", { timeout: 100 }));
    await network.settle();

    expect(await Promise.all(answers)).toEqual(["x at 1.1", "x at 1.1", "x at 1.1"]);
    expect(network.escalated).toEqual([]);
  });
});

describe("stop of a host", () => {
  test("waits for actors that were stopping already, and refuses afterwards what is asked of it", async () => {
    const network = new HostNetwork(1);
    const closed = Promise.withResolvers<void>();
    const actor = network.spawn("actor", 0, () => ({ receive: () => undefined, stop: () => closed.promise }));
    await network.settle();
    const events: string[] = [];
    void network.supervisor.stop(actor.path).then(() => events.push("actor stopped"));
    for (const call of ["first", "second"])
      void network
        .host(0)
        .stop()
        .then(() => events.push(`${call} host stop`));
    await network.settle();
    expect(events).toEqual([]);
    closed.resolve();
    await network.settle();
    expect(events).toEqual(["actor stopped", "first host stop", "second host stop"]);

    network.ref(actor).tell("late");
    const answers = [actor, { ...actor, host: 1 }].map((to) =>
      failure(network.ref(to).ask("late", { timeout: 1_000 })),
    );
    await network.settle();

    for (const answer of answers) expect(await answer).toMatchObject({ code: "ERR_RT_HOST_STOPPED" });
    expect(network.deadLetters.newest()).toMatchObject([{ value: "late", error: { code: "ERR_RT_HOST_STOPPED" } }]);
    expect(network.clock.nextDelayMs()).toBeUndefined();
  });

  test("stops cells that are still starting, when they have started", async () => {
    const network = new HostNetwork(0);
    const opened = Promise.withResolvers<void>();
    const events: string[] = [];
    network.spawn("slow", 0, () => ({
      receive: () => undefined,
      start: () => opened.promise.then(() => void events.push("opened")),
      stop: () => void events.push("closed"),
    }));
    await network.settle();
    const stopped = network.host(0).stop();
    opened.resolve();
    await stopped;

    expect(events).toEqual(["opened", "closed"]);
  });

  test("ends what waits for an answer", async () => {
    const network = new HostNetwork(1);
    const actor = network.spawn("actor", 1, () => ({ receive: () => new Promise(() => undefined) }));
    const answer = failure(network.ref(actor).ask("x", { timeout: 1_000 }));
    await network.settle();

    await network.host(0).stop();

    expect(await answer).toMatchObject({ code: "ERR_RT_HOST_STOPPED" });
  });
});
