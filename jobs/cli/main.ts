#!/usr/bin/env node
/** The `millrace` command: the program, bound to this process. */

import { once } from "node:events";
import { availableParallelism } from "node:os";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import type { CliStream } from "./cli-context.ts";
import { runProgram } from "./program.ts";

// A reader that has gone (`millrace run ... | head`) is an error of the next write, not a crash.
process.stdout.on("error", () => undefined);

process.exitCode = await runProgram(
  process.argv.slice(2),
  {
    stdout: cliStream(process.stdout),
    stderr: cliStream(process.stderr),
    clock: new SystemClock(),
    onSignal(listener) {
      process.on("SIGINT", listener).on("SIGTERM", listener);
      return () => process.off("SIGINT", listener).off("SIGTERM", listener);
    },
    startSystem: (options) => ActorSystem.start(options),
  },
  availableParallelism(),
);

function cliStream(stream: NodeJS.WriteStream): CliStream {
  return {
    isTTY: stream.isTTY,
    get columns() {
      return stream.columns;
    },
    write: (text) => stream.write(text),
    async drained() {
      if (stream.errored !== null || stream.destroyed) throw stream.errored ?? new Error("the stream was closed");
      await once(stream, "drain");
    },
  };
}
