/** Ledger: an actor with state. Its definition names its module, so it can live on any thread. */

import { defineActor } from "../../runtime/index.ts";

export type LedgerMessage =
  | { readonly type: "add"; readonly cents: number }
  | { readonly type: "total" }
  | { readonly type: "never" };

export const ledger = defineActor("ledger", import.meta.url, (context, args: { readonly startCents: number }) => {
  // State is whatever the setup closes over. Nobody else can reach it: messages are handled one at a time.
  let totalCents = args.startCents;

  return (message: LedgerMessage) => {
    switch (message.type) {
      case "add":
        totalCents += message.cents;
        return undefined;
      case "total":
        // What a handler returns answers the ask.
        return { totalCents, host: context.self.host };
      case "never":
        return new Promise<never>(() => undefined);
    }
  };
});
