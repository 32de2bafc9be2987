/** `millrace dead-letters`: the dead letters that are stored of a job: lists and shows them, has them resubmitted or deleted. */

import type { EventDeadLetter } from "../../actors/index.ts";
import { counted } from "../counted.ts";
import { DeadLetterError } from "../letters/dead-letter-error.ts";
import { type StoredLetter, storedLetters, wishFor } from "../letters/stored-letters.ts";
import { readStoreFile, type StoredCheckpoint } from "../store/file/read-store-file.ts";
import { readableJson, readableValue } from "../store/readable-value.ts";
import type { StoredJob } from "../store/stored-jobs.ts";
import { alignColumns } from "../text-columns.ts";
import { ageText } from "./checkpoint-texts.ts";
import { findJob, print, type StorageCommandOptions } from "./checkpoints-command.ts";
import type { CliContext } from "./cli-context.ts";
import { shorten } from "./dead-letter-texts.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { UsageError } from "./usage-error.ts";

export interface LetterListOptions extends StorageCommandOptions {
  readonly operator?: string;
  /** Letters printed, the newest. */
  readonly limit: number;
}

export interface LetterWishOptions extends StorageCommandOptions {
  readonly all?: boolean;
  readonly operator?: string;
}

export function listDeadLetters(job: string, options: LetterListOptions, context: CliContext): ExitCode {
  const checkpoint = checkpointOf(findJob(options, job));
  const { droppedCount } = checkpoint.contents.letters;
  const all = listed(checkpoint);
  const found = all.filter(({ letter }) => options.operator === undefined || letter.operator === options.operator);
  const shown = found.slice(-options.limit);
  const nowMs = context.clock.wallMs();
  const rows = shown.map(({ letter, wish }) => [
    letter.id,
    `${letter.operator}/${letter.instance}`,
    ageText(letter.atMs, nowMs),
    String(letter.attempts),
    wish === undefined ? (letter.resubmittable ? "" : "no event") : `to ${wish}`,
    shorten(readableJson(letter.value)),
    shorten(`${letter.error.name}: ${letter.error.message}`),
  ]);
  const data = { job, count: found.length, droppedCount, letters: shown.map(letterData) };
  print(context, options, data, [
    `job ${job}: ${counted(found.length, "dead letter")}`,
    ...(rows.length === 0
      ? []
      : alignColumns(
          [["id", "operator", "age", "attempts", "status", "event", "error"], ...rows],
          context.stdout.columns || undefined,
        )),
    ...(shown.length < found.length ? [`... and ${found.length - shown.length} older: --limit shows more`] : []),
    ...(droppedCount === 0
      ? []
      : [`${droppedCount} more ${droppedCount === 1 ? "was" : "were"} dropped, because there was no room`]),
  ]);
  return exitCodes.done;
}

export function showDeadLetter(job: string, id: string, options: StorageCommandOptions, context: CliContext): ExitCode {
  const stored = letterOf(lettersOf(findJob(options, job)), id);
  const { letter, wish } = stored;
  const facts = [
    ["id", letter.id],
    ["operator", letter.to],
    ["given up", `${new Date(letter.atMs).toISOString()}, in epoch ${letter.epoch}`],
    ["attempts", String(letter.attempts)],
    ["key", letter.key === undefined ? "none" : readableJson(letter.key)],
    ["time", letter.time === undefined ? "none" : new Date(letter.time).toISOString()],
    ["in its batch", letter.batchIndex === undefined ? "between batches" : `event ${letter.batchIndex}`],
    ["resubmittable", letter.resubmittable ? "yes" : "no: it holds no event that its operator took"],
    ["wished", wish ?? "nothing"],
    ["event", readableJson(letter.value)],
    ["error", letter.error.code === undefined ? letter.error.name : `${letter.error.name} (${letter.error.code})`],
  ];
  print(context, options, letterData(stored), [
    ...alignColumns(facts),
    ...(letter.error.stack ?? letter.error.message).split("\n").map((line) => `  ${line}`),
  ]);
  return exitCodes.done;
}

export function resubmitDeadLetters(
  job: string,
  ids: readonly string[],
  options: LetterWishOptions,
  context: CliContext,
): ExitCode {
  const stored = findJob(options, job);
  const letters = chosen(stored, ids, options, ({ resubmittable }) => resubmittable);
  wishFor(stored.path, letters, "resubmit");
  const when =
    stored.owner === undefined ? "when the job is run next, with the same storage" : "with the next checkpoint";
  print(context, options, { job, resubmitted: letters.map(({ id }) => id) }, [
    `${counted(letters.length, "dead letter")} of job ${job} will be taken again ${when}`,
  ]);
  return exitCodes.done;
}

export function deleteDeadLetters(
  job: string,
  ids: readonly string[],
  options: LetterWishOptions,
  context: CliContext,
): ExitCode {
  const stored = findJob(options, job);
  const letters = chosen(stored, ids, options, () => true);
  wishFor(stored.path, letters, "delete");
  print(context, options, { job, deleted: letters.map(({ id }) => id) }, [
    `${counted(letters.length, "dead letter")} of job ${job} will be gone with the next checkpoint`,
  ]);
  return exitCodes.done;
}

/** Those with the given ids; or all of the job, or of an operator, that `fits`. */
function chosen(
  stored: StoredJob,
  ids: readonly string[],
  { all, operator }: LetterWishOptions,
  fits: (letter: EventDeadLetter) => boolean,
): readonly EventDeadLetter[] {
  const letters = lettersOf(stored);
  if (ids.length > 0 && (all === true || operator !== undefined)) {
    throw new UsageError("give ids, or --all, or --operator; not several of them");
  }
  if (ids.length > 0) return ids.map((id) => letterOf(letters, id).letter);
  if (all !== true && operator === undefined) {
    throw new UsageError("nothing was done: give ids of dead letters, or --all, or --operator <name>");
  }
  return letters.flatMap(({ letter }) => {
    return fits(letter) && (operator === undefined || letter.operator === operator) ? [letter] : [];
  });
}

function lettersOf(stored: StoredJob): readonly StoredLetter[] {
  return listed(checkpointOf(stored));
}

function checkpointOf({ path, job }: StoredJob): StoredCheckpoint {
  return readStoreFile(path, job, 0);
}

/** Those that are not to be deleted. */
function listed(checkpoint: StoredCheckpoint): readonly StoredLetter[] {
  return storedLetters(checkpoint).filter(({ wish }) => wish !== "delete");
}

/** By its id, or by the beginning of it that no other has. Throws ERR_JOB_DEAD_LETTER. */
function letterOf(letters: readonly StoredLetter[], id: string): StoredLetter {
  const found = letters.filter(({ letter }) => letter.id === id || letter.id.startsWith(id));
  const [first] = found;
  if (first === undefined) throw new DeadLetterError(id, "is not there; it was taken, deleted or dropped");
  if (found.length === 1 || first.letter.id === id) return first;
  throw new DeadLetterError(id, `is not the only one: the ids of ${found.length} begin like that`);
}

function letterData({ letter, wish }: StoredLetter): unknown {
  return readableValue({ ...letter, wish });
}
