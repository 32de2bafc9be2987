#!/usr/bin/env node
/** The `millrace` command: the program, bound to this process. */

import { availableParallelism } from "node:os";
import { SystemClock } from "../../runtime/index.ts";
import { runProgram } from "./program.ts";

process.exitCode = await runProgram(
  process.argv.slice(2),
  {
    stdout: process.stdout,
    stderr: process.stderr,
    clock: new SystemClock(),
    onSignal(listener) {
      process.on("SIGINT", listener).on("SIGTERM", listener);
      return () => process.off("SIGINT", listener).off("SIGTERM", listener);
    },
  },
  availableParallelism(),
);
