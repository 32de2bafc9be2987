/** The process that runs the job until it is killed. Prints the totals whenever they have changed. */

import { setTimeout as sleep } from "node:timers/promises";
import { ActorSystem } from "../../jobs/index.ts";
import { readings, type Total } from "./readings.job.ts";

export async function serve(storage: string): Promise<never> {
  const system = await ActorSystem.start({ threads: 1 });
  const run = await system.submit(readings, {
    params: { port: 0 },
    guarantee: "exactly-once",
    // So long that the process is killed before its first checkpoint: all that is left then is the log.
    epochInterval: "1h",
    storage,
  });
  await run.started;
  const totals = run.actor<"totals", readonly Total[]>("totals");
  let told = "";
  for (;;) {
    const all = await totals.ask("totals", { timeout: "10s" });
    const text = all.map(({ sensor, count, sum }) => `${sensor} ${count} readings, sum ${sum}`).join("; ");
    if (text !== told) console.log(text);
    told = text;
    await sleep(20);
  }
}
