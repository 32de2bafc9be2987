/** stdout: a line per event on standard output. */

import { checkNames } from "../../runtime/index.ts";
import type { SinkSpec } from "../sink.ts";
import { checkFormat, type EventFormat } from "./event-format.ts";
import { StreamLines } from "./stream-lines.ts";

export interface StdoutOptions<T> {
  /** Makes the line of an event; by default strings as they are and everything else as JSON. */
  readonly format?: EventFormat<T>;
}

/**
 * Writes a line per event to standard output, as fast as its reader takes them. Lines of several instances are whole but
 * in no order.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with ERR_ACT_SINK_WRITE when the reader goes away (EPIPE), and an event with what `format` throws.
 */
export function stdout<T = unknown>(options: StdoutOptions<T> = {}): SinkSpec<T> {
  checkNames("stdout", options, { format: true });
  const format = checkFormat("stdout: format", options.format);
  return {
    kind: "stdout",
    origin: "standard output",
    heads: true,
    create: () => new StreamLines("standard output", () => process.stdout, format),
  };
}
