/**
 * CommittedFile: a file that grows by transactions. The text of each waits in a pending part beside it; a commit copies the
 * part to its place in the file, makes that durable, and removes the part.
 *
 * Invariants
 *  F1  every handle has a place of its own in the file, behind that of the handle before. Writing it again, or by two
 *      incarnations at once, writes the same bytes to the same place.
 *  F2  a part is removed only when its text is durable in the file: as long as there is a part it is copied (again), and
 *      when there is none its text is in the file, or the file was changed by somebody else.
 *  F3  a part that is in no checkpoint is removed before the first transaction begins.
 *  F4  the file of an instance that is not there any more holds all of its checkpoint, and is left alone from then on; when
 *      there is an instance of that number again, it goes on behind it.
 */

import { constants } from "node:fs";
import { type FileHandle, open, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { faultPoint } from "../../runtime/index.ts";
import { readChunkBytes } from "../limits.ts";
import type { OperatorContext } from "../operator.ts";
import type { LeftTransactions, TransactionalWriter } from "../transactions/transactional-writer.ts";
import { pathOf, pathOfInstance } from "./path-of-instance.ts";
import { SinkChangedError, SinkWriteError } from "./sink-write-error.ts";

interface OpenPart {
  readonly path: string;
  readonly file: FileHandle;
  bytes: number;
}

/** A prepared part, and its place in the file. */
interface FilePart {
  readonly path: string;
  readonly part: string;
  readonly offset: number;
  readonly bytes: number;
}

export class CommittedFile implements TransactionalWriter<string, OpenPart, FilePart> {
  readonly #givenPath: string;
  readonly #append: boolean;
  #path = "";
  #instance = 0;
  /** Where the next part goes. */
  #end = 0;
  #isRecovered = false;
  /** Whether an earlier incarnation, or an attempt that failed, may have copied some of the part that is next. */
  #isInDoubt = true;

  /** @param append whether what the file holds at the first start is kept */
  constructor(path: string, append: boolean) {
    this.#givenPath = path;
    this.#append = append;
  }

  async open(context: OperatorContext): Promise<void> {
    this.#instance = context.instance;
    this.#path = resolve(pathOfInstance(this.#givenPath, context));
    await this.#orFail(async () => {
      const file = await open(this.#path, "a");
      const stats = await file.stat();
      await file.close();
      if (!stats.isFile()) throw new Error("it is no file, which exactly-once needs");
    });
  }

  async recover(newest: FilePart | undefined, { instance }: LeftTransactions): Promise<void> {
    const isOwn = instance === this.#instance;
    const paths = [isOwn ? this.#path : resolve(pathOf(this.#givenPath, instance)), newest?.path ?? this.#path];
    await this.#orFail(async () => {
      for (const path of new Set(paths)) await removeParts(path);
      if (!isOwn) return;
      this.#end = newest?.path === this.#path ? await this.#goOnBehind(newest) : await this.#begin();
      await syncDirectory(dirname(this.#path));
      this.#isRecovered = true;
      this.#isInDoubt = false;
    });
  }

  begin(name: string): Promise<OpenPart> {
    const id = name.slice(name.lastIndexOf("/") + 1);
    const path = `${this.#path}.${id}${partSuffix}`;
    return this.#orFail(async () => ({ path, file: await open(path, "wx"), bytes: 0 }));
  }

  async write(part: OpenPart, lines: readonly string[]): Promise<void> {
    const text = Buffer.from(lines.join(""));
    // Writes all of it, however many system calls that takes.
    await this.#orFail(() => part.file.appendFile(text));
    part.bytes += text.byteLength;
  }

  async prepare(part: OpenPart): Promise<FilePart> {
    await this.#orFail(async () => {
      await part.file.sync();
      await part.file.close();
      await syncDirectory(dirname(part.path));
    });
    const prepared = { path: this.#path, part: part.path, offset: this.#end, bytes: part.bytes };
    this.#end += part.bytes;
    return prepared;
  }

  async commit(prepared: FilePart): Promise<void> {
    await this.#orFail(async () => {
      const part = await openIfThere(prepared.part);
      if (part === undefined) return await checkShown(prepared);
      try {
        await this.#show(part, prepared);
      } finally {
        await part.close();
      }
      faultPoint("sink.file.durable");
      await rm(prepared.part);
    });
    this.#isInDoubt = !this.#isRecovered;
  }

  async abort(part: OpenPart): Promise<void> {
    await part.file.close();
    await rm(part.path, { force: true });
  }

  isLasting(error: unknown): boolean {
    return error instanceof SinkChangedError;
  }

  /** Copies a part to its place. */
  async #show(part: FileHandle, { path, offset, bytes }: FilePart): Promise<void> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT);
    try {
      const { size } = await file.stat();
      const sizeMax = this.#isInDoubt ? offset + bytes : offset;
      if (size < offset || size > sizeMax) throw new SinkChangedError(path, offset, size, hint);
      this.#isInDoubt = true;
      await copyTo(part, file, offset);
      faultPoint("sink.file.copied");
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** The first start: the file is as its author wants to find it. */
  async #begin(): Promise<number> {
    const file = await open(this.#path, this.#append ? "a" : "w");
    try {
      return (await file.stat()).size;
    } finally {
      await file.close();
    }
  }

  async #goOnBehind({ offset, bytes }: FilePart): Promise<number> {
    const size = await sizeOf(this.#path);
    if (size !== offset + bytes) throw new SinkChangedError(this.#path, offset + bytes, size, hint);
    return size;
  }

  async #orFail<R>(act: () => Promise<R>): Promise<R> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof SinkChangedError) throw error;
      throw new SinkWriteError(`"${this.#path}"`, error);
    }
  }
}

const partSuffix = ".pending";
const hint = "exactly-once needs a file of its own, as the checkpoint knows it: put it back, or write to another path";

async function removeParts(path: string): Promise<void> {
  const directory = dirname(path);
  for (const name of (await unlessMissing(readdir(directory))) ?? []) {
    if (isPartOf(basename(path), name)) await rm(join(directory, name), { force: true });
  }
}

function isPartOf(file: string, name: string): boolean {
  return (
    name.startsWith(`${file}.`) &&
    /^[\w-]+$/.test(name.slice(file.length + 1, -partSuffix.length)) &&
    name.endsWith(partSuffix)
  );
}

async function checkShown({ path, part, offset, bytes }: FilePart): Promise<void> {
  const size = await sizeOf(path);
  if (size >= offset + bytes) return;
  throw new SinkChangedError(path, offset + bytes, size, `its part "${part}" is gone; ${hint}`);
}

async function copyTo(part: FileHandle, file: FileHandle, offset: number): Promise<void> {
  const chunk = Buffer.allocUnsafe(readChunkBytes);
  let position = offset;
  for (;;) {
    const { bytesRead } = await part.read(chunk, 0, chunk.byteLength, position - offset);
    if (bytesRead === 0) return;
    for (let written = 0; written < bytesRead; ) {
      const { bytesWritten } = await file.write(chunk, written, bytesRead - written, position + written);
      written += bytesWritten;
    }
    position += bytesRead;
  }
}

function openIfThere(path: string): Promise<FileHandle | undefined> {
  return unlessMissing(open(path, "r"));
}

async function sizeOf(path: string): Promise<number> {
  return (await unlessMissing(stat(path)))?.size ?? 0;
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes names in a directory durable; where a directory cannot be opened the system does so by itself. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
