/** RunOptions: the options of `millrace run`, and which of them go together. */

import type { Duration } from "../../runtime/index.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import type { OnDamage } from "../store/storage-options.ts";
import type { CliSubmitOptions } from "./cli-context.ts";
import type { ParsedRestarts } from "./parse-restarts.ts";
import { UsageError } from "./usage-error.ts";

export interface RunCommandOptions {
  readonly threads: number;
  readonly param?: readonly string[];
  readonly job?: string;
  readonly guarantee?: Guarantee;
  readonly epochInterval?: Duration;
  readonly epochTimeout?: Duration;
  readonly storage?: string;
  readonly onDamage?: OnDamage;
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

/** What is given of its epochs and of what it starts from, as `submit` takes it. */
export function submitOf(options: RunCommandOptions): Omit<CliSubmitOptions, "params" | "guarantee" | "storage"> {
  const { epochInterval, epochTimeout, from, allowDropped } = options;
  return {
    ...(epochInterval === undefined ? {} : { epochInterval }),
    ...(epochTimeout === undefined ? {} : { epochTimeout }),
    ...(from === undefined ? {} : { from }),
    ...(allowDropped === undefined ? {} : { allowDropped }),
  };
}

/** As `submit` takes it. */
export function storageOf(
  directory: string,
  { onDamage }: RunCommandOptions,
): NonNullable<CliSubmitOptions["storage"]> {
  return onDamage === undefined ? directory : { directory, onDamage };
}

/** Throws ERR_JOB_USAGE. */
export function checkTogether(options: RunCommandOptions): void {
  const { epochInterval, epochTimeout, storage, restarts, inProcess } = options;
  const guarantee = guaranteeOf(options);
  const ofEpochs = [epochInterval && "--epoch-interval", epochTimeout && "--epoch-timeout"].find(Boolean);
  if (guarantee === "at-most-once" && ofEpochs !== undefined) {
    throw new UsageError(`${ofEpochs} needs --guarantee exactly-once or at-least-once: at-most-once has no epochs`);
  }
  if (guarantee === "at-most-once" && storage !== undefined) {
    throw new UsageError("--storage needs --guarantee exactly-once or at-least-once: at-most-once has no checkpoints");
  }
  const ofStored = [options.from, options.allowDropped, options.onDamage];
  if (storage === undefined && ofStored.some((each) => each !== undefined)) {
    throw new UsageError("--from, --allow-dropped and --on-damage need --storage: they are about what is stored");
  }
  if (restarts !== undefined && (storage === undefined || inProcess === true)) {
    throw new UsageError("--restarts needs --storage and no --in-process: only then is there a process to restart");
  }
}
