/** SubmitSettings: what the options of a submission come to. */

import type { LetterBounds } from "../actors/index.ts";
import { wholeNumber } from "../runtime/index.ts";
import type { SubmitOptions } from "./actor-system.ts";
import { checkEpochs, type EpochSettings } from "./epochs/epoch-options.ts";
import { checkGuarantee, type Guarantee } from "./epochs/guarantee.ts";
import { letterSettings } from "./letters/letter-options.ts";
import { creditEventsMax } from "./limits.ts";
import { lingerMsOf } from "./linger.ts";
import { type JobRestartSettings, jobRestartSettings } from "./run/job-restarts.ts";
import { checkStorage, type StorageSettings } from "./store/storage-options.ts";
import { checkStart, type StartSettings } from "./upgrade/start-options.ts";

/** Where a run keeps its checkpoints, and what it begins from. */
export type StoreSettings = StorageSettings & StartSettings;

export interface SubmitSettings {
  /** Undefined where checkpoints are kept in memory. */
  readonly storage: StoreSettings | undefined;
  readonly lettersKeptMax: number;
  /** What the run itself needs to know. */
  readonly run: {
    readonly creditEvents: number | undefined;
    readonly lingerMs: number;
    readonly guarantee: Guarantee;
    readonly epochs: EpochSettings;
    readonly jobRestarts: JobRestartSettings;
    readonly letterBounds: LetterBounds;
  };
}

/** Throws ERR_RT_OPTION. */
export function submitSettings(options: SubmitOptions<unknown>): SubmitSettings {
  const { creditEvents } = options;
  if (creditEvents !== undefined) wholeNumber("creditEvents", creditEvents, 1, creditEventsMax);
  const lingerMs = lingerMsOf(options.linger);
  const guarantee = checkGuarantee(options.guarantee ?? "at-most-once");
  const storage = checkStorage(options.storage, guarantee);
  const start = checkStart(options, storage !== undefined);
  const epochs = checkEpochs(options);
  const jobRestarts = jobRestartSettings(options.jobRestarts);
  const { keptMax, bounds } = letterSettings(options.deadLetters);
  return {
    storage: storage === undefined ? undefined : { ...storage, ...start },
    lettersKeptMax: keptMax,
    run: { creditEvents, lingerMs, guarantee, epochs, jobRestarts, letterBounds: bounds },
  };
}
