/** checkSimulation: what a simulation is told of its threads, its seed and its times. */

import { durationMs, OptionError, wholeNumber } from "../../runtime/index.ts";
import type { SimulateOptions } from "./simulation.ts";

export interface SimulationBounds {
  readonly threads: number;
  readonly seed: number;
  readonly limitMs: number;
  readonly quietAfterMs: number;
  readonly durationLimitMs: number | undefined;
}

export const threadsDefault = 2;
/** Virtual threads of one simulation. */
const threadsMax = 64;

/** @throws ERR_RT_OPTION */
export function checkSimulation({
  threads,
  seed,
  limit,
  quietAfter,
  duration,
  until,
}: Pick<
  SimulateOptions<unknown>,
  "threads" | "seed" | "limit" | "quietAfter" | "duration" | "until"
>): SimulationBounds {
  const bounds = {
    threads: wholeNumber("threads", threads ?? threadsDefault, 1, threadsMax),
    seed: wholeNumber("seed", seed, -(2 ** 31), 2 ** 32 - 1),
    limitMs: durationMs(limit ?? "10m", "limit"),
    quietAfterMs: durationMs(quietAfter ?? "1m", "quietAfter"),
    durationLimitMs: duration === undefined ? undefined : durationMs(duration, "duration"),
  };
  if (bounds.quietAfterMs >= bounds.limitMs) throw new OptionError("quietAfter", quietAfter, "less than limit");
  if (until !== undefined && typeof until !== "function")
    throw new OptionError("until", until, "a function of the simulation so far");
  return bounds;
}
