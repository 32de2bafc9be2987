/** checkSimulation: what a simulation is told of its threads, its seed and its times. */

import { checkNames, durationMs, OptionError, type OptionNames, wholeNumber } from "../../runtime/index.ts";
import { submitOptionNames } from "../actor-system.ts";
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

const { storage: _noStorage, signal: _noSignal, ...submitNames } = submitOptionNames;

const simulateOptionNames: OptionNames<SimulateOptions<never>> = {
  ...submitNames,
  seed: true,
  threads: true,
  hangLimit: true,
  faults: true,
  deaths: true,
  versions: true,
  limit: true,
  quietAfter: true,
  history: true,
  duration: true,
  until: true,
  freeze: true,
  sources: true,
  collect: true,
};

/** @throws ERR_RT_OPTION */
export function checkSimulation<P>(options: SimulateOptions<P>): SimulationBounds {
  checkNames<SimulateOptions<P>>("simulate", options, simulateOptionNames);
  const { threads, seed, limit, quietAfter, duration, until } = options;
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
