/**
 * Seam: processes that this one starts, and messages to and from them. What a child says is read to the end before its
 * end is told.
 *
 * Invariants
 *  P1  `onEnd` is called once, and nothing is called after it.
 *
 * Not here: the other end of the messages (parent-process.ts), and what is done about a death (jobs/process).
 */

import { fork, type ChildProcess as NodeChildProcess, type Serializable } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Clock } from "../seams/clock.ts";

export interface ProcessLauncher {
  /** Starts a module in a process of its own; that it cannot be started is told by `onEnd`. */
  start(module: string, listener: ChildListener): ChildProcess;
}

export interface ChildProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** To a child that has ended it goes nowhere. */
  send(message: unknown): void;
  kill(signal: NodeJS.Signals): void;
}

export interface ChildListener {
  onMessage(message: unknown): void;
  /** What the child writes to standard error. Its standard input and output are those of this process. */
  onErrorText(text: string): void;
  onEnd(end: ProcessEnd): void;
}

export type ProcessEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: string }
  | { readonly kind: "not-started"; readonly error: Error };

/** How long after the end of a child what it has written is waited for, in ms: a grandchild may keep its streams open. */
const lastWordsMs = 500;

export class NodeProcessLauncher implements ProcessLauncher {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(module: string, listener: ChildListener): ChildProcess {
    const child = fork(fileURLToPath(module), {
      execArgv: inheritedArguments(process.execArgv),
      stdio: ["inherit", "inherit", "pipe", "ipc"],
      // What plain data is does not stop at what JSON knows.
      serialization: "advanced",
    });
    this.#listen(child, listener);
    return {
      pid: child.pid,
      send(message) {
        // A child that dies meanwhile says so by its end.
        if (child.connected) child.send(message as Serializable, () => undefined);
      },
      kill: (signal) => void child.kill(signal),
    };
  }

  #listen(child: NodeChildProcess, listener: ChildListener): void {
    let isEnded = false;
    const end = (how: ProcessEnd) => {
      if (isEnded) return;
      isEnded = true;
      child.stderr?.destroy();
      if (child.connected) child.disconnect();
      listener.onEnd(how);
    };
    child.on("message", (message) => {
      if (!isEnded) listener.onMessage(message);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (!isEnded) listener.onErrorText(text);
    });
    child.on("error", (error) => {
      if (child.pid === undefined) end({ kind: "not-started", error });
    });
    child.once("exit", (code, signal) => {
      const how = endOf(code, signal);
      const cancel = this.#clock.after(lastWordsMs, () => end(how));
      child.once("close", () => {
        cancel();
        end(how);
      });
    });
  }
}

function endOf(code: number | null, signal: NodeJS.Signals | null): ProcessEnd {
  return signal === null ? { kind: "exited", code: code ?? 0 } : { kind: "killed", signal };
}

/** Options of Node that take the next argument as their value, and are not for children. */
const codeOptions = new Set(["-e", "--eval", "-p", "--print", "-pe"]);

/** The options of Node for a child: without those that say what to run, or that would take the port of a debugger twice. */
export function inheritedArguments(given: readonly string[]): string[] {
  const inherited: string[] = [];
  for (let index = 0; index < given.length; index += 1) {
    const argument = given[index] as string;
    const [option = ""] = argument.split("=", 1);
    if (codeOptions.has(option)) {
      if (option === argument) index += 1;
    } else if (!/^--(inspect|watch|test|input-type)/.test(option)) {
      inherited.push(argument);
    }
  }
  return inherited;
}
