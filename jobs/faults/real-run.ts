/** RealRun: one run of a job under faults, in this process or in one that is replaced when it dies. */

import { type ActorSystemOptions, moduleBeside, SystemClock } from "../../runtime/index.ts";
import type { SubmitOptions } from "../actor-system.ts";
import type { JobDefinition } from "../define-job.ts";
import { superviseModule } from "../process/supervise.ts";
import type { RunReport } from "../run/run-report.ts";
import { noteStrike } from "./fault-journal.ts";
import { FaultSchedule } from "./fault-schedule.ts";
import type { FaultSetting } from "./fault-setting.ts";
import { FaultySystem } from "./faulty-system.ts";
import { isProcessFault } from "./real-fault-error.ts";

export interface LivedRun {
  /** `hung`: the run had not ended at the limit. */
  readonly status: "completed" | "failed" | "hung";
  /** What the run failed with. */
  readonly error: Error | undefined;
  /** Of the last life of the process; undefined when the run has not completed. */
  readonly report: RunReport | undefined;
  /** Lives of the process: 1, and 1 more each time it was replaced. */
  readonly lives: number;
  /** Threads that were lost, for whatever reason, and replaced or to be. */
  readonly threadsLost: number;
  /** How long each lost thread was missing, in ms, until the first of what lived there worked again. */
  readonly threadRecoveriesMs: readonly number[];
  /** How long each process that died was missing, in ms, until events flowed again. */
  readonly processRecoveriesMs: readonly number[];
  /** What the `collect` sink of that name has collected. Throws ERR_JOB_OPERATOR_UNKNOWN. */
  collected<T = unknown>(name: string): readonly T[];
}

export interface LivedOptions<P>
  extends Pick<ActorSystemOptions, "heapLimitMb" | "hangLimit">,
    Omit<SubmitOptions<P>, "storage" | "signal"> {
  readonly threads: number;
  readonly limitMs: number;
}

type Ended = Pick<LivedRun, "status" | "error" | "report">;

/** What faults on purpose do is not to spend what is meant for others. */
const processRestartsMax = 10_000;
const threadReplacements = { max: Number.MAX_SAFE_INTEGER };
const logger = { log: () => undefined };

export async function runHere<P>(
  definition: JobDefinition<P>,
  faults: FaultSetting,
  { threads, heapLimitMb, hangLimit, limitMs, ...submit }: LivedOptions<P>,
): Promise<LivedRun> {
  const clock = new SystemClock();
  const system = await FaultySystem.start({
    ...present({ heapLimitMb, hangLimit }),
    threads,
    threadReplacements,
    logger,
    faults,
  });
  const recoveries = new Recoveries(clock);
  system.on("host-lost", ({ host }) => recoveries.lost(host));
  system.on("actor-restarted", ({ host }) => recoveries.back(host));
  try {
    const run = await system.submit(definition, { guarantee: "exactly-once", ...submit } as SubmitOptions<P>);
    const ended = await endedWithin(clock, limitMs, Promise.race([run.completed, system.failed]));
    return {
      ...ended,
      lives: 1,
      threadsLost: recoveries.lostCount,
      threadRecoveriesMs: recoveries.all,
      processRecoveriesMs: [],
      collected: <T>(name: string) => run.collected<T>(name),
    };
  } finally {
    await system.stop();
  }
}

export async function runSupervised<P>(
  definition: JobDefinition<P>,
  setting: FaultSetting,
  { limitMs, ...options }: LivedOptions<P> & { readonly storage: string },
): Promise<LivedRun> {
  const clock = new SystemClock();
  const { name, url = "" } = definition;
  const system = { threadReplacements, faults: setting };
  const module = { module: url, job: name, name, outputs: "refuse", main: faultyProcessMain, system } as const;
  const run = superviseModule(module, {
    ...(options as typeof options & { readonly guarantee?: "exactly-once" }),
    restarts: { max: processRestartsMax, within: "1h" },
    backoff: { min: 0, max: 0 },
  });
  const threads = new Recoveries(clock);
  const processes = new Recoveries(clock);
  run.on("host-lost", ({ host }) => threads.lost(host));
  run.on("actor-restarted", ({ host }) => threads.back(host));
  run.on("process-lost", () => {
    threads.forget();
    processes.lost(0);
  });
  run.on("process-begun", () => processes.back(0));
  let killedPid: number | undefined;
  const schedule = new FaultSchedule(setting, clock, isProcessFault, (_action, fault) => {
    // One that was killed is still there until its end is known.
    if (run.pid === undefined || run.pid === killedPid || run.status !== "running") return false;
    killedPid = run.pid;
    noteStrike(setting.journal, { fault, atMs: clock.wallMs() - setting.startMs });
    return process.kill(run.pid, "SIGKILL");
  });
  try {
    const ended = await endedWithin(clock, limitMs, run.completed);
    return {
      ...ended,
      lives: run.processRestarts + 1,
      threadsLost: threads.lostCount,
      threadRecoveriesMs: threads.all,
      processRecoveriesMs: processes.all,
      collected: <T>(sink: string) => run.collected<T>(sink),
    };
  } finally {
    schedule.end();
    await run.cancel();
  }
}

async function endedWithin(clock: SystemClock, limitMs: number, completed: Promise<RunReport>): Promise<Ended> {
  const { promise: isLate, resolve } = Promise.withResolvers<Ended>();
  const cancel = clock.after(limitMs, () => resolve({ status: "hung", error: undefined, report: undefined }));
  const ended = completed.then(
    (report): Ended => ({ status: "completed", error: undefined, report }),
    (error: Error): Ended => ({ status: "failed", error, report: undefined }),
  );
  try {
    return await Promise.race([ended, isLate]);
  } finally {
    cancel();
  }
}

/** From when something is lost to when it is back, in ms. */
class Recoveries {
  readonly all: number[] = [];
  lostCount = 0;
  readonly #clock: SystemClock;
  readonly #lostMs = new Map<number, number>();

  constructor(clock: SystemClock) {
    this.#clock = clock;
  }

  lost(what: number): void {
    this.lostCount += 1;
    if (!this.#lostMs.has(what)) this.#lostMs.set(what, this.#clock.monotonicMs());
  }

  back(what: number): void {
    const lostMs = this.#lostMs.get(what);
    if (lostMs === undefined) return;
    this.#lostMs.delete(what);
    this.all.push(this.#clock.monotonicMs() - lostMs);
  }

  /** They have ended with their process. */
  forget(): void {
    this.#lostMs.clear();
  }
}

function present(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

const faultyProcessMain = moduleBeside(import.meta.url, "faulty-process-main");
