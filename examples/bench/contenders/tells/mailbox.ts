/** The reference of W5-tells: a mailbox by hand, an array that a microtask empties. Nothing restarts it, and nothing bounds it. */

import type { Contender } from "../../contender.ts";
import { type Tell, TellCount, timeTells } from "../../tells.ts";

export const mailbox: Contender = {
  async round(tells) {
    const count = new TellCount();
    let waiting: Tell[] = [];
    const empty = (): void => {
      const batch = waiting;
      waiting = [];
      for (const tell of batch) count.take(tell);
    };
    return timeTells(tells, {
      tell(tell) {
        if (waiting.length === 0) queueMicrotask(empty);
        waiting.push(tell);
      },
      async handled() {
        while (waiting.length > 0) await undefined;
        return count.handled();
      },
    });
  },
};
