/** Prints the board every ten minutes: `node examples/trending/main.ts`. */

import { ActorSystem, type Key, type Latest } from "../../jobs/index.ts";
import { givenArguments } from "../given-arguments.ts";
import trending, { type Place } from "./trending.job.ts";

givenArguments("node examples/trending/main.ts: prints the board every ten minutes");

const posts = 3_600;
const stepMs = 10 * 60 * 1_000;

await using system = await ActorSystem.start({ threads: 2 });
const run = await system.submit(trending, { params: { posts }, guarantee: "exactly-once" });
await run.completed;

// Places were taken and lost while counts came in; what each was at last is the board.
const places = new Map<Key, Place>();
for (const { key, row } of run.collected<Latest<Place>>("board-over-time")) {
  if (row === null) places.delete(key);
  else places.set(key, row);
}
for (const [end, board] of [...Map.groupBy(places.values(), (place) => place.end)].sort(([a], [b]) => a - b)) {
  if (end % stepMs !== 0) continue;
  const line = board
    .sort((left, right) => left.rank - right.rank)
    .map(({ rank, topic, posts: total }) => `${rank}. ${topic} (${total})`);
  console.log(`${new Date(end).toISOString().slice(11, 16)}  ${line.join("  ")}`);
}
