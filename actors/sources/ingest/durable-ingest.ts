/**
 * durableIngest: makes a source that cannot be read again replayable. What it delivers is appended to a log on the disk before
 * it is handed on; after a restart it is read from there, from the position in the checkpoint on.
 *
 * Arrivals are written together: while one group of them is on its way to the disk, the next one gathers. So a slow disk makes
 * groups larger, not the source slower.
 *
 * Bounds: `ingestAheadBytesMax` of events that are not handed on yet, and after a restart one file of the log more; `bytesMax` of
 * the log; above, the source is not
 * polled, so that whoever sends has to wait.
 */

import { join } from "node:path";
import { checkNames, encode, OptionError, wholeNumber } from "../../../runtime/index.ts";
import { ingestAheadBytesMax, ingestBytesMaxDefault, ingestBytesMin } from "../../limits.ts";
import type { PollResult, SourceContext, SourceOutput, SourceReader, SourceSpec } from "../../source.ts";
import { PositionLostError } from "../input-error.ts";
import { outputTo } from "../output-to.ts";
import { checkPath } from "../text-lines.ts";
import { IngestLog } from "./ingest-log.ts";
import { eventsOf, type IngestEvents, type IngestRecord } from "./ingest-segment.ts";

export interface DurableIngestOptions {
  /** Where the log is kept, below a folder for the job, the source and the instance. Default: the `storage` of the job. */
  readonly directory?: string;
  /** When the log is larger, the source waits for a checkpoint, after which files are deleted. Default 1 GiB. */
  readonly bytesMax?: number;
}

/**
 * A source that delivers what another one does, and can be read again: events are on the disk before they are handed on, and
 * are deleted when a complete checkpoint lies behind them. What its sender has sent and this process has not received is up
 * to the two of them.
 *
 * Values are plain data; one that is not becomes a dead letter.
 *
 * @param source one that can neither be read again nor acknowledges: `tcpListen`, `tcpLines`, `stdinLines`, one of your own
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with ERR_ACT_INGEST_WRITE, ERR_ACT_INGEST_DAMAGED, ERR_ACT_INGEST_LOCKED, ERR_ACT_POSITION_LOST (the log was deleted,
 * exchanged or cut off), and as the other source does.
 */
export function durableIngest<T>(source: SourceSpec<T>, options: DurableIngestOptions = {}): SourceSpec<T> {
  checkNames("durableIngest", options, { directory: true, bytesMax: true });
  const { directory, bytesMax = ingestBytesMaxDefault } = options;
  if (typeof source?.create !== "function") throw new OptionError("durableIngest: source", source, "a source");
  if (source.replayable || source.acknowledging) {
    throw new OptionError("durableIngest: source", source.kind, "a source that cannot be read again; this one can");
  }
  if (directory !== undefined) checkPath("durableIngest: directory", directory);
  wholeNumber("durableIngest: bytesMax", bytesMax, ingestBytesMin, Number.MAX_SAFE_INTEGER);
  return {
    kind: "durable-ingest",
    bounded: source.bounded,
    replayable: true,
    acknowledging: true,
    ...(source.origin === undefined ? {} : { origin: source.origin }),
    create: () => new DurableIngestReader(source.create(), directory, bytesMax),
  };
}

/** What stands in a checkpoint. */
interface IngestPosition {
  /** The id of the log. */
  readonly log: string;
  /** The number of the next event. */
  readonly event: number;
}

type PastRecords = ReturnType<IngestLog["readFrom"]>;

/** Events on their way: to the disk, or from there on. */
interface Arrivals extends IngestEvents {
  readonly bytes: number;
}

interface UnwrittenArrivals extends Arrivals, Pick<IngestRecord, "count" | "payload"> {}

class DurableIngestReader<T> implements SourceReader<T> {
  readonly #source: SourceReader<T>;
  readonly #directory: string | undefined;
  readonly #bytesMax: number;
  #context: SourceContext | undefined;
  #log: IngestLog | undefined;
  /** The number of the next event to hand on. */
  #event = 0;
  /** What is on the disk and not handed on; the first `#readyAt` events of the first one were. */
  readonly #ready: Arrivals[] = [];
  #readyAt = 0;
  #unwritten: UnwrittenArrivals[] = [];
  #aheadBytes = 0;
  /** What an earlier incarnation has written, until all of it was read. */
  #past: PastRecords | undefined;
  #work: Promise<void> | undefined;
  #sourceResult: PollResult = "more";
  #failure: { readonly error: unknown } | undefined;
  #isFull = false;
  #isSourceOpen = false;
  #isClosed = false;

  constructor(source: SourceReader<T>, directory: string | undefined, bytesMax: number) {
    this.#source = source;
    this.#directory = directory;
    this.#bytesMax = bytesMax;
  }

  async open(context: SourceContext, position: unknown): Promise<void> {
    const directory = this.#directory ?? context.storage;
    if (directory === undefined) {
      throw new OptionError("durableIngest: directory", directory, "a path, as the job is run without `storage`");
    }
    this.#context = context;
    const { job, operator, instance } = context;
    const place = join(directory, `${job}.ingest`, operator, `${instance}`);
    this.#log = await IngestLog.open(place, context.random.id(), context.logger);
    this.#event = startIn(this.#log, position);
    this.#past = this.#log.readFrom(this.#event);
    this.#isSourceOpen = true;
    await this.#source.open(context, undefined);
  }

