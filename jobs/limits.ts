/** Bounds of the jobs room, each with its unit. Reaching one has the effect that its line says. */

import { keyGroupCount } from "../actors/index.ts";

/** Instances of one operator, as many as there are key groups; more are refused (ERR_JOB_PARALLELISM). */
export const parallelismMax = keyGroupCount;
/** Sources, operators and sinks of one job; more are refused (ERR_JOB_TOO_LARGE). */
export const nodeCountMax = 2_000;
/** Channels of one job, each with an outbox at its sender; more are refused (ERR_JOB_TOO_LARGE). */
export const channelCountMax = 100_000;
/** A `collect` sink that is given more events fails (ERR_JOB_COLLECT_LIMIT). */
export const collectEventsMax = 10_000_000;
/** Events that wait for the code that iterates over an `output`; beyond, the stream waits. */
export const outputBufferEventsMax = 1_024;
/** A report waits this long for the counters of cells that are busy, and takes their last ones then. */
export const statsLimitMs = 1_000;
/** Keys in the answer to a query of a range, unless `limit` says otherwise. */
export const queryKeysDefault = 1_000;
/** A larger `limit` of a query is refused (ERR_RT_OPTION). */
export const queryKeysMax = 100_000;
/** A query that is not answered within so many ms is given up (ERR_JOB_QUERY). */
export const queryLimitMs = 5_000;
/** Where sources are kept together in event time (`maxDrift`), they are told so often, in ms, how far they may go, or more often. */
export const alignmentMs = 100;
/** So often, in ms, at the most. */
export const alignmentMsMin = 2;
/** So often while the slowest of them comes on by `maxDrift`. */
export const alignmentsPerDrift = 4;
/** A larger `creditEvents` is refused (ERR_RT_OPTION). */
export const creditEventsMax = 10_000_000;
/** A key with a smaller part of the events of its operator is no hot key. */
export const hotKeyShareMin = 0.1;
/** Hot keys are told once so many events of an operator were counted. */
export const hotKeySampleMin = 128;
/** A longer `linger`, in ms, is refused (ERR_RT_OPTION): everything behind would wait as long, watermarks included. */
export const lingerMsMax = 60_000;
/** Bytes of state that checkpoints of a run without `storage` keep in memory; beyond, they are kept in a temporary file. */
export const memoryStateBytesMax = 4 * 1024 * 1024;
/** Deltas of about one size that are kept of the state of one operator instance; they are merged when there are so many. */
export const deltasPerTier = 8;
/** The time between the completion of an epoch and the start of the next, in ms, when `epochInterval` is absent. */
export const epochIntervalMsDefault = 200;
/** The same for the first epoch of a run that goes on from a checkpoint, or behind a failure that sources start over for, in ms: what sinks show has waited. */
export const resumedEpochMs = 20;
/** A smaller `retentionBytes` or `retentionBytesMax` is refused (ERR_RT_OPTION). */
export const retentionBytesMin = 4_096;
/** An epoch that is in flight for this long, in ms, is reported by a warning that names the cells it waits for. */
export const epochSlowMs = 10_000;
/** Restarts of a job as a whole within `jobRestartsWithinDefault`, when `jobRestarts.max` is absent. */
export const jobRestartsDefault = 3;
/** The time that `jobRestarts.max` is for, in ms, when `jobRestarts.within` is absent. */
export const jobRestartsWithinDefault = 60_000;
/** A larger `jobRestarts.max` is refused (ERR_RT_OPTION). */
export const jobRestartsMaxLimit = 1_000;
/** An epoch that nothing moves for in this time, in ms, is given up, and the next begins, with twice the time. Default of `epochTimeout`. */
export const epochTimeoutMsDefault = 120_000;
/** A shorter `epochTimeout`, in ms, is refused (ERR_RT_OPTION). */
export const epochTimeoutMsMin = 100;
/** Epochs given up in a row; with the last one the run fails (ERR_JOB_EPOCH_TIMEOUT). */
export const epochTimeoutsMax = 3;
/** A cell that has not moved for less, in ms, is not reported as one that the run waits for. */
export const waitReportedMsMin = 1_000;
/** Attempts to write a checkpoint; when the last one fails, the run does (ERR_JOB_STORAGE). */
export const storeAttemptsMax = 10;
/** Wait before the third attempt to write a checkpoint, in ms; the second follows at once, each further one waits twice as long. */
export const storeBackoffMsMin = 50;
/** Longest wait between two attempts to write a checkpoint, in ms. */
export const storeBackoffMsMax = 5_000;
/** A process under supervision gives a sign of life this often, in ms, and its supervisor looks for one as often. */
export const processHeartbeatMs = 1_000;
/** A process under supervision without a sign of life for this long, in ms, is killed and replaced, unless `processHangLimit` says otherwise. */
export const processHangLimitMsDefault = 60_000;
/** A shorter `processHangLimit`, in ms, is refused (ERR_RT_OPTION): it could not be told from a late sign of life. */
export const processHangLimitMsMin = 3_000;
/** Restarts of the process of a job within `processRestartsWithinMsDefault`, unless `restarts` says otherwise. */
export const processRestartsMaxDefault = 10;
/** The time in which `processRestartsMaxDefault` counts, in ms. */
export const processRestartsWithinMsDefault = 600_000;
/** When the first process under supervision has run for this long, in ms, another one is started to stand by. */
export const standbyDelayMs = 1_000;
/** The same for a process that has taken the place of one that died, in ms: what died may die again. */
export const standbyAgainDelayMs = 250;
/** Wait, in ms, besides `standbyDelayMs` before the second process that died while it stood by is replaced; each further one waits twice as long. */
export const standbyBackoffMsMin = 1_000;
/** The longest such wait, in ms; after as long without another death the first one is none again. */
export const standbyBackoffMsMax = 60_000;
/** The last characters that a process wrote to standard error that are kept for the error of its death. */
export const errorTextCharactersMax = 4_096;
/** Asks to operators in another process that wait for an answer; the next is refused (ERR_JOB_PROCESS_ACCESS). */
export const processAsksMax = 1_000;
/** Events of a `collect` that a process hands to its supervisor in one message. */
export const collectedPartEvents = 1_000;
/** A process says that it stands by when its threads have loaded everything and rehearsed, or after this time, in ms. */
export const preparationLimitMs = 10_000;
/** A process that has not ended this long after it was told to cancel, in ms, is killed. */
export const cancelLimitMs = 15_000;
/** A process whose supervisor is gone cancels its job, and ends after this time, in ms, however far it is. */
export const orphanLimitMs = 5_000;
/** Full copies of the file of a job that are kept when `storage.copies.keep` is absent; older ones are removed. */
export const copiesKeptDefault = 3;
/** A larger `storage.copies.keep` is refused (ERR_RT_OPTION). */
export const copiesKeptMax = 100;
/** Time between two full copies of the file of a job, in ms, when `storage.copies.interval` is absent. */
export const copyIntervalMsDefault = 300_000;
/** A shorter `storage.copies.interval`, in ms, is refused (ERR_RT_OPTION). */
export const copyIntervalMsMin = 1_000;
/** Once an operator has failed at an event, channels keep for so long, in ms, what they would not keep otherwise: it is tried again alone. */
export const keptAfterFailureMs = 10_000;
/** Events at which the operators of one cell have failed, and whose failures are counted; beyond, the oldest are forgotten. */
export const failedEventsKeptMax = 1_000;
/** Dead letters of one job that are kept, unless `deadLetters.kept` says otherwise; beyond, the oldest are dropped and counted. */
export const deadLettersKeptDefault = 10_000;
/** Their size in bytes; beyond, the oldest are dropped and counted. */
export const deadLettersKeptBytesMax = 64 * 1024 * 1024;
/** A larger `deadLetters.kept` is refused (ERR_RT_OPTION). */
export const deadLettersKeptLimit = 1_000_000;
/** A larger `deadLetters.perEpoch` is refused (ERR_RT_OPTION). */
export const deadLettersPerEpochLimit = 1_000_000;
/** Columns of a table; more are refused (ERR_RT_OPTION). */
export const tableColumnsMax = 500;
/** A longer name of a table or column is refused (ERR_RT_OPTION). */
export const tableNameCharactersMax = 64;
/** Bytes that change in state with one checkpoint; with more, views in the file of a job do not follow it, but are written anew later. */
export const readableChangeBytesMax = 4 * 1024;
/** Bytes of the state of one operator, beyond which its view does not follow the checkpoints. */
export const readableFollowBytesMax = 8 * 1024 * 1024;
/** Bytes of the state of one operator whose view is written anew while the job runs; that of a larger one at its end only. */
export const readableRewriteBytesMax = 256 * 1024;
/** Views that do not follow are written anew this often, in ms, with a checkpoint. */
export const readableIntervalMs = 10_000;
/** Keys of one operator that its view in the file of a job shows; with more, the view has no rows. */
export const readableKeysMax = 100_000;
/** While a savepoint waits for an epoch to be started, it is looked for again after so long, in ms, or at the epoch interval. */
export const savepointRetryMs = 20;
/** A rehearsal of a spare thread that takes more steps, of a millisecond each, ends unfinished. */
export const rehearsalStepsMax = 5_000;
