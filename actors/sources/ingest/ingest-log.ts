/**
 * IngestLog: events in the order they came in, numbered from 0, in files of about equal size. What was appended is on the disk
 * when the promise resolves; what is not asked for any more is deleted, file by file.
 *
 * Invariants
 *  L1  one append is under way at a time: a crash takes parts of that from the end of the last file, and nothing else.
 *  L2  a file has its header on the disk before a record is written to it.
 *  L3  after a write that failed nothing is appended: nobody knows what of it is on the disk.
 *
 * Not here: the form of a file (ingest-segment.ts).
 */

import { type FileHandle, mkdir, open, readdir, readFile, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { assert, FileLock, type Logger } from "../../../runtime/index.ts";
import { ingestSegmentBytes } from "../../limits.ts";
import { IngestDamagedError, IngestLockedError, IngestWriteError } from "./ingest-error.ts";
import {
  type IngestRecord,
  readSegmentHeader,
  recordBytes,
  type ScannedSegment,
  scanSegment,
  segmentHeader,
  segmentHeaderBytes,
} from "./ingest-segment.ts";

interface Segment {
  readonly path: string;
  readonly first: number;
  sizeBytes: number;
}

export class IngestLog {
  /** Tells it from others. */
  readonly id: string;
  readonly directory: string;
  readonly #lock: FileLock;
  readonly #segments: Segment[];
  #file: FileHandle;
  #end: number;
  #hasFailed = false;

  private constructor(directory: string, lock: FileLock, found: FoundLog, file: FileHandle) {
    this.directory = directory;
    this.id = found.id;
    this.#lock = lock;
    this.#segments = found.segments;
    this.#file = file;
    this.#end = found.end;
  }

  /**
   * Opens the log in a directory, or begins one. What a crash has torn is cut off, which is said in the log of the job.
   *
   * @param freshId of a log that begins
   * @throws ERR_ACT_INGEST_LOCKED, ERR_ACT_INGEST_DAMAGED, ERR_ACT_INGEST_WRITE
   */
  static async open(directory: string, freshId: string, logger: Logger): Promise<IngestLog> {
    const lock = await acquireLock(directory);
    try {
      const found = (await findLog(directory, logger)) ?? (await beginLog(directory, freshId));
      const { path } = found.segments.at(-1) as Segment;
      return new IngestLog(directory, lock, found, await writing(path, () => open(path, "r+")));
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** The number of the first event that it holds. */
  get first(): number {
    return (this.#segments[0] as Segment).first;
  }

  /** The number behind the last event. */
  get end(): number {
    return this.#end;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /**
   * Appends events behind the last one; resolves when they are on the disk. Not before the append before has.
   *
   * @param batches encoded events, with their number
   * @throws ERR_ACT_INGEST_WRITE; the log has to be opened anew then
   */
  async append(batches: readonly Pick<IngestRecord, "count" | "payload">[]): Promise<void> {
    assert(!this.#hasFailed, "L3: nothing is appended after a failure");
    let end = this.#end;
    let appendedBytes = 0;
    const records = batches.map(({ count, payload }) => {
      const record = recordBytes({ first: end, count, payload }, appendedBytes);
      end += count;
      appendedBytes += record.length;
      return record;
    });
    const bytes = Buffer.concat(records);
    if (this.#current.sizeBytes >= ingestSegmentBytes) await this.#beginSegment();
    const segment = this.#current;
    try {
      await writeAll(this.#file, bytes, segment.sizeBytes);
      await this.#file.datasync();
    } catch (error) {
      this.#hasFailed = true;
      // Best effort: what is not known to be on the disk is told as lost, and should not come back.
      await this.#file.truncate(segment.sizeBytes).catch(() => undefined);
      throw new IngestWriteError(segment.path, error);
    }
    segment.sizeBytes += bytes.length;
    this.#end = end;
  }

  /**
   * The records from the one on that holds an event, file by file, up to the end that the log has now.
   *
   * @throws ERR_ACT_INGEST_DAMAGED
   */
  async *readFrom(event: number): AsyncGenerator<readonly IngestRecord[], void, undefined> {
    const end = this.#end;
    // A copy: files may be deleted meanwhile.
    const segments = [...this.#segments];
    for (const [index, segment] of segments.entries()) {
      const next = segments[index + 1];
      if (next !== undefined && next.first <= event) continue;
      if (segment.first >= end) return;
      const { scanned } = await readSegment(segment.path, segment.sizeBytes);
      if (scanned.end !== (next?.first ?? end) || scanned.rest === "damaged") {
        throw new IngestDamagedError(segment.path, scanned.bytes, "a record is missing, or is not what was written");
      }
      yield scanned.records.filter(({ first, count }) => first + count > event && first < end);
    }
  }

  /** Deletes the files that hold nothing from an event on. Resolves when it is done. Throws ERR_ACT_INGEST_WRITE. */
  async deleteBefore(event: number): Promise<void> {
    for (let next = this.#segments[1]; next !== undefined && next.first <= event; next = this.#segments[1]) {
      const { path } = this.#segments.shift() as Segment;
      await writing(path, () => unlink(path));
    }
  }

  async close(): Promise<void> {
    try {
      await this.#file.close();
    } finally {
      this.#lock.release();
    }
  }

  get #current(): Segment {
    return this.#segments.at(-1) as Segment;
  }

  async #beginSegment(): Promise<void> {
    try {
      const segment = await createSegment(this.directory, this.id, this.#end);
      const file = await writing(segment.path, () => open(segment.path, "r+"));
      await this.#file.close();
      this.#file = file;
      this.#segments.push(segment);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }
}

interface FoundLog {
  readonly id: string;
  readonly segments: Segment[];
  readonly end: number;
}

async function acquireLock(directory: string): Promise<FileLock> {
  await writing(directory, () => makeDirectory(resolve(directory)));
  const lock = await writing(directory, async () => FileLock.tryAcquire(join(directory, "lock")));
  if (lock === undefined) throw new IngestLockedError(directory);
  return lock;
}

const segmentName = /^\d{16}\.log$/;

async function beginLog(directory: string, id: string): Promise<FoundLog> {
  return { id, segments: [await createSegment(directory, id, 0)], end: 0 };
}

/** Undefined when the directory holds none. The last file is verified as a whole, the others when they are read. */
async function findLog(directory: string, logger: Logger): Promise<FoundLog | undefined> {
  const names = (await readdir(directory)).filter((name) => segmentName.test(name)).sort();
  const last = names.at(-1);
  if (last === undefined) return undefined;
  const path = join(directory, last);
  const { header, scanned, sizeBytes } = await readSegment(path);
  if (header === undefined) {
    if (sizeBytes > segmentHeaderBytes) throw new IngestDamagedError(path, 0, "it does not begin with a header");
    // It was being made (L2); what is before it is all there is.
    await writing(path, () => unlink(path));
    return findLog(directory, logger);
  }
  if (scanned.rest === "damaged") {
    throw new IngestDamagedError(path, scanned.bytes, "a record is not what was written, and others follow");
  }
  if (scanned.rest === "torn") {
    logger.log("warn", "cut off what a crash has torn of an ingest log", { path, bytes: sizeBytes - scanned.bytes });
    await cutOff(path, scanned.bytes);
  }
  const segments: Segment[] = [];
  for (const name of names.slice(0, -1)) segments.push(await segmentAt(join(directory, name), header.log));
  segments.push({ path, first: header.first, sizeBytes: scanned.bytes });
  return { id: header.log, segments, end: scanned.end };
}

async function segmentAt(path: string, log: string): Promise<Segment> {
  const file = await writing(path, () => open(path, "r"));
  try {
    const { buffer } = await file.read(Buffer.alloc(segmentHeaderBytes), 0, segmentHeaderBytes, 0);
    const header = readSegmentHeader(buffer);
    if (header?.log !== log) throw new IngestDamagedError(path, 0, "it does not begin with a header of this log");
    return { path, first: header.first, sizeBytes: (await file.stat()).size };
  } finally {
    await file.close();
  }
}

interface ReadSegment {
  readonly header: { readonly log: string; readonly first: number } | undefined;
  readonly scanned: ScannedSegment;
  readonly sizeBytes: number;
}

/** @param sizeBytes what of the file to look at; all of it when absent */
async function readSegment(path: string, sizeBytes?: number): Promise<ReadSegment> {
  const bytes = (await writing(path, () => readFile(path))).subarray(0, sizeBytes);
  const header = readSegmentHeader(bytes);
  return { header, scanned: scanSegment(bytes, header?.first ?? 0), sizeBytes: bytes.length };
}

async function createSegment(directory: string, log: string, first: number): Promise<Segment> {
  const path = join(directory, `${String(first).padStart(16, "0")}.log`);
  return writing(path, async () => {
    const file = await open(path, "w");
    try {
      await writeAll(file, segmentHeader({ log, first }), 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncDirectory(directory);
    return { path, first, sizeBytes: segmentHeaderBytes };
  });
}

async function cutOff(path: string, sizeBytes: number): Promise<void> {
  await writing(path, async () => {
    const file = await open(path, "r+");
    try {
      await file.truncate(sizeBytes);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
}

/** With its parents; their names are on the disk when it resolves. */
async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

/** So that the name of a new file is on the disk. Not every system lets a directory be opened for that. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writing<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new IngestWriteError(path, error);
  }
}