  poll(output: SourceOutput<T>, eventCountMax: number): PollResult {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#handOn(output, eventCountMax);
    if (this.#past === undefined) this.#receive(eventCountMax);
    this.#goOn();
    if (this.#ready.length > 0) return "more";
    if (this.#past !== undefined || this.#isWriting || this.#isFull) return "waiting";
    return this.#sourceResult;
  }

  position(): IngestPosition {
    return { log: this.#log!.id, event: this.#event };
  }

  acknowledge(position: unknown): Promise<void> {
    const { event } = position as IngestPosition;
    return this.#log!.deleteBefore(event).then(() => {
      if (this.#isFull) this.#context!.wake();
    });
  }

  /** What was received is written before the log is closed. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      if (this.#isSourceOpen) await this.#source.close?.();
      await this.#work;
      await this.#write();
    } finally {
      await this.#log?.close();
    }
  }

  get #isWriting(): boolean {
    return this.#work !== undefined || this.#unwritten.length > 0;
  }

  #handOn(output: SourceOutput<T>, eventCountMax: number): void {
    let left = eventCountMax;
    while (left > 0) {
      const arrivals = this.#ready[0];
      if (arrivals === undefined) return;
      const { values, times } = arrivals;
      const to = Math.min(values.length, this.#readyAt + left);
      left -= to - this.#readyAt;
      for (; this.#readyAt < to; this.#readyAt += 1) {
        this.#event += 1;
        output.emit(values[this.#readyAt] as T, times?.[this.#readyAt]);
      }
      if (to < values.length) return;
      this.#ready.shift();
      this.#readyAt = 0;
      this.#aheadBytes -= arrivals.bytes;
    }
  }

  /** Takes what the source has, as far as there is room. */
  #receive(eventCountMax: number): void {
    if (this.#sourceResult === "end" || !this.#hasRoom()) return;
    const values: unknown[] = [];
    const times: (number | undefined)[] = [];
    const output = outputTo<T>((value, time) => {
      values.push(value);
      times.push(time);
    });
    try {
      this.#sourceResult = this.#source.poll(output, eventCountMax);
    } finally {
      this.#add({ values, times: times.some((time) => time !== undefined) ? times : undefined });
    }
  }

  #hasRoom(): boolean {
    const { sizeBytes, directory } = this.#log!;
    const isFull = sizeBytes >= this.#bytesMax;
    if (isFull && !this.#isFull) {
      const details = { directory, sizeBytes, bytesMax: this.#bytesMax };
      this.#context!.logger.log("warn", "an ingest log is full: its source waits for a checkpoint", details);
    }
    this.#isFull = isFull;
    return !isFull && this.#aheadBytes < ingestAheadBytesMax;
  }

  /** Encodes events to be written; halves what cannot be encoded, down to the events that cannot. */
  #add({ values, times }: IngestEvents): void {
    const count = values.length;
    if (count === 0) return;
    try {
      const payload = encode([values, times], "events");
      this.#aheadBytes += payload.length;
      this.#unwritten.push({ values, times, count, payload, bytes: payload.length });
    } catch (error) {
      if (count === 1) return this.#context!.deadLetter(values[0], error);
      const half = count >> 1;
      this.#add({ values: values.slice(0, half), times: times?.slice(0, half) });
      this.#add({ values: values.slice(half), times: times?.slice(half) });
    }
  }

  /** Reads from the log, or writes to it, one at a time. */
  #goOn(): void {
    if (this.#work !== undefined) return;
    const past = this.#past;
    if (past !== undefined && this.#aheadBytes < ingestAheadBytesMax) this.#run(() => this.#readPast(past));
    else if (past === undefined && this.#unwritten.length > 0) this.#run(() => this.#write());
  }

  #run(work: () => Promise<void>): void {
    this.#work = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .then(() => {
        this.#work = undefined;
        if (!this.#isClosed) this.#context!.wake();
      });
  }

  async #readPast(past: PastRecords): Promise<void> {
    const { value, done } = await past.next();
    if (done === true || value === undefined) {
      this.#past = undefined;
      return;
    }
    for (const record of value) {
      const { values, times } = eventsOf(record);
      const skipped = Math.max(0, this.#event - record.first);
      this.#ready.push({ values: values.slice(skipped), times: times?.slice(skipped), bytes: record.payload.length });
      this.#aheadBytes += record.payload.length;
    }
  }

  async #write(): Promise<void> {
    const group = this.#unwritten;
    if (group.length === 0) return;
    this.#unwritten = [];
    if (this.#failure !== undefined) return this.#giveUp(group, this.#failure.error);
    try {
      await this.#log!.append(group);
    } catch (error) {
      this.#giveUp(group, error);
      throw error;
    }
    this.#ready.push(...group);
  }

  #giveUp(group: readonly UnwrittenArrivals[], error: unknown): void {
    for (const { values } of group) for (const value of values) this.#context!.deadLetter(value, error);
  }
}

/** The event to begin with. Throws ERR_ACT_POSITION_LOST when the log does not hold it, or is another one. */
function startIn(log: IngestLog, position: unknown): number {
  if (position === undefined) return log.first;
  if (typeof position !== "object" || position === null || !("log" in position && "event" in position)) {
    throw new PositionLostError(log.directory, position, "it is not one of an ingest log");
  }
  const { log: id, event } = position as IngestPosition;
  if (id !== log.id) throw new PositionLostError(log.directory, position, `the log there is another one, ${log.id}`);
  if (event >= log.first && event <= log.end) return event;
  throw new PositionLostError(log.directory, position, `it holds the events from ${log.first} to ${log.end}`);
}
