/**
 * `millrace checkpoints`: what is stored of jobs: lists, shows, verifies and compares it, also while they run; goes back to a
 * copy or deletes it while they do not.
 */

import { join, resolve } from "node:path";
import { checkName } from "../../runtime/index.ts";
import { diffStates } from "../store/checkpoint-diff.ts";
import { readStoreFile, type StoredCheckpoint } from "../store/file/read-store-file.ts";
import { readStoreSummary } from "../store/file/read-store-summary.ts";
import { StoreSavepoints } from "../store/file/store-savepoints.ts";
import { readableJson, readableValue } from "../store/readable-value.ts";
import { deleteStorage, filesOf, restoreCopy } from "../store/replace-checkpoint.ts";
import { StorageError } from "../store/storage-error.ts";
import { findStoredJob, type StoredJob, storedJobs } from "../store/stored-jobs.ts";
import { operatorStates } from "../store/stored-state.ts";
import { alignColumns } from "../text-columns.ts";
import { type ListedJob, listLines, showLines } from "./checkpoint-texts.ts";
import type { CliContext } from "./cli-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { UsageError } from "./usage-error.ts";

export interface StorageCommandOptions {
  readonly storage: string;
  readonly json?: boolean;
}

export function listCheckpoints(options: StorageCommandOptions, context: CliContext): ExitCode {
  const jobs = storedJobs(resolve(options.storage)).map((stored): ListedJob => ({ stored, last: summaryOf(stored) }));
  const data = jobs.map(({ stored, last }) => ({
    ...stored,
    ...(last instanceof Error ? { damage: last.message } : { epoch: last.epoch, atMs: last.atMs }),
  }));
  const lines = jobs.length === 0 ? [`no checkpoints in ${options.storage}`] : listLines(jobs, context.clock.wallMs());
  print(context, options, data, lines);
  return exitCodes.done;
}

export function showCheckpoint(
  job: string,
  options: StorageCommandOptions & { readonly epoch?: number },
  context: CliContext,
): ExitCode {
  const stored = findJob(options, job);
  const checkpoint = checkpointOf(stored, options.epoch);
  const states = operatorStates(checkpoint);
  const data = {
    ...stored,
    epoch: checkpoint.epoch,
    atMs: checkpoint.atMs,
    operators: checkpoint.manifest.operators.map((operator) => {
      const state = states.find((each) => each.operator === operator.name);
      return { ...operator, keys: state?.entries.length ?? 0, bytes: state?.bytes ?? 0 };
    }),
  };
  print(context, options, data, showLines(stored, checkpoint, states, context.clock.wallMs()));
  return exitCodes.done;
}

/** Ends with the code of a failure when anything is damaged. */
export function verifyCheckpoints(
  job: string | undefined,
  options: StorageCommandOptions,
  context: CliContext,
): ExitCode {
  const jobs = job === undefined ? storedJobs(resolve(options.storage)) : [findJob(options, job)];
  const checked = jobs.flatMap((stored) => [
    verified(stored.job, stored.path),
    ...stored.copies.map(({ path }) => verified(stored.job, path)),
  ]);
  const rows = checked.map(({ job: name, path, epoch, damage }) => [
    name,
    epoch === undefined ? "" : String(epoch),
    damage === undefined ? "good" : "damaged",
    path,
  ]);
  const damages = checked.flatMap(({ damage }) => (damage === undefined ? [] : [`  ${damage}`]));
  print(context, options, checked, [...alignColumns([["job", "epoch", "status", "file"], ...rows]), ...damages]);
  return damages.length === 0 ? exitCodes.done : exitCodes.failed;
}

export function diffCheckpoints(
  job: string,
  from: number,
  to: number | undefined,
  options: StorageCommandOptions & { readonly keys?: boolean },
  context: CliContext,
): ExitCode {
  const stored = findJob(options, job);
  const before = checkpointOf(stored, from);
  const after = checkpointOf(stored, to);
  const diffs = diffStates(operatorStates(before), operatorStates(after));
  const counts = Map.groupBy(diffs, ({ operator }) => operator);
  const rows = [...counts].map(([operator, own]) => [
    operator,
    ...(["added", "removed", "changed"] as const).map((kind) =>
      String(own.filter(({ change }) => change === kind).length),
    ),
  ]);
  const keys = diffs.map(({ operator, state, key, change, before: was, after: is }) => [
    change,
    operator,
    state,
    readableJson(key),
    change === "added" ? "" : readableJson(was),
    change === "removed" ? "" : readableJson(is),
  ]);
  const lines = [
    `job ${job}: from the checkpoint of epoch ${before.epoch} to that of epoch ${after.epoch}`,
    ...(diffs.length === 0
      ? ["no key of any state differs"]
      : alignColumns([["operator", "added", "removed", "changed"], ...rows])),
    ...(options.keys === true && diffs.length > 0
      ? ["", ...alignColumns([["change", "operator", "state", "key", "before", "after"], ...keys])]
      : []),
  ];
  print(context, options, { from: before.epoch, to: after.epoch, keys: readableValue(diffs) }, lines);
  return exitCodes.done;
}

