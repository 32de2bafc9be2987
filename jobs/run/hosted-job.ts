/**
 * HostedJob: what the cells of one run share on one host: the graph, built from the module and params, its plan, and the
 * services. Main's own comes from the submitted definition; a worker thread builds its own and compares the graphs.
 */

import { ServiceContainer, type Services } from "../../runtime/index.ts";
import { buildGraph, type JobDefinition } from "../define-job.ts";
import { assertSameGraph, fingerprint, type GraphFingerprint } from "../fingerprint.ts";
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import { plan } from "../planner.ts";

export class HostedJob {
  readonly graph: JobGraph;
  readonly plan: JobPlan;
  readonly #services: ServiceContainer;

  constructor(graph: JobGraph, jobPlan: JobPlan) {
    this.graph = graph;
    this.plan = jobPlan;
    this.#services = new ServiceContainer(graph.services);
  }

  /** The services of one cell; to be disposed with it. */
  cellServices(): Services & AsyncDisposable {
    return this.#services.actorScope();
  }

  async dispose(): Promise<void> {
    await this.#services.dispose();
  }
}

/** Builds the job on a worker thread. Throws ERR_JOB_GRAPH_MISMATCH when the graph is not that of main. */
export function buildHostedJob(
  definition: JobDefinition<unknown>,
  params: unknown,
  hostCount: number,
  onMain: GraphFingerprint,
  host: number,
): HostedJob {
  const graph = buildGraph(definition, params);
  assertSameGraph(graph.name, onMain, fingerprint(graph), host);
  return new HostedJob(graph, plan(graph, { hostCount }));
}
