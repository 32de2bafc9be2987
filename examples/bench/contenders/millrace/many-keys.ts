/**
 * millrace on W10: events counted per key, on the calling thread. Each key has come once before the clock starts, so what is measured
 * are updates of a state that has its size; and the last event, not what is told of the keys behind it, stops the clock.
 */

import type { ActorSystem } from "../../../../jobs/index.ts";
import type { Contender, Taken } from "../../contender.ts";
import { watchPauses } from "../../pauses.ts";
import { startTaking } from "../../taken.ts";
import { countKeys, type Moments } from "./many-keys-job.ts";
import { systemContender } from "./system-contender.ts";

export function manyKeys(keys: number): Contender {
  return systemContender({ threads: 0 }, async (system, events) => {
    let taken = startTaking();
    let flow: Taken | undefined;
    let pauses = watchPauses();
    let longestPauseMs = 0;
    const moments: Moments = {
      filled: () => {
        pauses.stop();
        pauses = watchPauses();
        taken = startTaking();
      },
      ended: () => {
        flow = taken();
        longestPauseMs = pauses.stop();
      },
    };
    const { told, counted } = await run(system, keys, events, moments);
    return {
      ...(flow === undefined ? {} : { flow }),
      longestPauseMs,
      answer: [told === keys ? counted - keys : Number.NaN],
    };
  });
}

async function run(system: ActorSystem, keys: number, events: number, moments: Moments) {
  const seen = { told: 0, counted: 0 };
  const submitted = await system.submit(countKeys(keys, events, moments, seen), { params: undefined });
  await submitted.completed;
  return seen;
}
