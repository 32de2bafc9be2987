/**
 * drawDeaths: in one seed of three, deaths at the named points of the sources: of a thread in the middle of a barrier, a snapshot, a
 * commit or a restore, of the process in the middle of a checkpoint. Drawn from a generator of its own, so that the rest of a seed
 * is the same with and without.
 *
 * Only points that are reached in the middle of a step: whose thread it is that goes on behind a promise, the simulation does not know.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import type { SwarmFault, SwarmPlan } from "./swarm-plan.ts";

export function drawDeaths(plan: SwarmPlan): SwarmFault[] {
  const random = new SeededRandom(plan.seed ^ deathSalt);
  // Without epochs there is nothing to be in the middle of.
  if (plan.guarantee === "at-most-once" || !random.chance(1 / 3)) return [];
  const isTransactional = plan.sinks.some(({ kind }) => kind === "transactional");
  // A job that cannot be opened when its process starts has failed, and nobody starts it again.
  const mayEndProcess = !plan.faults.some(({ kind }) => kind === "open");
  const points = [
    ...(isTransactional ? sinkPoints : []),
    ...(mayEndProcess ? [...workerPoints, ...anyPoints, ...epochPoints] : workerPoints),
  ];
  return Array.from({ length: random.between(1, 2) }, () => ({
    kind: "point",
    point: random.pick(points),
    nth: random.between(1, 12),
  }));
}

const workerPoints = ["source.barrier.before"];
/** `collect` is on the first thread, so that the process dies with it. */
const anyPoints = ["operator.snapshot.behind-barrier"];
const sinkPoints = ["sink.recover.before", "sink.prepare.before", "sink.commit.before"];
const epochPoints = ["epoch.snapshot-arrived", "epoch.complete.before-durable"];
const deathSalt = 0xdead;