export function restoreCheckpoint(
  job: string,
  epoch: number,
  options: StorageCommandOptions,
  context: CliContext,
): ExitCode {
  findJob(options, job);
  const restored = restoreCopy(resolve(options.storage), job, epoch, context.clock.wallMs());
  print(context, options, { job, copy: epoch, epoch: restored.epoch }, [
    `job ${job} goes on from the checkpoint of epoch ${epoch}, which is epoch ${restored.epoch} from now on; what was there ` +
      `lies beside as ${job}.sqlite.replaced`,
  ]);
  return exitCodes.done;
}

export interface DeleteOptions extends StorageCommandOptions {
  readonly savepoint?: string;
  readonly yes?: boolean;
}

/** Deletes nothing until it is told to by `yes`. Savepoints are deleted by their names only. */
export function deleteCheckpoints(job: string, options: DeleteOptions, context: CliContext): ExitCode {
  findJob(options, job);
  const directory = resolve(options.storage);
  if (options.savepoint !== undefined) return deleteSavepoint(directory, job, options.savepoint, options, context);
  const files = filesOf(directory, job);
  if (options.yes !== true) {
    throw new UsageError(
      `nothing was deleted. With --yes these are, and job ${JSON.stringify(job)} starts from the beginning:\n` +
        files.map((file) => `  ${file}`).join("\n"),
    );
  }
  deleteStorage(directory, job, context.clock.wallMs());
  print(context, options, { job, deleted: files }, [`deleted the checkpoints of job ${job}: ${files.length} files`]);
  return exitCodes.done;
}

/** No run needs it: one that began from it has what it held. */
function deleteSavepoint(
  directory: string,
  job: string,
  name: string,
  options: DeleteOptions,
  context: CliContext,
): ExitCode {
  const savepoints = new StoreSavepoints(join(directory, job));
  const path = savepoints.find(name);
  if (options.yes !== true) throw new UsageError(`nothing was deleted. With --yes this is:\n  ${path}`);
  savepoints.delete(name);
  print(context, options, { job, deleted: [path] }, [`deleted the savepoint ${name} of job ${job}`]);
  return exitCodes.done;
}

/** @throws ERR_JOB_STORAGE when there is none of that epoch */
export function checkpointOf(stored: StoredJob, epoch: number | undefined): StoredCheckpoint {
  const copy = stored.copies.find((each) => each.epoch === epoch);
  if (copy !== undefined) return readStoreFile(copy.path, stored.job, 0);
  const checkpoint = readStoreFile(stored.path, stored.job, 0);
  if (epoch === undefined || epoch === checkpoint.epoch) return checkpoint;
  const epochs = [checkpoint.epoch, ...stored.copies.map((each) => each.epoch)].join(", ");
  throw new StorageError(
    `there is no checkpoint of epoch ${epoch} of job ${JSON.stringify(stored.job)}; there are those of ${epochs}`,
    { details: { job: stored.job, epoch } },
  );
}

/** @throws ERR_RT_OPTION when it is no name, ERR_JOB_STORAGE when there is no such job */
export function findJob({ storage }: StorageCommandOptions, job: string): StoredJob {
  return findStoredJob(resolve(storage), checkName("job", job));
}

export function print(
  { stdout }: CliContext,
  { json }: StorageCommandOptions,
  data: unknown,
  lines: readonly string[],
): void {
  stdout.write(json === true ? `${JSON.stringify(data, undefined, 2)}\n` : `${lines.join("\n")}\n`);
}

function summaryOf({ job, path }: StoredJob): ListedJob["last"] {
  try {
    return readStoreSummary(path, job);
  } catch (error) {
    if (error instanceof StorageError) throw error;
    return error as Error;
  }
}

interface Verified {
  readonly job: string;
  readonly path: string;
  readonly epoch: number | undefined;
  readonly damage: string | undefined;
}

function verified(job: string, path: string): Verified {
  try {
    return { job, path, epoch: readStoreFile(path, job, 0).epoch, damage: undefined };
  } catch (error) {
    if (error instanceof StorageError) throw error;
    return { job, path, epoch: undefined, damage: (error as Error).message };
  }
}
