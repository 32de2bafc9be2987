/** Bounds of the runtime, each with its unit. Reaching one has the effect that its line says. */

/** A longer name is refused (ERR_RT_OPTION). */
export const nameCharactersMax = 128;
/** More hosts are refused (ERR_RT_OPTION). */
export const hostCountMax = 256;
/** A user message to a full mailbox becomes a dead letter (ERR_RT_MAILBOX_FULL). */
export const mailboxMessagesDefault = 10_000;
/** A host yields to its event loop after this time of turns in a row: so long what other threads have sent may lie unseen. */
export const turnBudgetMs = 2;
/** Packets that come in one round of the event loop before cells have turns again: Node empties a port by up to a thousand at once. */
export const inputsPassedOverMax = 64;
/** A packet is posted when it holds this many bytes, or at the end of the turns. */
export const packetBytesSoft = 256 * 1024;
/** A frame that is alone in its packet and has more values in it, names of keys not counted, is encoded. */
export const smallValuesMax = 16;
/** A frame with a longer text in it is encoded, even where it is alone in its packet. */
export const smallTextCharactersMax = 1_024;
/** A larger frame is refused at the sender (ERR_RT_FRAME_TOO_LARGE). */
export const frameBytesMax = 64 * 1024 * 1024;
/** A batch of fewer events travels as rows. */
export const columnEventsMin = 16;
/** A batch of more events travels as rows. */
export const columnEventsMax = 1_048_576;
/** User messages on their way to one other host; further ones wait in the link's queue. */
export const linkCreditMessages = 4_096;
/** User messages that wait for credit, or for a host being replaced; the next becomes a dead letter (ERR_RT_LINK_FULL). */
export const linkQueueMessagesMax = 100_000;
/** Messages put aside with `stash`; the next one fails the actor (ERR_RT_STASH_FULL). */
export const stashMessagesMax = 10_000;
/** The newest dead letters kept for inspection; all are counted. */
export const deadLettersKeptMax = 1_000;
/** Asks that wait for an answer on one host; the next is refused (ERR_RT_TOO_MANY_ASKS). */
export const asksPendingMax = 100_000;
/** Deadlines of asks are looked at no more seldom than this, in ms, while there are any: a timer that is left of asks that have ended runs out so soon. */
export const deadlineLookMsMax = 1_000;
/** Of so many asks that wait, deadlines are looked at no more often than each ms, of more less often: so late an ask may end. */
export const deadlinesPerMsMax = 10_000;
/** Messages that one actor handles in one turn before others get theirs. */
export const messagesPerTurnMax = 64;
/** Old-space limit of a worker thread in MB when the option `heapLimitMb` is absent; see `heapLiveShareMax`. With less, V8 collects a small heap up to three times as often. */
export const heapLimitMbDefault = 2_048;
/** A smaller `heapLimitMb` is refused (ERR_RT_OPTION): the runtime itself needs about 10 MB per thread. */
export const heapLimitMbMin = 64;
/** A larger `heapLimitMb` is refused (ERR_RT_OPTION). */
export const heapLimitMbMax = 1_048_576;
/** Above this used share of its heap limit a thread has its garbage collected, to see what is live. */
export const heapUsedShareMax = 0.6;
/** A thread whose live data are above this share of its heap limit then fails itself (ERR_RT_HEAP_LIMIT). */
export const heapLiveShareMax = 0.4;
/** A worker thread may hold this share of the memory of the machine outside of its heap when the option `externalLimitMb` is absent; then it fails itself (ERR_RT_EXTERNAL_LIMIT). */
export const externalShareMax = 0.5;
/** A smaller `externalLimitMb` is refused (ERR_RT_OPTION): the runtime itself needs some MB per thread. */
export const externalLimitMbMin = 64;
/** A larger `externalLimitMb` is refused (ERR_RT_OPTION). */
export const externalLimitMbMax = 16_777_216;
/** The heap, and what is outside of it, is looked at no more often than this, in ms. */
export const heapCheckIntervalMs = 2;
/** An idle thread raises its progress counter at this interval, in ms. */
export const heartbeatIntervalMs = 50;
/** A host without progress for this long, in ms, is killed (ERR_RT_THREAD_HANG), when the option `hangLimit` is absent. */
export const hangLimitMsDefault = 5_000;
/** A worker thread that loads modules may be silent for this long, in ms, where `hangLimit` is shorter; then it hangs. */
export const moduleLoadLimitMs = 60_000;
/** A shorter `hangLimit`, in ms, is refused (ERR_RT_OPTION): it could not be told from a slow heartbeat. */
export const hangLimitMsMin = 200;
/** The watchdog looks at the progress counters at this interval, in ms. */
export const watchdogIntervalMs = 50;
/** A thread that is not ready after this time, in ms, counts as failed to start. */
export const threadStartLimitMs = 30_000;
/** Failed starts of a thread in a row; then whoever waits for a thread gets ERR_RT_THREAD_START. */
export const threadStartAttemptsMax = 5;
/** Wait before the second attempt to start a thread, in ms; doubled for each further one. */
export const threadStartBackoffMs = 50;
/** A spare thread that is missing is started after this time, in ms, also while a recovery goes on or another thread loads its modules. */
export const refillDelayMs = 1_000;
/** Threads that wait as spares while deaths are recent; otherwise one does. */
export const sparesAfterDeath = 2;
/** The time after a death, in ms, in which `sparesAfterDeath` threads wait as spares. */
export const sparesAfterDeathMs = 60_000;
/** A spare thread rehearses this long after it has loaded its modules, in ms, as long as no thread has died: what has just started needs the cores more. */
export const rehearsalDelayMs = 1_000;
/** A stopping actor's setup, and its `onStop`, are waited for this long, in ms; then it is given up on, with an error in the log. */
export const actorCloseLimitMs = 10_000;
/** A host that has not stopped after this time, in ms, is killed. */
export const hostStopLimitMs = 10_000;
/** Replaced threads within `replacementWindowMs`; the next death fails the system (ERR_RT_REPLACEMENTS_SPENT). */
export const replacementsMax = 100;
/** The time in which `replacementsMax` counts, in ms. */
export const replacementWindowMs = 60_000;
/** Dead letters that travel with their value in one flush of a host; further ones of that flush are only counted. */
export const deadLettersPerFlushMax = 1_000;
/** Characters of one error's wire form, over all its causes; what goes beyond is cut off. */
export const wireErrorCharactersMax = 64 * 1024;
/** Items of a list or fields of an object in an error's wire form; further ones are left out. */
export const wireErrorItemsMax = 64;
/** Causes of causes in an error's wire form; deeper ones are left out. */
export const causeDepthMax = 16;
/** Values nested deeper are refused at the sender (ERR_RT_NOT_PLAIN_DATA). */
export const plainDepthMax = 1_000;
/** A larger `restarts.max` of a supervision is refused (ERR_RT_OPTION). */
export const restartsMaxLimit = 10_000;
/** A larger `messageRetries` of a supervision is refused (ERR_RT_OPTION). */
export const messageRetriesMaxLimit = 1_000;
/** Series of metrics of one registry; what is counted under further ones goes to one series `metrics-beyond-limit`. */
export const metricSeriesMax = 100_000;
/** How often a message or event that makes its actor fail is tried again, when `messageRetries` is absent. */
export const messageRetriesDefault = 3;
