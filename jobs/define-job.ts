/**
 * JobDefinition: a job under its name, with the function that builds its graph. Closures cannot cross threads, so the
 * definition says in which module it stands: every host imports that module and builds the same graph.
 */

import { assertPlainData, checkName, OptionError } from "../runtime/index.ts";
import { BuilderError } from "./builder-error.ts";
import type { Job } from "./job-builder.ts";
import { buildWith } from "./job-builder.ts";
import type { GraphNode, JobGraph } from "./job-graph.ts";

/** Describes a job: adds its sources, operators and sinks to `job`. Must not be async, and must only look at `params`. */
export type BuildJob<P> = (job: Job, params: P) => void;

export interface JobDefinition<P> {
  readonly type: typeof definitionType;
  readonly name: string;
  /** The module that exports the definition; undefined for a job that runs on the calling thread only. */
  readonly url: string | undefined;
  readonly build: BuildJob<P>;
  /**
   * What takes the place of a node of the graph, in a simulation.
   *
   * @internal
   */
  readonly standIn?: (node: GraphNode) => GraphNode;
}

const definitionType = "millrace.job";

/**
 * Defines a job in a module of its own, to be exported from it: `export default defineJob("name", import.meta.url, ...)`.
 * The type of the params is that of the second parameter of `build`; they cross threads as plain data.
 *
 * @throws ERR_RT_OPTION when the name or the URL is not allowed
 */
export function defineJob<P = undefined>(name: string, url: string, build: BuildJob<P>): JobDefinition<P>;
/** Defines a job inline, for the calling thread only (`threads: 0`, tests, simulation). */
export function defineJob<P = undefined>(name: string, build: BuildJob<P>): JobDefinition<P>;
export function defineJob<P>(name: string, urlOrBuild: string | BuildJob<P>, build?: BuildJob<P>): JobDefinition<P> {
  const jobName = checkName("job name", name);
  if (typeof urlOrBuild === "function") {
    return Object.freeze({ type: definitionType, name: jobName, url: undefined, build: urlOrBuild });
  }
  if (typeof urlOrBuild !== "string" || !URL.canParse(urlOrBuild)) {
    throw new OptionError(`job ${JSON.stringify(jobName)}: url`, urlOrBuild, "import.meta.url or the build function");
  }
  if (typeof build !== "function") {
    throw new OptionError(`job ${JSON.stringify(jobName)}: build`, build, "a function (job, params) => void");
  }
  return Object.freeze({ type: definitionType, name: jobName, url: urlOrBuild, build });
}

/** Whether `value` was made by `defineJob`, of whichever copy of the package. */
export function isJobDefinition(value: unknown): value is JobDefinition<unknown> {
  return typeof value === "object" && value !== null && "type" in value && value.type === definitionType;
}

/**
 * Runs the builder of a definition and returns the validated, immutable graph.
 *
 * @throws ERR_RT_NOT_PLAIN_DATA naming the path in `params` to what cannot cross threads, ERR_JOB_* for what is wrong with
 * the graph, ERR_JOB_BUILDER when the builder itself throws or is async
 */
export function buildGraph<P>(definition: JobDefinition<P>, params: NoInfer<P>): JobGraph {
  assertPlainData(params, "params");
  const graph = buildWith(definition.name, (job) => {
    const returned: unknown = definition.build(job, params);
    if (returned instanceof Promise) {
      returned.catch(() => undefined);
      throw new BuilderError(
        `job ${JSON.stringify(definition.name)}: the builder is async; load what it needs before, and pass it as params`,
      );
    }
  });
  const { standIn } = definition;
  return standIn === undefined ? graph : Object.freeze({ ...graph, nodes: Object.freeze(graph.nodes.map(standIn)) });
}
