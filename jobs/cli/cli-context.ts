/** CliContext: what the command line touches outside: streams, signals, time, the actor system. Tests pass their own. */

import type { Clock } from "../../runtime/index.ts";
import type { SubmitOptions } from "../actor-system.ts";
import type { JobDefinition } from "../define-job.ts";
import type { SupervisedModule, SuperviseOptions } from "../process/supervise.ts";
import type { SupervisedRun } from "../process/supervised-run.ts";
import type { RunDeadLetters } from "../run/run-dead-letters.ts";
import type { RunReport } from "../run/run-report.ts";

export interface CliContext {
  readonly stdout: CliStream;
  readonly stderr: CliStream;
  readonly clock: Clock;
  /** Calls `listener` at each SIGINT and SIGTERM until the returned function is called; then they have their usual effect. */
  onSignal(listener: () => void): () => void;
  startSystem(options: { readonly threads: number }): Promise<CliSystem>;
  /** Runs a job in a process of its own. */
  supervise(module: SupervisedModule, options: SuperviseOptions<unknown>): SupervisedRun;
}

export interface CliStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** Returns false when the writer is to wait for `drained`. */
  write(text: string): unknown;
  /** Resolves when more can be written; rejects when the stream has failed. */
  drained?(): Promise<unknown>;
}

/** What the command line says about a run. */
export type CliSubmitOptions = Pick<
  SubmitOptions<unknown>,
  "params" | "guarantee" | "epochInterval" | "epochTimeout" | "storage" | "from" | "allowDropped"
>;

/** What the command line needs of an actor system. */
export interface CliSystem {
  submit(definition: JobDefinition<unknown>, options: CliSubmitOptions): Promise<CliRun>;
  stop(): Promise<void>;
}

/** What the command line needs of a run. */
export interface CliRun {
  readonly completed: Promise<RunReport>;
  readonly deadLetters: Pick<RunDeadLetters, "list">;
  drain(): Promise<unknown>;
  stop(): Promise<unknown>;
  cancel(): Promise<void>;
  report(): Promise<RunReport>;
  output(name: string): AsyncIterable<unknown>;
  collected(name: string): readonly unknown[];
}
