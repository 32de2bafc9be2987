/** Tour: everything that actors can do, step by step. Read it beside its output in README.md. */

import type { ActorSystem } from "../../runtime/index.ts";
import { booth } from "./booth.ts";
import { gate } from "./gate.ts";
import { guard } from "./guard.ts";
import { ledger } from "./ledger.ts";
import { light } from "./light.ts";

/** Takes the tour in a running system; `print` gets its output line by line. */
export async function tour(system: ActorSystem, print: (line: string) => void): Promise<void> {
  print("1. tell and ask");
  // Host 0 is the calling thread, 1 and up are worker threads. Nothing else changes for who talks to the actor.
  const host = system.threads > 0 ? 1 : 0;
  const cash = system.spawn(ledger, "cash", { host, args: { startCents: 1000 } });
  cash.tell({ type: "add", cents: 250 });
  cash.tell({ type: "add", cents: 120 });
  // Messages of one sender arrive in order: when the ask is answered, both tells have been handled.
  print(
    `   ${cash.address.path} on host ${host} answers ${show(await cash.ask({ type: "total" }, { timeout: "1s" }))}`,
  );

  print("2. an ask has a deadline");
  print(`   ${await failure(cash.ask({ type: "never" }, { timeout: "20ms" }))}`);
  print(`   the ledger is not blocked by it: ${show(await cash.ask({ type: "total" }, { timeout: "1s" }))}`);

  print("3. become and stash");
  const barrier = system.spawn(gate, "gate");
  barrier.tell({ type: "vehicle", plate: "UL-A 1" });
  barrier.tell({ type: "vehicle", plate: "UL-B 2" });
  print(`   passed while the gate is closed: ${show(await barrier.ask({ type: "passed" }, { timeout: "1s" }))}`);
  barrier.tell({ type: "open" });
  barrier.tell({ type: "vehicle", plate: "UL-C 3" });
  print(`   passed once it is open: ${show(await barrier.ask({ type: "passed" }, { timeout: "1s" }))}`);

  print("4. supervise");
  const failures = system.on("actor-failed", ({ path, error, directive }) => {
    print(`   ${path} failed with "${error.message}": ${directive}`);
  });
  const boothRef = system.spawn(booth, "booth");
  const printer = system.actor(await boothRef.ask("where is the printer?", { timeout: "1s" }));
  print(`   ${show(await printer.ask("print", { timeout: "1s" }))}`);
  print(`   ${show(await printer.ask("print", { timeout: "1s" }))}`);
  // Who asked gets the error of the handler.
  await failure(printer.ask("jam", { timeout: "1s" }));
  print(`   its count is kept: ${show(await printer.ask("print", { timeout: "1s" }))}`);
  await failure(printer.ask("catch fire", { timeout: "1s" }));
  print(`   same address, new start: ${show(await printer.ask("print", { timeout: "1s" }))}`);
  failures();

  print("5. watch");
  const watcher = system.spawn(guard, "guard");
  await watcher.ask({ type: "watch", actor: cash.address }, { timeout: "1s" });
  await system.stopActor(cash.address);
  print(`   gone: ${await watcher.ask({ type: "who is gone?" }, { timeout: "1s" })}`);
  // Watching comes too late, and the guard hears of it all the same.
  watcher.tell({ type: "watch", actor: cash.address });
  print(`   gone: ${await watcher.ask({ type: "who is gone?" }, { timeout: "1s" })}`);

  print("6. timers");
  const lightRef = system.spawn(light, "light");
  print(`   ${show(await lightRef.ask("a full round", { timeout: "5s" }))}`);

  print("7. dead letters");
  const letter = new Promise<string>((resolve) => {
    system.deadLetters.subscribe(({ value, error }) => resolve(`${show(value)}: ${error.code}: ${error.message}`));
  });
  cash.tell({ type: "add", cents: 1 });
  print(`   ${await letter}`);
  print(`   an ask is refused at once: ${await failure(cash.ask({ type: "total" }, { timeout: "1m" }))}`);
}

function show(value: unknown): string {
  return JSON.stringify(value);
}

/** How an ask that does not succeed ends. */
async function failure(asked: Promise<unknown>): Promise<string> {
  try {
    return `unexpectedly answered with ${show(await asked)}`;
  } catch (error) {
    // An error that comes from another thread keeps its code, name and message; its class stays there.
    const { code, message } = error as { readonly code?: string; readonly message: string };
    return code === undefined ? message : `${code}: ${message}`;
  }
}
