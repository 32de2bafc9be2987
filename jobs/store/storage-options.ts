/** StorageOptions: what `storage` says at submit: where checkpoints are kept, and what is done when they are damaged. */

import { type Duration, durationMs, OptionError, wholeNumber } from "../../runtime/index.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import { copiesKeptDefault, copiesKeptMax, copyIntervalMsDefault, copyIntervalMsMin } from "../limits.ts";
import type { CopySettings } from "./copy-keeper.ts";

export interface StorageOptions {
  /** Each job keeps its own files in it. Relative to the working directory. */
  readonly directory: string;
  /** Full copies of the file of the job, to fall back on. */
  readonly copies?: {
    /** The newest that are kept; 0 to make none. Default 3. */
    readonly keep?: number;
    /** At least "1s". Default "5m". */
    readonly interval?: Duration;
  };
  /**
   * When the newest checkpoint is damaged: `refuse` to start, naming the damage and the newest good copy; or `fall-back` on
   * that copy, so that what came after it is done again, and shown again by sinks. Default `refuse`.
   */
  readonly onDamage?: OnDamage;
}

export type OnDamage = (typeof onDamageChoices)[number];

export const onDamageChoices = ["refuse", "fall-back"] as const;

export interface StorageSettings {
  readonly directory: string;
  readonly copies: CopySettings;
  readonly onDamage: OnDamage;
}

/** Undefined when there is to be no storage. Throws ERR_RT_OPTION. */
export function checkStorage(storage: unknown, guarantee: Guarantee): StorageSettings | undefined {
  if (storage === undefined) return undefined;
  const options = (typeof storage === "string" ? { directory: storage } : storage) as StorageOptions;
  const isObject = typeof options === "object" && options !== null;
  if (!isObject || typeof options.directory !== "string" || options.directory === "") {
    throw new OptionError("storage", storage, 'the path of a directory, or { directory: "./data", ... }');
  }
  if (guarantee === "at-most-once") {
    throw new OptionError(
      "storage",
      options.directory,
      'none under the guarantee "at-most-once", which makes no checkpoints; give guarantee: "exactly-once" or "at-least-once"',
    );
  }
  const { directory, copies = {}, onDamage = "refuse" } = options;
  if (!onDamageChoices.includes(onDamage))
    throw new OptionError("storage.onDamage", onDamage, '"refuse" or "fall-back"');
  return { directory, copies: checkCopies(copies), onDamage };
}

function checkCopies({ keep = copiesKeptDefault, interval }: NonNullable<StorageOptions["copies"]>): CopySettings {
  wholeNumber("storage.copies.keep", keep, 0, copiesKeptMax);
  const intervalMs = interval === undefined ? copyIntervalMsDefault : durationMs(interval, "storage.copies.interval");
  if (intervalMs >= copyIntervalMsMin) return { keep, intervalMs };
  throw new OptionError("storage.copies.interval", interval, `a duration of at least ${copyIntervalMsMin} ms`);
}
