/** W5 as seen by the asker: one ask after the other, each timed, the replies summed up as the answer. */

import type { RoundResult } from "../../contender.ts";

/** `ask` sends a number and resolves with the reply, which is that number plus one. */
export async function timeAsks(asks: number, ask: (value: number) => Promise<number>): Promise<RoundResult> {
  const latenciesUs = new Float64Array(asks);
  let sum = 0;
  for (let index = 0; index < asks; index++) {
    const startMs = performance.now();
    sum += await ask(index);
    latenciesUs[index] = (performance.now() - startMs) * 1000;
  }
  return { answer: [sum], latenciesUs };
}
