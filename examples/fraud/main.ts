/** Looks for stolen cards in a week of payments: `node examples/fraud/main.ts`. */

import { ActorSystem } from "../../jobs/index.ts";
import { givenArguments } from "../given-arguments.ts";
import fraud, { type Alarm } from "./fraud.job.ts";
import { bankOf } from "./payments.ts";

givenArguments("node examples/fraud/main.ts: looks for stolen cards in a week of payments");

const days = 7;
const { payments, stolen } = bankOf(days);

await using system = await ActorSystem.start({ threads: 2 });
const run = await system.submit(fraud, { params: { days }, guarantee: "exactly-once", epochInterval: "50ms" });
const report = await run.completed;

const alarms = run.collected<Alarm>("alarms");
for (const { card, cents, at } of alarms.slice(0, 3)) {
  console.log(`${new Date(at ?? 0).toISOString()} ${card}: ${(cents / 100).toFixed(2)} euros in three payments`);
}
const wanted = new Set(stolen);
const found = alarms.filter(({ card }) => wanted.has(card)).length;
console.log(`${report.status}: ${payments.length} payments, ${run.collected("late").length} of them late`);
console.log(`${found} of ${stolen.length} stolen cards found, ${alarms.length - found} alarms for nothing`);
console.log(`${run.collected("harmless").length} cards that only looked like it`);
console.log(`${run.collected("much-spent").length} hours in which more than 500 euros went from one card`);
