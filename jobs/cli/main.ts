/** The `millrace` command: the program, bound to this process. */

import { availableParallelism } from "node:os";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { superviseModule } from "../process/supervise.ts";
import { cliStream } from "./cli-stream.ts";
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
    supervise: superviseModule,
  },
  availableParallelism(),
);
