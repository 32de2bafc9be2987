/** Bounds of the actors room, each with its unit. Reaching one has the effect that its line says. */

/** More results of one event fail that event (ERR_ACT_EXPANSION_TOO_LARGE). */
export const expansionEventsMax = 1_000_000;
/** Keys are spread over this many groups, and groups over instances; a checkpoint can be restored on up to as many. */
export const keyGroupCount = 128;
/** The owners of this many different strings and bigints are remembered per keyed output; with more it is begun anew, or left for a while. */
export const ownersKeptMax = 10_000;
/** Keys and panes of which a keyed output holds accumulators until they are sent; with more they are sent at once. */
export const foldedEntriesMax = 8_192;
/** The same where all of its channels stay within the thread: with more keys each event is handed over as it is. */
export const localFoldedEntriesMax = 4_096;
/** Keys that are counted per keyed output, to find those that come most often; others take the place of the rarest. */
export const frequentKeysMax = 32;
/** About one event in so many is counted for that. */
export const keySampleGap = 64;
/** Half of what was counted is forgotten when it is so many events, so that it tells of what came lately. */
export const keySampleMax = 4_096;
/** Events that `mapAsync` has in flight per instance, unless another concurrency is given. */
export const asyncConcurrencyDefault = 16;
/** A call of `mapAsync` that takes longer counts as failed, unless another timeout is given (ERR_ACT_CALL_TIMEOUT). */
export const asyncTimeoutMsDefault = 60_000;
/** `throttle` lets through at once what its rate allows in this time, unless a burst is given: timers are no finer. */
export const throttleBurstMsDefault = 20;
/** A longer line, record or row of text from outside is given up (ERR_ACT_LINE_TOO_LONG). */
export const lineBytesMaxDefault = 1024 * 1024;
/** A larger `lineBytesMax` is refused (ERR_RT_OPTION): a line has to fit a string and a frame. */
export const lineBytesMaxAllowed = 32 * 1024 * 1024;
/** A file is read in pieces of this size. */
export const readChunkBytes = 256 * 1024;
/** A file is known again by the checksum of this many bytes from its beginning; what is changed behind them is not noticed. */
export const passedHeadBytes = 16 * 1024 * 1024;
/** ... and by that of this many bytes before the position; a change there is noticed (ERR_ACT_POSITION_LOST). */
export const passedTailBytes = 4 * 1024;
/** Reading ahead of the events stops when this many bytes wait. */
export const readAheadBytesMax = 1024 * 1024;
/** Text is decoded in pieces of about this size, so that a line kept alive keeps no more than this alive. */
export const decodePieceBytes = 16 * 1024;
/** A connection is paused while this many of its bytes wait. */
export const socketBufferBytesMax = 64 * 1024;
/** Connections that a listening source holds unless told otherwise; further ones are closed at once. */
export const connectionCountMaxDefault = 256;
/** Events that a `durableIngest` has received and not handed on; above, its source is not polled. */
export const ingestAheadBytesMax = 4 * 1024 * 1024;
/** A file of an ingest log that is larger is followed by another; files are deleted as a whole. */
export const ingestSegmentBytes = 16 * 1024 * 1024;
/** An ingest log that is larger makes its source wait for a checkpoint, unless another `bytesMax` is given. */
export const ingestBytesMaxDefault = 1024 * 1024 * 1024;
/** A smaller `bytesMax` of an ingest log is refused (ERR_RT_OPTION): it would wait for files that cannot be deleted yet. */
export const ingestBytesMin = 4 * ingestSegmentBytes;
/** A directory with more matching files is refused (ERR_ACT_INPUT_UNREADABLE). */
export const directoryFilesMax = 100_000;
/** Reading ahead of an async iterable stops when this many events wait. */
export const iterableReadAheadEventsMax = 1_024;
/** A sink that writes takes no input while this many bytes wait. */
export const writeBufferBytesMax = 1024 * 1024;
/** More calls at a time are refused (ERR_RT_OPTION). */
export const callsInFlightMax = 10_000;
/** The event of a dead letter is kept up to this size, in bytes as msgpack; a larger one is a text there, and cannot be resubmitted. */
export const deadLetterValueBytesMax = 64 * 1024;
/** Characters of the error of a dead letter, with its stack and all its causes; what goes beyond is cut off. */
export const deadLetterErrorCharactersMax = 4 * 1024;
/** Dead letters of one instance of a chain in one epoch, unless `deadLetters.perEpoch` says otherwise; with one more the run fails (ERR_ACT_DEAD_LETTERS). */
export const deadLettersPerEpochDefault = 50_000;
/** Their size in bytes; with more the run fails (ERR_ACT_DEAD_LETTERS). */
export const deadLetterBytesPerEpochMax = 48 * 1024 * 1024;
/** Resubmitted events on their way to one instance of a chain; further ones follow when a checkpoint holds what these did. */
export const resubmittedInFlightMax = 1_000;
/** A batch is handed on when it holds this many events, or sooner when its cell has nothing more to do. */
export const batchEventsMax = 1_024;
/** The same between threads, where a batch that is posted costs as much as some hundred events. */
export const sentBatchEventsMax = 4_096;
/** More events leave as several batches, which take their turns one by one. */
export const channelBatchEventsMax = 8_192;
/** Events that leave their thread are encoded together up to about this size, in bytes as they are in memory; a single event may be larger. */
export const batchBytesSoft = 4 * 1024 * 1024;
/** Events on their way on one channel at most, what was put together of several as one; beyond, the sender waits for credit. Default of `creditEvents`. */
export const creditEventsDefault = 65_536;
/** Between threads as many events may be on their way on a channel as its receiver lately consumed in this time, in ms, up to `creditEvents`. */
export const creditMs = 10;
/** One part in so many of `creditEvents` may be on its way between threads however slow the receiver is. */
export const creditFloorShare = 8;
/** Where an input of an operator is ahead of another in event time, so many batches of the other are taken for one of its own. */
export const turnsPutOffMax = 8;
/** Events on their way on a channel within a thread, where `creditEvents` allows more; beyond, the sender waits for credit. */
export const localCreditEventsMax = 8_192;
/** A slice of a batch that takes longer, in ms, makes the next one half as large. */
export const sliceBudgetMs = 4;
/** Copies of loops that a thread keeps, each for the functions of an author's that it calls; with one more they are begun anew. */
export const ownCopiesMax = 1_000;
/** No copy is made for functions whose texts are longer together. */
export const ownCopyCharactersMax = 20_000;
/** Events of the first slice that a cell takes of its input; further ones are larger or smaller, by the time it took. */
export const firstSliceEvents = 32;
/** Events that a source which acknowledges reads and reserves at once. */
export const strideEventsMax = 8_192;
/** Strides that a source has read and not emitted; it reads no further until the first has gone. */
export const stridesMax = 2;
/** Events that a source which can be read again reserves ahead under at-most-once; when its thread or process dies, no more than these are left out. */
export const reservedEventsMax = 1_048_576;
/** A source that reads fewer events in `reservationMs` reserves what it has read, and nothing ahead. */
export const reservedEventsMin = 128;
/** A source reserves what it reads in about this time, in ms, if that is less; what it has not read by then is given back. */
export const reservationMs = 50;
/** Bytes counted for each batch that an outbox keeps, on top of its events: what the log and the buffer need themselves. */
export const retainedItemBytes = 256;
/** Encoded batches that an outbox keeps lie in pieces of memory of this size, where they have no more than a quarter of it; larger ones in pieces of four times, or sixteen times, the size. */
export const batchChunkBytes = 64 * 1024;
/** The largest such pieces; batches of more than a quarter of one lie in buffers of their own. */
export const batchChunkBytesMax = 1024 * 1024;
/** Such pieces that hold nothing stay on a thread, to be used again, up to this many bytes of them: what 200 ms of a fast stream take. */
export const spareChunkBytesMax = 32 * 1024 * 1024;
/** What the outboxes of a run keep for a replay, over all threads; beyond, sources pause until a checkpoint is complete. Default of `retentionBytes`. */
export const retentionBytesDefault = 256 * 1024 * 1024;
/** What the outboxes of one cell may keep for a replay; with more the run fails (ERR_ACT_RETENTION_LIMIT). Default of `retentionBytesMax`. */
export const retentionBytesMaxDefault = 1024 * 1024 * 1024;
/** Results wait at most about this long, in ms, for a fuller batch while their cell is busy, unless `linger` says otherwise. */
export const flushIntervalMs = 5;
/** Pieces of state with a time to live that an operator looks at per event, to remove those that have run out: of state that grows by a piece per event, no more than a third again is kept. */
export const statePiecesPerEvent = 4;
/** ... and at this many each time when it sweeps without events. */
export const statePiecesPerSweep = 10_000;
/** State that lives by the wall clock is swept this often, in ms, also without events. */
export const stateSweepIntervalMs = 1_000;
/** A longer season of `holtWinters` is refused (ERR_RT_OPTION): each key keeps a number per value of it, and all of them are in the next checkpoint when one changes. */
export const seasonLengthMax = 10_000;
/** A higher version of a state is refused (ERR_RT_OPTION). */
export const stateVersionMax = 1_000_000;
/** Events of one transaction of a sink; when it holds as many it is prepared, and the next one begins. Default of `eventsMax`. */
export const transactionEventsMaxDefault = 100_000;
/** A larger `eventsMax` of a transactional sink is refused (ERR_RT_OPTION). */
export const transactionEventsMaxAllowed = 10_000_000;
/** Events of one call of an `upsert`, unless `eventsMax` says otherwise; they are part of the checkpoint. */
export const upsertEventsMaxDefault = 10_000;
/** A transactional sink takes no input while this many events wait to be written. */
export const waitingRowsMax = 8_192;
/** Without epochs a transactional sink commits what came within this time, in ms, as one transaction. */
export const transactionIntervalMs = 200;
/** Longest wait before the second attempt to commit a transaction, in ms; each further one waits up to twice as long. */
export const commitBackoffMs = 100;
/** Longest wait between two attempts to commit a transaction, in ms; they never end. */
export const commitBackoffMsMax = 10_000;
/** A report says what a transactional sink waits for when a call of its functions takes longer, in ms. */
export const stepSlowMs = 1_000;
/** A stopping transactional sink waits this long, in ms, for the call in flight. */
export const writerCloseLimitMs = 5_000;
/**
 * Snapshots of the operators of one chain instance with more bytes end the job (ERR_ACT_SNAPSHOT_TOO_LARGE): what changed in one
 * epoch has to fit a frame.
 */
