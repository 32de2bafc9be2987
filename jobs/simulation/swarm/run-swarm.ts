/** runSwarm: seeds one after the other, in processes of their own, until their number or the time is spent. */

import { type Clock, NodeProcessLauncher } from "../../../runtime/index.ts";
import type { Guarantee } from "../../epochs/guarantee.ts";
import { drawPlan } from "./draw-plan.ts";
import type { SeedOrder } from "./seed-worker.ts";
import { type SeedSummary, SwarmTally } from "./swarm-tally.ts";

export interface SwarmRunOptions {
  readonly first: number;
  /** At most so many seeds; none begins after `limitMs`. */
  readonly seedCount: number;
  readonly limitMs: number;
  readonly workers: number;
  readonly guarantee: Guarantee | undefined;
  /** Told after each few seeds. */
  readonly onProgress: (tally: SwarmTally) => void;
}

/**
 * Options of Node for the workers: what a seed makes is soon gone, and never copied when what is new has room; and no stacks: a
 * seed that fails is run again by the process that tells it.
 */
const workerOptions = ["--max-semi-space-size=64", "--stack-trace-limit=0"];
/** Seeds that a worker is given at a time. */
const seedsPerOrder = 10;

/** A seed that ends its process, or throws, has failed; another process goes on behind it. */
export async function runSwarm(options: SwarmRunOptions, clock: Clock): Promise<SwarmTally> {
  const { first, seedCount, limitMs, workers, guarantee, onProgress } = options;
  const tally = new SwarmTally();
  const startMs = clock.monotonicMs();
  const launcher = new NodeProcessLauncher(clock);
  process.env.NODE_OPTIONS = [process.env.NODE_OPTIONS, ...workerOptions].join(" ");
  let next = first;

  /** Undefined when no more is to be run. */
  function nextOrder(): SeedOrder | undefined {
    const count = Math.min(seedsPerOrder, first + seedCount - next);
    if (count <= 0 || clock.monotonicMs() - startMs >= limitMs) return undefined;
    const order = { first: next, count, guarantee };
    next += count;
    return order;
  }

  /** @param given what a process was given before that has ended */
  async function runWorker(given?: SeedOrder): Promise<void> {
    const order = given ?? nextOrder();
    if (order === undefined) return;
    const unfinished = await runProcess(order);
    if (unfinished === undefined) return;
    const { left, errorText } = unfinished;
    tally.add(lostSeed(left.first, guarantee, errorText));
    onProgress(tally);
    const rest = { first: left.first + 1, count: left.count - 1, guarantee };
    return runWorker(rest.count > 0 ? rest : undefined);
  }

  /** Resolves to what is left of its orders when it has ended by itself, undefined when there is nothing more to do. */
  function runProcess(firstOrder: SeedOrder): Promise<Unfinished | undefined> {
    const { promise, resolve } = Promise.withResolvers<Unfinished | undefined>();
    let errorText = "";
    let left = firstOrder;
    const worker = launcher.start(new URL("seed-worker.ts", import.meta.url).href, {
      onMessage: (message) => {
        tally.add(message as SeedSummary);
        onProgress(tally);
        left = { ...left, first: left.first + 1, count: left.count - 1 };
        if (left.count > 0) return;
        const order = nextOrder();
        if (order === undefined) return worker.kill("SIGKILL");
        left = order;
        worker.send(order);
      },
      onErrorText: (text) => {
        errorText += text;
      },
      onEnd: (end) =>
        resolve(left.count === 0 ? undefined : { left, errorText: `${JSON.stringify(end)} ${errorText}`.trim() }),
    });
    worker.send(firstOrder);
    return promise;
  }

  await Promise.all(Array.from({ length: workers }, () => runWorker()));
  return tally;
}

interface Unfinished {
  /** From the seed on that it ended at. */
  readonly left: SeedOrder;
  readonly errorText: string;
}

function lostSeed(seed: number, guarantee: Guarantee | undefined, errorText: string): SeedSummary {
  return {
    seed,
    guarantee: guarantee ?? drawPlan(seed).guarantee,
    violations: [{ invariant: "assertion", message: `its process has ended: ${errorText}` }],
    ...{ faultCount: 0, events: 0, struck: new Map(), recovered: new Map() },
  };
}
