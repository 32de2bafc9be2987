/** CliStream: a stream of this process as the command line writes to it. */

import { once } from "node:events";
import type { CliStream } from "./cli-context.ts";

export function cliStream(stream: NodeJS.WriteStream): CliStream {
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
