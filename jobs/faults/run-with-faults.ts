/**
 * runWithFaults: runs a job on real threads, or in a process of its own, while the faults of a plan strike by real means: the
 * plan that `simulate` takes, as far as the machine can do what it says.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ActorSystemOptions,
  checkNames,
  type Duration,
  durationMs,
  OptionError,
  SystemClock,
  SystemRandom,
  wholeNumber,
} from "../../runtime/index.ts";
import { type SubmitOptions, submitOptionNames } from "../actor-system.ts";
import { buildGraph, type JobDefinition } from "../define-job.ts";
import { JobModuleMissingError } from "../run/run-error.ts";
import { checkFaults } from "../simulation/check-faults.ts";
import type { PlannedFault } from "../simulation/fault-action.ts";
import type { StruckFault } from "../simulation/fault-driver.ts";
import { struckSoFar } from "./fault-journal.ts";
import type { FaultSetting } from "./fault-setting.ts";
import { checkReal, isProcessFault } from "./real-fault-error.ts";
import { type LivedRun, runHere, runSupervised } from "./real-run.ts";

export interface RunWithFaultsOptions<P>
  extends Pick<ActorSystemOptions, "heapLimitMb" | "hangLimit">,
    Omit<SubmitOptions<P>, "storage" | "signal"> {
  readonly faults: readonly PlannedFault[];
  /** Decides when faults strike that are to strike randomly. Default 1. */
  readonly seed?: number;
  /** Worker threads, at least 1. Default 2. */
  readonly threads?: number;
  /** A directory for the checkpoints. Default: one that is removed behind the run. */
  readonly storage?: string;
  /** Time after which the run is taken for hung, when it has not ended. Default "2m". */
  readonly limit?: Duration;
  /** Time from which on faults that strike again and again do not any more. Default "10s". */
  readonly quietAfter?: Duration;
}

const { signal: _noSignal, ...submitNames } = submitOptionNames;

/** What came of it, as far as it can be told as of a simulation. */
export interface RealRun extends LivedRun {
  readonly seed: number;
  /** In ms, of real time. */
  readonly elapsedMs: number;
  /** Faults that have struck, in their order. */
  readonly struck: readonly StruckFault[];
}

/**
 * Runs a job to its end, or to the limit. A plan that ends the process, or a storage, lets it run in a process of its own,
 * under supervision.
 *
 * @throws ERR_RT_OPTION, ERR_JOB_FAULT_NOT_REAL for a fault that can only be simulated, ERR_JOB_NO_MODULE,
 *   ERR_JOB_OPERATOR_UNKNOWN, ERR_JOB_* for what is wrong with the graph
 */
export async function runWithFaults<P>(
  definition: JobDefinition<P>,
  options: RunWithFaultsOptions<P>,
): Promise<RealRun> {
  checkNames("runWithFaults", options, {
    ...submitNames,
    faults: true,
    seed: true,
    threads: true,
    heapLimitMb: true,
    hangLimit: true,
    storage: true,
    limit: true,
    quietAfter: true,
  });
  const { faults, seed = 1, threads = 2, storage, limit = "2m", quietAfter = "10s", ...others } = options;
  wholeNumber("threads", threads, 1, 64);
  wholeNumber("seed", seed, -(2 ** 31), 2 ** 32 - 1);
  const limitMs = durationMs(limit, "limit");
  const quietAfterMs = durationMs(quietAfter, "quietAfter");
  if (quietAfterMs >= limitMs) throw new OptionError("quietAfter", quietAfter, "less than limit");
  if (definition.url === undefined) throw new JobModuleMissingError(definition.name, threads);
  checkFaults(faults, buildGraph(definition, options.params as P), threads);
  checkReal(faults);
  const clock = new SystemClock();
  const folder = await mkdtemp(join(tmpdir(), "millrace-faults-"));
  const startMs = clock.wallMs();
  const setting: FaultSetting = {
    id: new SystemRandom().id(),
    seed,
    faults,
    journal: join(folder, "struck.jsonl"),
    startMs,
    quietAfterMs,
  };
  try {
    const isSupervised = storage !== undefined || faults.some(({ action }) => isProcessFault(action));
    const lived = isSupervised
      ? await runSupervised(definition, setting, {
          ...others,
          threads,
          limitMs,
          storage: storage ?? join(folder, "storage"),
        })
      : await runHere(definition, setting, { ...others, threads, limitMs });
    const struck = struckSoFar(setting.journal).map(({ fault, atMs }) => ({
      atMs,
      action: (faults[fault] as PlannedFault).action,
    }));
    return { seed, ...lived, elapsedMs: clock.wallMs() - startMs, struck };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
