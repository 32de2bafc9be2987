/** RunOptions: the options of `millrace run`, and which of them go together. */

import type { Duration } from "../../runtime/index.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import type { ParsedRestarts } from "./parse-restarts.ts";
import { UsageError } from "./usage-error.ts";

export interface RunCommandOptions {
  readonly threads: number;
  readonly param?: readonly string[];
  readonly job?: string;
  readonly guarantee?: Guarantee;
  readonly epochInterval?: Duration;
  readonly storage?: string;
  readonly from?: string;
  readonly allowDropped?: readonly string[];
  readonly restarts?: ParsedRestarts;
  /** False for `--no-standby`. */
  readonly standby?: boolean;
  readonly inProcess?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** With a storage there is no reason for less than the whole of it. */
export function guaranteeOf({ guarantee, storage }: Pick<RunCommandOptions, "guarantee" | "storage">): Guarantee {
  return guarantee ?? (storage === undefined ? "at-most-once" : "exactly-once");
}

/** What the job starts from, as `submit` takes it. */
export function startOf({ from, allowDropped }: RunCommandOptions): Pick<RunCommandOptions, "from" | "allowDropped"> {
  return { ...(from === undefined ? {} : { from }), ...(allowDropped === undefined ? {} : { allowDropped }) };
}

/** Throws ERR_JOB_USAGE. */
export function checkTogether(options: RunCommandOptions): void {
  const { epochInterval, storage, restarts, inProcess } = options;
  const guarantee = guaranteeOf(options);
  if (guarantee === "at-most-once" && epochInterval !== undefined) {
    throw new UsageError(
      "--epoch-interval needs --guarantee exactly-once or at-least-once: at-most-once has no epochs",
    );
  }
  if (guarantee === "at-most-once" && storage !== undefined) {
    throw new UsageError("--storage needs --guarantee exactly-once or at-least-once: at-most-once has no checkpoints");
  }
  if (storage === undefined && (options.from !== undefined || options.allowDropped !== undefined)) {
    throw new UsageError("--from and --allow-dropped need --storage: they are about what is stored");
  }
  if (restarts !== undefined && (storage === undefined || inProcess === true)) {
    throw new UsageError("--restarts needs --storage and no --in-process: only then is there a process to restart");
  }
}
