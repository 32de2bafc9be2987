/** Simulation: what a simulated run is told, and what it tells. */

import type { SourceSpec } from "../../actors/index.ts";
import type { Duration, LogLevel } from "../../runtime/index.ts";
import type { SubmitOptions } from "../actor-system.ts";
import type { JobDefinition } from "../define-job.ts";
import type { RunReport } from "../run/run-report.ts";
import type { PlannedFault } from "./fault-action.ts";
import type { DeathAtPoint, StruckFault } from "./fault-driver.ts";
import type { Violation } from "./invariants/violation.ts";

export interface SimulateOptions<P> extends Omit<SubmitOptions<P>, "storage" | "signal"> {
  /** Decides about everything that chance would: the order of what happens, delays, when random faults strike. */
  readonly seed: number;
  /** Virtual worker threads, at least 1. Default 2. */
  readonly threads?: number;
  /** A virtual thread without progress for so long is replaced, at least "200ms". Default "5s". */
  readonly hangLimit?: Duration;
  readonly faults?: readonly PlannedFault[];
  /** @internal */
  readonly deaths?: readonly DeathAtPoint[];
  /** @internal Versions that take the place of the job, one after the other: each goes on from what the one before has left. */
  readonly versions?: readonly NextVersion[];
  /** Virtual time after which the run is taken for hung, when it has not ended. Default "10m". */
  readonly limit?: Duration;
  /** Virtual time from which on no fault strikes any more, so that what was hurt can recover. Default "1m". */
  readonly quietAfter?: Duration;
  /** Whether the lines of the history are kept, not only their hash. Default false. */
  readonly history?: boolean;
  /** Virtual time after which the sources stop and the job ends with what is in flight, as by `drain`. Default: never. */
  readonly duration?: Duration;
  /** Asked after each step; once it says true the job ends as after `duration`. */
  readonly until?: (simulation: SimulationSoFar) => boolean;
  /**
   * Whether events are frozen, so that an operator that changes one fails with ERR_ACT_EVENT_MUTATED, and the run with it.
   * Default true.
   */
  readonly freeze?: boolean;
  /** What takes the place of sources of the job, by their names; what reads something real has to be replaced. */
  readonly sources?: Readonly<Record<string, SourceSpec<unknown>>>;
  /** Sinks whose events are collected instead of written, by their names. */
  readonly collect?: readonly string[];
}

/** A version that takes the place of the one before, in a process of its own. */
export interface NextVersion {
  /** Of the params of the first. */
  readonly definition: JobDefinition<never>;
  readonly threads: number;
  /** How the one before ends: with a last checkpoint, or at once. */
  readonly by: "stop" | "cancel";
  /**
   * Asked after each step of the one before, once a checkpoint says where its sources stand; once it says true it ends.
   *
   * @param positionsOf where the instances of a source stand at the newest checkpoint
   */
  readonly when: (positionsOf: (source: string) => readonly unknown[]) => boolean;
}

/** A simulation that goes on. */
export interface SimulationSoFar {
  /** Virtual time, in ms. */
  readonly nowMs: number;
  readonly lives: number;
  readonly struck: readonly StruckFault[];
  /** As of a `Simulation`. */
  collected<T = unknown>(name: string): readonly T[];
}

export interface Simulation {
  /** The job's name. */
  readonly job: string;
  readonly seed: number;
  /** `hung`: the run had not ended at the limit, or nothing could happen any more. */
  readonly status: "completed" | "failed" | "hung";
  /** What the run failed with. */
  readonly error: Error | undefined;
  /** Of the last life of the process; undefined when the run has not completed. */
  readonly report: RunReport | undefined;
  /** Virtual time, in ms. */
  readonly elapsedMs: number;
  /** Of it, that from the end of the last fault on. */
  readonly calmMs: number;
  readonly steps: number;
  /** Lives of the process: 1, and 1 more each time it was killed. */
  readonly lives: number;
  readonly struck: readonly StruckFault[];
  /** Assertions of millrace itself that failed: a bug in millrace. The run ends with the first one. */
  readonly assertions: readonly string[];
  /**
   * What was promised and did not hold, as far as one run shows it: everything but what takes a run without faults to compare
   * with, which `simulateSeeds` makes.
   */
  readonly violations: readonly Violation[];
  readonly logged: readonly SimulatedLogLine[];
  /** What it was run with; undefined when a test has controlled it. */
  readonly options?: SimulateOptions<unknown>;
  /** Equal for equal histories. */
  readonly historyHash: string;
  /** A line for each step; undefined unless asked for. */
  readonly history: readonly string[] | undefined;
  /** Names of the sinks whose events are known. */
  readonly sinks: readonly string[];
  /**
   * What the sink of that name has collected, if it is a `collect` sink or one that is to be collected; or what was read of
   * the `output` of that name over all lives of the process. Throws ERR_JOB_OPERATOR_UNKNOWN.
   */
  collected<T = unknown>(name: string): readonly T[];
}

export interface SimulatedLogLine {
  readonly atMs: number;
  readonly level: LogLevel;
  readonly message: string;
}
