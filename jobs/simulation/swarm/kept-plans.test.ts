import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { SwarmPlan } from "./swarm-plan.ts";
import { swarmSeed } from "./swarm-seed.ts";

/**
 * Found by the swarm: the opening of a channel was sent to a thread that had died, by one that heard of it too late; an
 * incarnation that could not be opened and the next one started under the same attempt; a source that had ended fell idle, and told so
 * behind its end; what a lost source had reserved was confirmed to its successor, which handed on strides before they were reserved.
 * What came again under at-least-once went another way, and was late there; a thread died while its run stopped, and those behind it
 * started once more; a source that had failed noted what it reserved, which nobody heard, and waited for the answer for ever;
 * two instances that had ended started over in turns without end, because each was sent again what the other one's senders had sent before;
 * event time overtook what an operator that had failed had in hand, and did not take yet; a source that
 * had read nothing when its epoch was complete acknowledged a position that it had never given;
 * a sender that had started once more was opened by what was meant for the one before, and its receiver took part in an epoch with that;
 * what came again another way was late at who had only one of those that had started over in front of it, and had told how far the one before had come;
 * behind an event with a value that had no place in its column, those that came out of an operator were written to columns that nobody read;
 * instances that had ended, and had started over since, did so in turns without end, each time one of them while another was not at its end again;
 * an alarm that went off between the last results of an operator and the next turn woke it behind them, and it told again what it had told;
 * a source with another parallelism acknowledged nothing any more; one that was stopped stood before what it had acknowledged;
 * a checkpoint under at-least-once had an input that started over behind what its operator had gone by, and a pattern that went on from there was given
 * events behind those that it had matched, and failed at each start.
 * And four that broke no promise: an event was late because a crash under at-most-once had made event time forget its split; what went on
 * in a process that was dead already was taken for what the next one did; an operator that takes one event of a batch in a turn was charged with those before it as well;
 * a source that started where nothing was left to read, behind one that was lost before it acknowledged, was taken for the one that had read.
 */
const plans = JSON.parse(readFileSync(new URL("kept-plans.json", import.meta.url), "utf8")) as readonly SwarmPlan[];

test("plans that failed once hold", async () => {
  for (const plan of plans) {
    const { violations } = await swarmSeed(plan.seed, { plan });

    expect(violations, `seed ${plan.seed}`).toEqual([]);
  }
});
