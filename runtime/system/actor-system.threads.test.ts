/** The whole system on real threads. What is decided is tested without threads, see host.test.ts. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defineActor } from "../actor/actor-definition.ts";
import type { LogLevel } from "../seams/logger.ts";
import { type Fault, faulty, parent, slowMs, type Who } from "../threads/fixtures/faulty-actor.ts";
import { ActorSystem } from "./actor-system.ts";
import type { Fact, FactKind } from "./fact.ts";

const timeout = { timeout: "10s" } as const;
const hangLimitMs = 2 * slowMs;
const logger = { log: (_level: LogLevel, _message: string) => undefined };

describe("a system of two worker threads", () => {
  let system: ActorSystem;
  let nameCount = 0;

  beforeAll(async () => {
    system = await ActorSystem.start({ threads: 2, hangLimit: hangLimitMs, heapLimitMb: 64, logger });
  });
  afterAll(() => system.stop());

  function spawn(host: number) {
    nameCount += 1;
    return system.spawn(faulty, `faulty-${nameCount}`, { host });
  }

  function next<Kind extends FactKind>(
    kind: Kind,
    matches: (fact: Extract<Fact, { kind: Kind }>) => boolean = () => true,
  ) {
    return new Promise<Extract<Fact, { kind: Kind }>>((resolve) => {
      const off = system.on(kind, (fact) => {
        if (!matches(fact as Extract<Fact, { kind: Kind }>)) return;
        off();
        resolve(fact as Extract<Fact, { kind: Kind }>);
      });
    });
  }

  test("runs actors on different threads, which ask each other", async () => {
    const [one, two, main] = [1, 2, 0].map((host) => spawn(host)) as [
      ReturnType<typeof spawn>,
      ReturnType<typeof spawn>,
      ReturnType<typeof spawn>,
    ];

    const whos = (await Promise.all([one, two, main].map((actor) => actor.ask("who", timeout)))) as Who[];
    expect(whos.map(({ host }) => host)).toEqual([1, 2, 0]);
    expect(new Set(whos.map(({ threadId }) => threadId)).size).toBe(3);
    expect(await one.ask({ ask: two.address }, timeout)).toEqual(whos[1]);
    expect(await two.ask({ ask: main.address }, timeout)).toEqual(whos[2]);
  });

  test.each<[Fault, string]>([
    ["exit with code 0", "ERR_RT_THREAD_EXIT"],
    ["exit with code 7", "ERR_RT_THREAD_EXIT"],
    ["throw in a timer", "ERR_RT_THREAD_FAILURE"],
    ["fill the heap", "ERR_RT_HEAP_LIMIT"],
    ["block for ever", "ERR_RT_THREAD_HANG"],
  ])("replaces a thread that an actor makes %s, and the actor answers again", async (fault, code) => {
    const [actor, neighbour] = [spawn(1), spawn(2)];
    const before = (await actor.ask("who", timeout)) as Who;
    const neighbourBefore = await neighbour.ask("who", timeout);
    const lost = next("host-lost");
    const restarted = next("actor-restarted", ({ path }) => path === actor.address.path);
    actor.tell({ fault });
    expect(await lost).toMatchObject({ host: 1, error: { code } });
    await restarted;

    const after = (await actor.ask("who", timeout)) as Who;
    expect(after.host).toBe(1);
    expect(after.incarnation).toBeGreaterThan(before.incarnation);
    expect(after.threadId).not.toBe(before.threadId);
    expect(await neighbour.ask("who", timeout)).toEqual(neighbourBefore);
  });

  test("ends the asks to a thread that is lost at once", async () => {
    const actor = spawn(1);
    await actor.ask("who", timeout);

    const answer = actor.ask({ fault: "exit with code 7" }, { timeout: "1h" });

    await expect(answer).rejects.toMatchObject({ code: "ERR_RT_HOST_LOST" });
    expect(await actor.ask("who", timeout)).toMatchObject({ incarnation: 1 });
  });

  test("starts the children of an actor afresh when both are lost with their thread, and tells who watches them", async () => {
    const mother = system.spawn(parent, "mother", { host: 1 });
    const child = await mother.ask("child", timeout);
    const ended = Promise.withResolvers<string>();
    const watcher = defineActor("watcher", (context) => ({
      receive: (_message: "watch"): void => context.watch(child),
      onTerminated: (path, reason) => ended.resolve(`${path} ${reason}`),
    }));
    await system.spawn(watcher, "watcher").ask("watch", timeout);
    expect(system.find(child.path)).toEqual(child);

    system.actor(child).tell({ fault: "exit with code 7" });

    expect(await ended.promise).toBe(`${child.path} host lost`);
    expect(await mother.ask("child", timeout)).toEqual(child);
    expect(await system.actor(child).ask("who", timeout)).toMatchObject({ incarnation: 0 });
  });

  test("replaces neither the thread of a slow actor nor any while the main thread is busy", async () => {
    const actor = spawn(1);
    const before = await actor.ask("who", timeout);
    const lost: number[] = [];
    const off = system.on("host-lost", ({ host }) => void lost.push(host));

    await actor.ask({ fault: "be slow" }, timeout);
    const untilMs = performance.now() + 2 * hangLimitMs;
    while (performance.now() < untilMs);
    await actor.ask({ fault: "be slow" }, timeout);

    expect(await actor.ask("who", timeout)).toEqual(before);
    off();
    expect(lost).toEqual([]);
  });

  test("refuses an actor without a module on a worker thread, and args that cannot cross to it", () => {
    const inline = defineActor("inline", () => () => undefined);
    const withArgs = defineActor("args", import.meta.url, (_context, _args: unknown) => () => undefined);

    expect(() => system.spawn(inline, "inline", { host: 1 })).toThrow(
      expect.objectContaining({ code: "ERR_RT_ACTOR_MODULE" }),
    );
    expect(() => system.spawn(withArgs, "args", { host: 1, args: { list: [() => 1] } })).toThrow(
      expect.objectContaining({ code: "ERR_RT_NOT_PLAIN_DATA", message: expect.stringMatching(/^args\.list\[0\]: /) }),
    );
  });

  test("stops an actor whose module does not export it, with an error that says so", async () => {
    const hidden = defineActor(
      "hidden",
      import.meta.url.replace("actor-system.threads.test.ts", "fact-bus.ts"),
      () => () => 1,
    );
    const stopped = next("actor-stopped", ({ path }) => path.endsWith("/hidden"));
    const failed = next("actor-failed", ({ path }) => path.endsWith("/hidden"));
    const actor = system.spawn(hidden, "hidden", { host: 1 });

    expect(await failed).toMatchObject({ error: { code: "ERR_RT_ACTOR_MODULE" } });
    void system.stopActor(actor.address);
    await stopped;
  });
});

describe("a program", () => {
  const program = fileURLToPath(new URL("../threads/fixtures/uses-a-system.ts", import.meta.url));

  function run(mode: string): Promise<{ code: number; output: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, [program, mode], { timeout: 20_000 }, (error, stdout) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), output: stdout }),
      );
    });
  }

  test.each(["stop", "lose a thread"])("that stops its system ends by itself with code 0 (%s)", async (mode) => {
    expect(await run(mode)).toEqual({ code: 0, output: "stopped after host 1\n" });
  });

  test("that fails while its system runs ends with a code that says so", async () => {
    expect(await run("throw")).toEqual({ code: 1, output: "" });
  });
});
