/** Light: an actor that sends messages to itself by a timer. */

import { defineActor } from "../../runtime/index.ts";

export type LightMessage = "change" | "a full round";

const colours = ["green", "amber", "red"];

export const light = defineActor("light", import.meta.url, (context) => {
  const shown: string[] = [];
  const round = Promise.withResolvers<readonly string[]>();
  // A timer has a name; one of the same name replaces it. It ends with the actor, and at each restart.
  context.every("change", "10ms", "change" satisfies LightMessage);

  return (message: LightMessage) => {
    // A promise answers the ask when it resolves. Meanwhile the actor handles other messages.
    if (message === "a full round") return round.promise;
    shown.push(colours[shown.length] as string);
    if (shown.length === colours.length) {
      context.cancel("change");
      round.resolve(shown);
    }
    return undefined;
  };
});
