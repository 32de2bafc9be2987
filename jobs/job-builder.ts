/** Job: what the function given to `defineJob` describes the job with. Closed when that function has returned. */

import type { EventDeadLetter, MicroBatchOptions, SourceSpec } from "../actors/index.ts";
import { checkNames, MillraceError, type ServiceScope, type Services, type ServiceToken } from "../runtime/index.ts";
import { BuilderError } from "./builder-error.ts";
import { GraphAssembly } from "./graph-assembly.ts";
import type { JobGraph } from "./job-graph.ts";
import type { SourceOptions } from "./operator-options.ts";
import type { OperatorSupervision } from "./operator-supervision.ts";
import { Stream } from "./stream.ts";

export interface ServiceOptions {
  /** Made once per host (the default), or once per operator instance that asks for it. */
  readonly scope?: ServiceScope;
}

export class Job {
  readonly #assembly: GraphAssembly;

  /** @internal Jobs are made by `buildGraph`. */
  constructor(assembly: GraphAssembly) {
    this.#assembly = assembly;
  }

  /** The job's name. */
  get name(): string {
    return this.#assembly.jobName;
  }

  /** Brings events in; returns their stream. One instance unless `parallelism` says otherwise. */
  source<T>(name: string, spec: SourceSpec<T>, options: SourceOptions = {}): Stream<T> {
    const origin = this.#assembly.addSource(name, spec, options);
    return new Stream({ assembly: this.#assembly, origins: [origin] });
  }

  /**
   * The events that are given up by all sources, operators and sinks that were added before, as one stream. They are kept and
   * counted all the same.
   *
   * @throws ERR_JOB_BUILDER once the job's builder has returned
   */
  deadLetters(): Stream<EventDeadLetter> {
    return new Stream(this.#assembly.deadLetters());
  }

  /** Registers a service that operators of the job get from `context.services`. */
  provide<T>(token: ServiceToken<T>, create: (services: Services) => T, options: ServiceOptions = {}): void {
    checkNames(`service ${JSON.stringify(token.name)}`, options, { scope: true });
    this.#assembly.addService({ token, scope: options.scope ?? "host", create });
  }

  /**
   * The job works in micro-batches: operators that take from a source, or directly behind its event time, are given what came
   * in an interval at once, and what comes of it flows on. Holds for the whole job, but for operators that say something
   * themselves; stateless ones get what they work on from whoever is free, where no grouping is asked for.
   *
   * @throws ERR_RT_OPTION
   */
  microBatch(options: MicroBatchOptions): void {
    this.#assembly.setMicroBatch(options);
  }

  /**
   * What happens when an operator fails that has no policy of its own; holds for the whole job, wherever it is called.
   *
   * @throws ERR_RT_OPTION
   */
  supervision(policy: OperatorSupervision): void {
    this.#assembly.setSupervision(policy);
  }
}

/**
 * Runs `describe` on a new job and returns the validated graph.
 *
 * @throws ERR_JOB_BUILDER when `describe` throws anything but an error of millrace
 */
export function buildWith(name: string, describe: (job: Job) => void): JobGraph {
  const assembly = new GraphAssembly(name);
  try {
    describe(new Job(assembly));
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new BuilderError(`job ${JSON.stringify(name)}: the builder threw: ${message}`, { cause: error });
  }
  return assembly.close();
}
