/** StorageOptions: what `storage` says at submit: where checkpoints are kept, and what is done when they are damaged. */

import { resolve } from "node:path";
import { checkNames, type Duration, durationMs, OptionError, wholeNumber } from "../../runtime/index.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import { copiesKeptDefault, copiesKeptMax, copyIntervalMsDefault, copyIntervalMsMin } from "../limits.ts";
import type { CopySettings } from "./copy-keeper.ts";

export interface StorageOptions {
  /** Each job keeps its own files in it. Relative to the working directory. */
  readonly directory: string;
  /** Full copies of the file of the job, to fall back on. */
  readonly copies?: {
    /** The newest that are kept; 0 to make none. Default 3; under at-most-once, where an old one is of no use, 0. */
    readonly keep?: number;
    /** At least "1s". Default "5m". */
    readonly interval?: Duration;
  };
  /**
   * When the newest checkpoint is damaged: `refuse` to start, naming the damage and the newest good copy; or `fall-back` on
   * that copy, so that what came after it is done again, and shown again by sinks; not under at-most-once. Default `refuse`.
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
  checkNames("storage", options, { directory: true, copies: true, onDamage: true });
  const { directory, copies = {}, onDamage = "refuse" } = options;
  if (!onDamageChoices.includes(onDamage))
    throw new OptionError("storage.onDamage", onDamage, '"refuse" or "fall-back"');
  const settings = { directory: resolve(directory), copies: checkCopies(copies), onDamage };
  if (guarantee !== "at-most-once") return settings;
  if (onDamage === "refuse") return { ...settings, copies: { ...settings.copies, keep: 0 } };
  throw new OptionError("storage.onDamage", onDamage, '"refuse" under at-most-once: an older copy would repeat events');
}

function checkCopies(copies: NonNullable<StorageOptions["copies"]>): CopySettings {
  checkNames("storage.copies", copies, { keep: true, interval: true });
  const { keep = copiesKeptDefault, interval } = copies;
  wholeNumber("storage.copies.keep", keep, 0, copiesKeptMax);
  const intervalMs = interval === undefined ? copyIntervalMsDefault : durationMs(interval, "storage.copies.interval");
  if (intervalMs >= copyIntervalMsMin) return { keep, intervalMs };
  throw new OptionError("storage.copies.interval", interval, `a duration of at least ${copyIntervalMsMin} ms`);
}
