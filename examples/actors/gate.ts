/** Gate: an actor that behaves differently from one message to the next, and puts aside what comes too early. */

import { defineActor } from "../../runtime/index.ts";

export type GateMessage =
  | { readonly type: "vehicle"; readonly plate: string }
  | { readonly type: "open" }
  | { readonly type: "passed" };

export const gate = defineActor("gate", import.meta.url, (context) => {
  const passed: string[] = [];

  function closed(message: GateMessage): readonly string[] | undefined {
    switch (message.type) {
      case "vehicle":
        context.stash();
        return undefined;
      case "open":
        context.become(open);
        // What was put aside comes before what waits in the mailbox, oldest first.
        context.unstashAll();
        return undefined;
      case "passed":
        return passed;
    }
  }

  function open(message: GateMessage): readonly string[] | undefined {
    if (message.type === "vehicle") passed.push(message.plate);
    return message.type === "passed" ? passed : undefined;
  }

  return closed;
});
