/** CliContext: what the command line touches outside: streams, signals, time. Tests pass their own. */

import type { Clock } from "../../runtime/index.ts";

export interface CliContext {
  readonly stdout: CliStream;
  readonly stderr: CliStream;
  readonly clock: Clock;
  /** Calls `listener` at each SIGINT and SIGTERM; returns what ends it. */
  onSignal(listener: () => void): () => void;
}

export interface CliStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}
