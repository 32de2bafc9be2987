/**
 * Seam: the process that started this one, as seen from the child. A signal of the terminal reaches both; what it means is
 * for the parent to say, so it does nothing here.
 *
 * Not here: the other end of the messages (child-process.ts).
 */

import { fileURLToPath } from "node:url";
import { assert } from "../assert.ts";

export interface ParentProcess {
  /** Resolves when the message is out of the hands of this process, or will never arrive because the parent is gone. */
  send(message: unknown): Promise<void>;
  /** Calls `listener` for every message from now on. */
  onMessage(listener: (message: unknown) => void): void;
  /** Calls `listener` when the parent has died, or has let go of this process. */
  onLost(listener: () => void): void;
  /** Ends this process now. */
  exit(code: number): never;
}

export class NodeParentProcess implements ParentProcess {
  constructor() {
    assert(process.send !== undefined, "a supervised process is started by its supervisor");
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
    // Its reader dies with the parent; what is written then goes nowhere, and is no error of the job.
    process.stderr.on("error", () => undefined);
  }

  send(message: unknown): Promise<void> {
    const sent = Promise.withResolvers<void>();
    if (process.connected) process.send?.(message, undefined, undefined, () => sent.resolve());
    else sent.resolve();
    return sent.promise;
  }

  onMessage(listener: (message: unknown) => void): void {
    process.on("message", listener);
  }

  onLost(listener: () => void): void {
    if (process.connected) process.once("disconnect", listener);
    else listener();
  }

  exit(code: number): never {
    process.exit(code);
  }
}

/** Whether this process, or the one that this thread is of, was started to run that module. */
export function startedFor(module: string): boolean {
  return process.argv[1] !== undefined && process.argv[1] === fileURLToPath(module);
}
