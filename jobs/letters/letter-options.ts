/** LetterOptions: how many dead letters of a job are kept, and what a flood of them does. */

import { deadLettersPerEpochDefault, type LetterBounds } from "../../actors/index.ts";
import { checkNames, OptionError, wholeNumber } from "../../runtime/index.ts";
import { deadLettersKeptDefault, deadLettersKeptLimit, deadLettersPerEpochLimit } from "../limits.ts";

export interface DeadLetterOptions {
  /** Dead letters that are kept, to be looked at and resubmitted; beyond, the oldest are dropped. Default 10,000. */
  readonly kept?: number;
  /** Dead letters of one instance of a chain in one epoch; not under `at-most-once`. Default 50,000. */
  readonly perEpoch?: number;
  /** What more of them do: the run fails with ERR_ACT_DEAD_LETTERS (the default), or they are only counted. */
  readonly beyond?: "fail" | "count";
}

export interface LetterSettings {
  readonly keptMax: number;
  readonly bounds: LetterBounds;
}

/** Throws ERR_RT_OPTION. */
export function letterSettings(options: DeadLetterOptions = {}): LetterSettings {
  checkNames("deadLetters", options, { kept: true, perEpoch: true, beyond: true });
  const { kept = deadLettersKeptDefault, perEpoch = deadLettersPerEpochDefault, beyond = "fail" } = options;
  if (beyond !== "fail" && beyond !== "count") throw new OptionError("deadLetters.beyond", beyond, '"fail" or "count"');
  return {
    keptMax: wholeNumber("deadLetters.kept", kept, 0, deadLettersKeptLimit),
    bounds: { perEpoch: wholeNumber("deadLetters.perEpoch", perEpoch, 1, deadLettersPerEpochLimit), beyond },
  };
}
