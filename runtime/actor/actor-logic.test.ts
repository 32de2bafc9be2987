import { expect, test } from "vitest";
import { ActorSystem } from "../system/actor-system.ts";
import { defineActor } from "./actor-definition.ts";

test("an async handler that rejects a timer's message fails its actor, which is restarted", async () => {
  const late = defineActor("late", (context) => {
    if (context.incarnation === 0) context.after("once", 0, "tick");
    return async (message: "tick" | "incarnation") => {
      if (message === "tick") throw new Error("too late");
      return context.incarnation;
    };
  });
  await using system = await ActorSystem.start();
  const restarted = Promise.withResolvers<number>();
  system.on("actor-restarted", ({ incarnation }) => restarted.resolve(incarnation));

  const actor = system.spawn(late, "late");

  expect(await restarted.promise).toBe(1);
  expect(await actor.ask("incarnation", { timeout: "5s" })).toBe(1);
});

test("an async onTerminated that rejects fails its actor", async () => {
  const target = defineActor("target", () => () => undefined);
  const mourner = defineActor("mourner", (context) => ({
    receive: (): void => context.watch({ path: "millrace://millrace/target", host: 0 }),
    onTerminated: async () => {
      throw new Error("cannot bear it");
    },
  }));
  await using system = await ActorSystem.start();
  const failed = Promise.withResolvers<string>();
  system.on("actor-failed", ({ path, error }) => failed.resolve(`${path}: ${error.message}`));
  const watched = system.spawn(target, "target");
  const watcher = system.spawn(mourner, "mourner");
  await watcher.ask(undefined as never, { timeout: "5s" });

  await system.stopActor(watched.address);

  expect(await failed.promise).toBe("millrace://millrace/mourner: cannot bear it");
});

test("an actor whose handlers are an object of a class keeps its other handlers when it becomes another", async () => {
  const events: string[] = [];
  await using system = await ActorSystem.start();
  const door = defineActor("door", (context) => {
    class Door {
      receive(message: string): string {
        context.become((next: string) => `open: ${next}`);
        return `closed: ${message}`;
      }
      onStop(): void {
        events.push("stopped");
      }
    }
    return new Door();
  });
  const actor = system.spawn(door, "door");
  expect(await actor.ask("knock", { timeout: "5s" })).toBe("closed: knock");

  expect(await actor.ask("enter", { timeout: "5s" })).toBe("open: enter");
  await system.stopActor(actor.address);

  expect(events).toEqual(["stopped"]);
});
