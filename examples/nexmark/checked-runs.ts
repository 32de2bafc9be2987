/** CheckedRuns: queries run once each, as jobs: how long they took, and what they have found. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ActorSystem, type Guarantee, JobFailedError } from "../../jobs/index.ts";
import { exit, fail, killProcess, type PlannedFault, runWithFaults } from "../../jobs/testing/index.ts";
import type { StreamSettings } from "./generator/event-stream.ts";
import nexmark, { type NexmarkParams, rowsSink } from "./nexmark.job.ts";
import { readPartitionedFiles } from "./partitioned-files.ts";
import { q10 } from "./queries/q10.ts";
import type { Query } from "./queries/query.ts";
import { digestOf, type RowDigest } from "./row-digest.ts";

export interface RunSettings {
  readonly stream: StreamSettings;
  /** Worker threads; 0 for the calling one. */
  readonly threads: number;
  readonly guarantee: Guarantee;
  /** How many faults strike; not on the calling thread. */
  readonly faults: number;
}

export interface CheckedRun {
  readonly digest: RowDigest;
  readonly seconds: number;
  /** Faults that have struck. */
  readonly struck: number;
}

const heapLimitMb = 4_096;

export class CheckedRuns implements AsyncDisposable {
  readonly #settings: RunSettings;
  /** For runs without faults, which have one each. */
  readonly #system: ActorSystem | undefined;

  static async start(settings: RunSettings): Promise<CheckedRuns> {
    const { threads, faults } = settings;
    return new CheckedRuns(settings, faults > 0 ? undefined : await ActorSystem.start({ threads, heapLimitMb }));
  }

  private constructor(settings: RunSettings, system: ActorSystem | undefined) {
    this.#settings = settings;
    this.#system = system;
  }

  /** @throws JobFailedError */
  async run(query: Query): Promise<CheckedRun> {
    const { stream, threads } = this.#settings;
    const folder = await mkdtemp(join(tmpdir(), "millrace-nexmark-"));
    const directory = join(folder, "bids");
    const params = { stream, queries: [query.name], parallelism: Math.max(1, threads), directory };
    try {
      const ran =
        this.#system === undefined ? await this.#runUnderFaults(params) : await this.#runCalmly(this.#system, params);
      const results = query === q10 ? await readPartitionedFiles(directory) : ran.collected(rowsSink(query.name));
      const { seconds, struck } = ran;
      return { seconds, struck, digest: digestOf(query.rowsOf(results), query.columns) };
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#system?.stop();
  }

  async #runCalmly(system: ActorSystem, params: NexmarkParams): Promise<Ran> {
    const run = await system.submit(nexmark, { params, guarantee: this.#settings.guarantee });
    await run.started;
    const startMs = performance.now();
    await run.completed;
    return { seconds: (performance.now() - startMs) / 1_000, struck: 0, collected: (sink) => run.collected(sink) };
  }

  async #runUnderFaults(params: NexmarkParams): Promise<Ran> {
    const { threads, guarantee, faults } = this.#settings;
    const run = await runWithFaults(nexmark, {
      params,
      guarantee,
      threads,
      heapLimitMb,
      epochInterval: "100ms",
      faults: faultPlan(faults, params),
      limit: "10m",
    });
    if (run.error !== undefined) throw run.error;
    if (run.status !== "completed")
      throw new JobFailedError("nexmark", new Error("the run has not ended in ten minutes"));
    return { seconds: run.elapsedMs / 1_000, struck: run.struck.length, collected: (sink) => run.collected(sink) };
  }
}

interface Ran extends Omit<CheckedRun, "digest"> {
  collected(sink: string): readonly object[];
}

/** In turns an operator throws and a thread ends, evenly spread over the events; the last fault kills the process. */
function faultPlan(count: number, { stream, parallelism = 1 }: NexmarkParams): PlannedFault[] {
  const eventsEach = stream.events / parallelism;
  return Array.from({ length: count }, (_, index) => {
    const after = Math.max(1, Math.floor((eventsEach * (index + 1)) / (count + 1)));
    const instance = index % parallelism;
    if (index === count - 1) return killProcess().at("1s");
    return (index % 2 === 0 ? fail("event-time", instance) : exit("event-time", instance)).after(after);
  });
}
