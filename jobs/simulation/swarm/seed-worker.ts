/** A process that runs the seeds it is told, until it is let go: what `npm run simulate -- --workers` starts. */

import { NodeParentProcess } from "../../../runtime/index.ts";
import type { Guarantee } from "../../epochs/guarantee.ts";
import { swarmSeed } from "./swarm-seed.ts";
import { summaryOf } from "./swarm-tally.ts";

/** What it is told: seeds from `first` on. */
export interface SeedOrder {
  readonly first: number;
  readonly count: number;
  readonly guarantee: Guarantee | undefined;
}

const parent = new NodeParentProcess();
parent.onLost(() => parent.exit(0));
parent.onMessage(async (message) => {
  const { first, count, guarantee } = message as SeedOrder;
  for (let seed = first; seed < first + count; seed += 1) {
    await parent.send(summaryOf(await swarmSeed(seed, guarantee === undefined ? {} : { guarantee })));
  }
});
