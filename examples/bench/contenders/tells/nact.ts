/** nact 7: an actor with state, told by `dispatch`. It takes one message in each turn of the event loop, which is most of its figure. */

import { dispatch, spawn, start, stop } from "nact";
import type { Contender } from "../../contender.ts";
import { type Handled, type Tell, TellCount, timeTells } from "../../tells.ts";

interface Question {
  readonly resolve: (handled: Handled) => void;
}

export const statefulActor: Contender = {
  async round(tells) {
    const system = start();
    const actor = spawn(
      system,
      (count: TellCount = new TellCount(), message: Tell | Question) => {
        if ("resolve" in message) message.resolve(count.handled());
        else count.take(message);
        return count;
      },
      "count",
    );
    const result = await timeTells(tells, {
      tell: (tell) => dispatch(actor, tell),
      handled: () => new Promise((resolve) => dispatch(actor, { resolve })),
    });
    stop(system);
    return result;
  },
};
