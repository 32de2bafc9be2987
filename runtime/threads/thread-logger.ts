/**
 * ThreadLogger: a worker thread's `Logger`. Lines go through the control port to the logger of main, because what a dying
 * thread writes to its console can be lost, and a message that it posted cannot.
 */

import type { MessagePort } from "node:worker_threads";
import type { Logger, LogLevel } from "../seams/logger.ts";
import type { FromThread } from "./thread-protocol.ts";

export class ThreadLogger implements Logger {
  readonly #control: MessagePort;

  constructor(control: MessagePort) {
    this.#control = control;
  }

  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    try {
      this.#control.postMessage({ kind: "log", level, message, fields } satisfies FromThread);
    } catch {
      const texts = Object.entries(fields ?? {}).map(([name, value]) => [name, String(value)]);
      this.#control.postMessage({
        kind: "log",
        level,
        message,
        fields: Object.fromEntries(texts),
      } satisfies FromThread);
    }
  }
}
