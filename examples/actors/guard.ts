/** Guard: an actor that hears of the end of others. */

import { type Address, defineActor } from "../../runtime/index.ts";

export type GuardMessage =
  | { readonly type: "watch"; readonly actor: Address }
  /** Answered with the next termination that the guard has not told of yet. */
  | { readonly type: "who is gone?" };

export const guard = defineActor("guard", import.meta.url, (context) => {
  const untold: string[] = [];
  let asked: PromiseWithResolvers<string> | undefined;

  return {
    receive(message: GuardMessage) {
      if (message.type === "watch") return context.watch(message.actor);
      const told = untold.shift();
      if (told !== undefined) return told;
      asked = Promise.withResolvers<string>();
      return asked.promise;
    },
    onTerminated(path: string, reason: string) {
      const termination = `${path} (${reason})`;
      if (asked === undefined) untold.push(termination);
      else asked.resolve(termination);
      asked = undefined;
    },
  };
});