export const snapshotBytesMax = 48 * 1024 * 1024;
/** State of so many keys of one instance is kept as objects; with more, it is kept outside of the heap, if its values are numbers, booleans or nothing. */
export const objectStateKeysMax = 16_384;
/** The same for a window, and for lists and maps whose values have to be encoded: with one more all of them are, at once. */
export const encodedStateKeysMax = 65_536;
/** The same for single values that have to be encoded, one by one; then so many are objects, those that have changed last, of up to twice as many keys. */
export const encodedValuesMax = 262_144;
/** A value of such state, with its key, that has more bytes, encoded, stays an object. */
export const packedRecordBytesMax = 32 * 1024;
/** A list, or the map of a key, that has more pieces stays an object: each time it is asked for it would be decoded as a whole. */
export const packedPiecesMax = 128;
/** So many packed lists or maps of one instance are objects while they change; with one more, or with a snapshot, they are encoded again. */
export const warmCollectionsMax = 4_096;
/** More bytes of state of one operator instance, encoded, end the job (ERR_ACT_STATE_TOO_LARGE): a thread could not hold it. */
export const stateBytesMax = 512 * 1024 * 1024;
/** A larger `topN` is refused (ERR_RT_OPTION): every event would be compared with the lowest of as many. */
export const topCountMax = 10_000;
/** Events that `collect` keeps in one accumulator, unless another limit is given (ERR_ACT_AGGREGATE_LIMIT). */
export const collectedEventsDefault = 10_000;
/** A larger limit of `collect` is refused (ERR_RT_OPTION). */
export const collectedEventsMax = 1_000_000;
/** Different values that `distinct` keeps in one accumulator, unless another limit is given (ERR_ACT_AGGREGATE_LIMIT). */
export const distinctValuesDefault = 100_000;
/** A larger limit of `distinct` is refused (ERR_RT_OPTION). */
export const distinctValuesMax = 10_000_000;
/** Bins of a quantile for numbers of one sign; with more, those nearest to zero become one, and its accuracy is lost for them. */
export const quantileBinsMax = 2_048;
/** A split without an event for so long, in ms, is idle and holds no watermark up, unless `idleAfter` says otherwise. */
export const idleAfterMsDefault = 30_000;
/** An event that is further ahead of the wall clock, in ms, is given up (ERR_ACT_EVENT_TIME), unless `maxAhead` says otherwise. */
export const maxAheadMsDefault = 86_400_000;
/** A micro-batch with so many events ends before its interval does, unless `events` says otherwise. */
export const microBatchEventsDefault = 100_000;
/** More `events` of a micro-batch are refused (ERR_RT_OPTION). */
export const microBatchEventsMax = 10_000_000;
/** A larger answer of one operator instance to a query of its state is refused (ERR_JOB_QUERY). */
export const queryBytesMax = 8 * 1024 * 1024;
/** A timer beyond so many of one key is refused (ERR_ACT_TIMERS). */
export const timersPerKeyMax = 1_000;
/** Splits that one instance of `eventTime` tells apart; the events of further ones are given up (ERR_ACT_EVENT_TIME). */
export const splitsMax = 10_000;
/** Events of one key that a join keeps on one side; one more is given up (ERR_ACT_JOIN_ROWS), unless `rowsPerKeyMax` says otherwise. */
export const joinRowsPerKeyMaxDefault = 100_000;
/** A larger `rowsPerKeyMax` of a join is refused (ERR_RT_OPTION). */
export const joinRowsPerKeyMax = 10_000_000;
/** Answers that the cache of a lookup keeps per instance, unless another size is given: the one that was asked for the longest time ago makes room. */
export const lookupCacheEntriesDefault = 10_000;
/** A larger cache of a lookup is refused (ERR_RT_OPTION). */
export const lookupCacheEntriesMax = 10_000_000;
/** Rules that an operator with `withBroadcast` holds; one more fails (ERR_ACT_RULES). */
export const broadcastRulesMax = 100_000;
/** A stage of a pattern that takes more events (`times`) is refused (ERR_RT_OPTION): it is compiled to a state for each. */
export const stageTimesMax = 1_000;
/** Partial matches of one key, unless `partialMatchesMax` says otherwise; an event that would make more is given up (ERR_ACT_PATTERN_LIMIT). */
export const partialMatchesDefault = 1_000;
/** Events that the partial matches of one key hold, unless `capturesMax` says otherwise; the next is given up (ERR_ACT_PATTERN_LIMIT). */
export const capturesDefault = 10_000;
/** Events of one key that wait for event time, unless `waitingMax` says otherwise; the next is given up (ERR_ACT_PATTERN_LIMIT, ERR_ACT_WAITING). */
export const waitingEventsDefault = 10_000;
/** A larger limit of `match` is refused (ERR_RT_OPTION): what is kept for a key is handled and stored as one. */
export const matchLimitMax = 1_000_000;
/** A larger `waitingMax` of `inOrder` and `numbered` is refused (ERR_RT_OPTION): what waits of a key is stored as one. */
export const inOrderWaitingMax = 1_000_000;
/** Panes of one sliding window; a slide that makes more is refused (ERR_RT_OPTION). */
export const windowPanesMax = 100_000;
/** A larger number of events per window or result is refused (ERR_RT_OPTION). */
export const triggerEventsMax = 1_000_000_000;
/** Rows of a group that a table aggregates together where the aggregate takes nothing back: one that goes costs about as many steps. */
export const aggregateBlockRows = 64;
/** Ranks that `topN` of a table shows or leaves out; more are refused (ERR_RT_OPTION): what is shown is looked through at every change. */
export const topRanksMax = 10_000;
