/** ShownFile: reads the lines that the job of W8-process writes, as they come, and checks each of them. */

import { type FileHandle, open } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import type { ShownLine } from "./file-job.ts";
import { ShownCheck } from "./shown-check.ts";

const pollMs = 1;
const limitMs = 60_000;

export class ShownFile {
  readonly path: string;
  readonly #check: ShownCheck;
  readonly #buffer = Buffer.alloc(64 * 1024);
  #file: FileHandle | undefined;
  /** The beginning of a line. */
  #rest = "";
  #last: ShownLine | undefined;

  constructor(path: string, keys: number) {
    this.path = path;
    this.#check = new ShownCheck(keys, 0);
  }

  /** Lines that were missing, doubled or of a wrong count. */
  get wrongCount(): number {
    return this.#check.wrongCount;
  }

  /** Resolves when the last line there is is the one that is meant. */
  async until(isMeant: (line: ShownLine) => boolean): Promise<void> {
    const endMs = performance.now() + limitMs;
    for (;;) {
      await this.#read();
      if (this.#last !== undefined && isMeant(this.#last)) return;
      if (performance.now() > endMs) throw new Error(`nothing was shown in ${limitMs} ms`);
      await setTimeout(pollMs);
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #read(): Promise<void> {
    this.#file ??= await open(this.path, "r").catch(() => undefined);
    for (;;) {
      const { bytesRead = 0 } = (await this.#file?.read(this.#buffer, 0, this.#buffer.length)) ?? {};
      if (bytesRead === 0) return;
      const lines = (this.#rest + this.#buffer.toString("latin1", 0, bytesRead)).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) {
        this.#last = JSON.parse(line) as ShownLine;
        this.#check.add(this.#last);
      }
    }
  }
}
