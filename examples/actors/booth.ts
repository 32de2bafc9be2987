/** Booth: an actor with a child. The booth's definition says what becomes of the child when it fails. */

import { defineActor } from "../../runtime/index.ts";

export type TicketMessage = "print" | "jam" | "catch fire";

/** Not worth losing the state for. */
class PaperJamError extends Error {
  override readonly name = "PaperJamError";
}

const printer = defineActor("printer", import.meta.url, (context) => {
  let printed = 0;
  return (message: TicketMessage) => {
    if (message === "jam") throw new PaperJamError("paper is stuck");
    if (message === "catch fire") throw new Error("the printer burns");
    printed += 1;
    return { ticket: printed, incarnation: context.incarnation };
  };
});

export const booth = defineActor(
  "booth",
  import.meta.url,
  (context) => {
    const child = context.spawn(printer, "printer");
    // An address is plain data and may be sent to anybody; who has it can talk to the printer without the booth.
    return (_message: "where is the printer?") => child.address;
  },
  {
    supervision: {
      // The first rule that matches decides: by error class, by code, or by a predicate.
      rules: [{ when: PaperJamError, directive: "resume" }],
      otherwise: "restart",
      restarts: { max: 2, within: "1m" },
      whenSpent: "stop",
    },
  },
);
