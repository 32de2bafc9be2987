/** JobVersions: which version of its job a simulated process runs, and in which of its lives it ran the ones before. */

import { buildGraph, type JobDefinition } from "../define-job.ts";
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import { plan } from "../planner.ts";
import type { PastVersion } from "./invariants/run-record.ts";
import type { NextVersion } from "./simulation.ts";
import { type StandIns, withStandIns } from "./stand-ins.ts";

interface JobVersion<P> {
  readonly definition: JobDefinition<P>;
  readonly graph: JobGraph;
  readonly threads: number;
}

export class JobVersions<P> {
  readonly past: PastVersion[] = [];
  readonly #params: P;
  readonly #standIns: StandIns;
  readonly #next: NextVersion[];
  #current: JobVersion<P>;
  #before: JobVersion<P> | undefined;

  /** @throws ERR_JOB_* for what is wrong with the graph of the first */
  constructor(
    definition: JobDefinition<P>,
    threads: number,
    next: readonly NextVersion[],
    params: P,
    standIns: StandIns,
  ) {
    this.#params = params;
    this.#standIns = standIns;
    this.#next = [...next];
    this.#current = this.#version(definition, threads);
  }

  get current(): JobVersion<P> {
    return this.#current;
  }

  /** What takes its place; undefined when nothing does. */
  get next(): NextVersion | undefined {
    return this.#next[0];
  }

  /** How the cells of the current one are placed. */
  get plan(): JobPlan {
    const { graph, threads } = this.#current;
    return plan(graph, { hostCount: threads });
  }

  /** The next one takes the place of the current one, which has ended. */
  moveOn(lastLife: number, lastEpoch: number): void {
    const next = this.#next.shift();
    if (next === undefined) return;
    this.past.push({ graph: this.#current.graph, plan: this.plan, lastLife, lastEpoch });
    this.#before = this.#current;
    this.#current = this.#version(next.definition as JobDefinition<P>, next.threads);
  }

  /** What is stored cannot be taken by the current one: the one before goes on, on as many threads. False where there is none. */
  takeBack(): boolean {
    if (this.#before === undefined) return false;
    this.#current = { ...this.#before, threads: this.#current.threads };
    this.#before = undefined;
    return true;
  }

  #version(given: JobDefinition<P>, threads: number): JobVersion<P> {
    // Virtual threads build the job from the definition, wherever it stands.
    const simulated = { ...given, url: given.url ?? `simulated:${given.name}` };
    const definition = withStandIns(simulated, this.#params, this.#standIns);
    return { definition, graph: buildGraph(definition, this.#params), threads };
  }
}
