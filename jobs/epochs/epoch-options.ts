/** EpochOptions: what a user says about the epochs of a run. They mean nothing under at-most-once, which has none. */

import { type RetentionLimits, retentionBytesDefault, retentionBytesMaxDefault } from "../../actors/index.ts";
import { type Duration, durationMs, OptionError, wholeNumber } from "../../runtime/index.ts";
import {
  epochIntervalMsDefault,
  epochTimeoutMsDefault,
  epochTimeoutMsMin,
  epochTimeoutsMax,
  retentionBytesMin,
} from "../limits.ts";

export interface EpochOptions {
  /** Between the completion of an epoch and the start of the next; not under `at-most-once`. Default "200ms". */
  readonly epochInterval?: Duration;
  /**
   * How long nothing that an epoch waits for may move: then it is given up, and the next one begins, with twice the time.
   * After three in a row, 14 minutes by default, the run fails (ERR_JOB_EPOCH_TIMEOUT). An epoch that is slow is waited for
   * however long it takes. Default "2m".
   */
  readonly epochTimeout?: Duration;
  /**
   * Bytes that have been sent since the last checkpoint, over all threads, kept for a replay or to be made anew; by an estimate where
   * events did not cross threads. Above half of it an epoch starts early; at the limit sources pause until a checkpoint is
   * complete. Default 256 MB.
   */
  readonly retentionBytes?: number;
  /**
   * Bytes that one instance of a chain may keep for a replay; with more the run fails (ERR_ACT_RETENTION_LIMIT). Default
   * 1 GB, or four times `retentionBytes` where that is more.
   */
  readonly retentionBytesMax?: number;
}

export interface EpochSettings {
  /** Between the completion of an epoch and the start of the next. */
  readonly intervalMs: number;
  /** How long nothing that an epoch waits for may move. */
  readonly timeoutMs: number;
  /** Epochs given up in a row; with the last one the run fails. */
  readonly timeoutsMax: number;
  /** What the outboxes of the run may keep, or would send again, before its sources pause. */
  readonly retentionBytes: number;
  /** What the outboxes of one cell may keep before the run fails. */
  readonly retentionBytesMax: number;
}

/** Of the default of `retentionBytesMax`, over `retentionBytes`: room for what operators make of what they have. */
const overshootFactor = 4;

/** @throws ERR_RT_OPTION */
export function checkEpochs(options: EpochOptions): EpochSettings {
  const intervalMs = durationMs(options.epochInterval ?? epochIntervalMsDefault, "epochInterval");
  const timeoutMs = durationMs(options.epochTimeout ?? epochTimeoutMsDefault, "epochTimeout");
  if (timeoutMs < epochTimeoutMsMin) {
    throw new OptionError("epochTimeout", options.epochTimeout, `a duration of at least ${epochTimeoutMsMin} ms`);
  }
  const retentionBytes = wholeNumber(
    "retentionBytes",
    options.retentionBytes ?? retentionBytesDefault,
    retentionBytesMin,
    Number.MAX_SAFE_INTEGER,
  );
  const bytesMaxDefault = Math.max(retentionBytesMaxDefault, overshootFactor * retentionBytes);
  const retentionBytesMax = wholeNumber(
    "retentionBytesMax",
    options.retentionBytesMax ?? bytesMaxDefault,
    retentionBytesMin,
    Number.MAX_SAFE_INTEGER,
  );
  if (retentionBytesMax < retentionBytes) {
    throw new OptionError("retentionBytesMax", retentionBytesMax, `no less than retentionBytes, ${retentionBytes}`);
  }
  return { intervalMs, timeoutMs, timeoutsMax: epochTimeoutsMax, retentionBytes, retentionBytesMax };
}

/** What a cell tells of what its outboxes keep is off by less than this share of the limit, over all cells. */
const untoldShare = 1 / 16;

/** @param cellCount how many cells share the limit */
export function retentionLimits(settings: EpochSettings, cellCount: number): RetentionLimits {
  const { retentionBytes, retentionBytesMax } = settings;
  return {
    stepBytes: Math.max(1, Math.floor((retentionBytes * untoldShare) / cellCount)),
    pauseBytes: retentionBytes,
    bytesMax: retentionBytesMax,
  };
}
