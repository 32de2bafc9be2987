/** runSwarm: seeds one after the other, in processes of their own, until their number or the time is spent. */

import { type Clock, NodeProcessLauncher } from "../../../runtime/index.ts";
import type { Guarantee } from "../../epochs/guarantee.ts";
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

/** Rejects when a worker ends before its seeds do. */
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

  function runWorker(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let errorText = "";
    let isDone = false;
    const worker = launcher.start(new URL("seed-worker.ts", import.meta.url).href, {
      onMessage: (message) => {
        for (const summary of message as readonly SeedSummary[]) tally.add(summary);
        onProgress(tally);
        give();
      },
      onErrorText: (text) => {
        errorText += text;
      },
      onEnd: (end) => {
        if (isDone) resolve();
        else reject(new Error(`a worker of the swarm has ended: ${JSON.stringify(end)} ${errorText}`));
      },
    });
    give();
    return promise;

    function give(): void {
      const order = nextOrder();
      if (order !== undefined) return worker.send(order);
      isDone = true;
      worker.kill("SIGKILL");
    }
  }

  await Promise.all(Array.from({ length: workers }, runWorker));
  return tally;
}
