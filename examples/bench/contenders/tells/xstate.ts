/** XState 5: an actor from a transition function, its lightest form. `send` handles what it is sent before it returns. */

import { createActor, fromTransition } from "xstate";
import type { Contender } from "../../contender.ts";
import { type Tell, TellCount, timeTells } from "../../tells.ts";

export const transitionActor: Contender = {
  async round(tells) {
    const count = new TellCount();
    const logic = fromTransition((state: TellCount, event: { type: "tell"; tell: Tell }) => {
      // It is told of its end as well.
      if (event.type === "tell") state.take(event.tell);
      return state;
    }, count);
    const actor = createActor(logic).start();
    const result = await timeTells(tells, {
      tell: (tell) => actor.send({ type: "tell", tell }),
      handled: () => Promise.resolve(count.handled()),
    });
    actor.stop();
    return result;
  },
};
