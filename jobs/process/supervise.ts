/**
 * Supervise: runs a job in a process of its own and replaces that from the last checkpoint when it dies: the level above
 * threads, for what a thread cannot survive.
 */

import {
  type ActorSystemOptions,
  assertPlainData,
  checkNames,
  type Duration,
  durationMs,
  MillraceError,
  moduleBeside,
  NodeProcessLauncher,
  OptionError,
  type OptionNames,
  StderrLogger,
  type SupervisionOptions,
  SystemClock,
  SystemRandom,
  startedFor,
  supervisionPolicy,
} from "../../runtime/index.ts";
import { type SubmitOptions, submitOptionNames } from "../actor-system.ts";
import type { JobDefinition } from "../define-job.ts";
import { checkGuarantee, type Guarantee } from "../epochs/guarantee.ts";
import {
  processHangLimitMsDefault,
  processHangLimitMsMin,
  processRestartsMaxDefault,
  processRestartsWithinMsDefault,
} from "../limits.ts";
import { notedEpoch } from "../store/storage-lock.ts";
import { checkStorage } from "../store/storage-options.ts";
import type { OutputsOfProcess } from "./process-protocol.ts";
import { SupervisedRun } from "./supervised-run.ts";

/** What `supervise` itself does; every other option is one of `ActorSystem.start` or of `submit`. */
export interface ProcessOptions {
  /** Restarts of the process within a time. Default 10 in "10m". */
  readonly restarts?: { readonly max?: number; readonly within?: Duration };
  /**
   * Waits before restarts: the first is immediate, the second waits `min`, each further one longer, as with operators.
   * Default "100ms", "30s", 2, 0.2, "1m".
   */
  readonly backoff?: NonNullable<SupervisionOptions["backoff"]>;
  /** A process that gives no sign of life for this long is killed and replaced. Default "1m". */
  readonly processHangLimit?: Duration;
  /**
   * Whether another process stands by, with its threads started and the job loaded, when one has run for a second: the job
   * goes on sooner, for the memory of a process without state. Default true.
   */
  readonly standby?: boolean;
}

export interface SuperviseOptions<P>
  extends ProcessOptions,
    Pick<ActorSystemOptions, "name" | "threads" | "heapLimitMb" | "externalLimitMb" | "hangLimit">,
    Omit<SubmitOptions<P>, "storage" | "guarantee" | "signal"> {
  /** As of `submit`, and mandatory: a new process goes on from there. */
  readonly storage: NonNullable<SubmitOptions<P>["storage"]>;
  /** Default `exactly-once`. */
  readonly guarantee?: Exclude<Guarantee, "at-most-once">;
  /** Cancels the run when aborted. */
  readonly signal?: AbortSignal;
}

const superviseOptionNames: OptionNames<SuperviseOptions<never>> = {
  ...submitOptionNames,
  name: true,
  threads: true,
  heapLimitMb: true,
  externalLimitMb: true,
  hangLimit: true,
  restarts: true,
  backoff: true,
  processHangLimit: true,
  standby: true,
};

/** `supervise` was called while the process that it started loads the job. */
export class ProcessNestedError extends MillraceError {
  readonly code = "ERR_JOB_PROCESS_NESTED";
}

/**
 * Starts a process that runs the job, and replaces it from the last checkpoint when it dies: killed, aborted, ended by any exit
 * code before the job has, or silent. A job that fails by an error of its own is not run again: it would fail again.
 *
 * @throws ERR_RT_OPTION, ERR_RT_NOT_PLAIN_DATA, and ERR_JOB_PROCESS_NESTED where the module of the job itself calls it
 */
export function supervise<P>(definition: JobDefinition<P>, options: SuperviseOptions<P>): SupervisedRun {
  const { url, name } = definition;
  if (url === undefined) {
    throw new OptionError(
      `supervise: job ${JSON.stringify(name)}`,
      "a job defined inline",
      "one that another process can load: defineJob(name, import.meta.url, ...) in a module of its own",
    );
  }
  return superviseModule({ module: url, job: name, name, outputs: "refuse" }, options);
}

export interface SupervisedModule {
  /** A path or a URL. */
  readonly module: string;
  /** The job's name, where the module exports several. */
  readonly job: string | undefined;
  /** What the job is called until its name is known. */
  readonly name: string;
  readonly outputs: OutputsOfProcess;
  /** The module that the process runs. Default: process-main.ts. */
  readonly main?: string;
  /** Further options of the actor system in the process. Plain data. */
  readonly system?: Readonly<Record<string, unknown>>;
  /** Where to what the process writes to standard error. Default: standard error. */
  readonly writeErrorText?: (text: string) => void;
}

/** The same for a module that this process has not loaded. */
export function superviseModule<P>(module: SupervisedModule, options: SuperviseOptions<P>): SupervisedRun {
  if (startedFor(processMain)) {
    throw new ProcessNestedError(
      `the module ${module.module} calls supervise when it is loaded, and the process under supervision loads it: ` +
        "call it from another module, or under if (import.meta.main)",
    );
  }
  checkNames("supervise", options, superviseOptionNames);
  const { restarts, backoff, processHangLimit, standby = true, signal, ...others } = options;
  const { name, threads, heapLimitMb, externalLimitMb, hangLimit, ...submit } = others;
  const guarantee = checkGuarantee(submit.guarantee ?? "exactly-once");
  const storage = checkStorage(submit.storage, guarantee);
  if (storage === undefined) {
    throw new OptionError("storage", undefined, "the path of a directory, for a new process to go on from");
  }
  assertPlainData(others, "options");
  const clock = new SystemClock();
  const run = new SupervisedRun(module.name, {
    order: {
      module: module.module,
      job: module.job,
      system: present({ name, threads, heapLimitMb, externalLimitMb, hangLimit, ...module.system }),
      submit: present({ ...submit, guarantee }),
      outputs: module.outputs,
    },
    storage: storage.directory,
    policy: supervisionPolicy(
      {
        restarts: { max: processRestartsMaxDefault, within: processRestartsWithinMsDefault, ...restarts },
        backoff: { min: "100ms", max: "30s", resetAfter: "1m", ...backoff },
      },
      "supervise",
    ),
    hangLimitMs: hangLimitMs(processHangLimit ?? processHangLimitMsDefault),
    standby,
    module: module.main ?? processMain,
    launcher: new NodeProcessLauncher(clock),
    clock,
    random: new SystemRandom(),
    logger: new StderrLogger(),
    writeErrorText: module.writeErrorText ?? ((text) => void process.stderr.write(text)),
    storedEpoch: (job) => notedEpoch(storage.directory, job),
  });
  cancelOnAbort(run, signal);
  return run;
}

function hangLimitMs(value: Duration): number {
  const ms = durationMs(value, "processHangLimit");
  if (ms >= processHangLimitMsMin) return ms;
  throw new OptionError("processHangLimit", value, `at least ${processHangLimitMsMin} ms`);
}

function cancelOnAbort(run: SupervisedRun, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const abort = () => void run.cancel();
  if (signal.aborted) return abort();
  signal.addEventListener("abort", abort, { once: true });
  const unlisten = () => signal.removeEventListener("abort", abort);
  run.completed.then(unlisten, unlisten);
}

/** Without what is undefined: an option that is given is given. */
function present(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

const processMain = moduleBeside(import.meta.url, "process-main");
