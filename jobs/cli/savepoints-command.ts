/** `millrace savepoints`: asks the run that uses a storage for a savepoint, and lists those there are. */

import { join, resolve } from "node:path";
import { checkName, type Duration, durationMs } from "../../runtime/index.ts";
import { readStoreSummary } from "../store/file/read-store-summary.ts";
import { SavepointRequests } from "../store/file/savepoint-requests.ts";
import { StoreSavepoints } from "../store/file/store-savepoints.ts";
import { SavepointError } from "../store/savepoint-error.ts";
import { ownerOf } from "../store/storage-lock.ts";
import { alignColumns } from "../text-columns.ts";
import { ageText, bytesText } from "./checkpoint-texts.ts";
import { findJob, print, type StorageCommandOptions } from "./checkpoints-command.ts";
import type { CliContext } from "./cli-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

export interface TakeOptions extends StorageCommandOptions {
  readonly timeout: Duration;
}

/** The answer is looked for this often, in ms. */
const lookMs = 50;
/** A run that is replaced is gone for a while: one that is gone for longer, in ms, does not come back by itself. */
const goneMsMax = 5_000;

/**
 * Rejects with ERR_JOB_SAVEPOINT when no run uses the storage, when it ends or does not answer in time; and with what the run has
 * refused it by.
 */
export async function takeSavepoint(
  job: string,
  name: string,
  options: TakeOptions,
  context: CliContext,
): Promise<ExitCode> {
  const timeoutMs = durationMs(options.timeout, "--timeout");
  findJob(options, job);
  const stem = join(resolve(options.storage), job);
  const savepoints = new StoreSavepoints(stem);
  savepoints.checkFree(checkName("savepoint", name));
  if (ownerOf(stem) === undefined) throw noRun(job, name, "no run uses the storage");
  const requests = new SavepointRequests(stem);
  requests.ask(name);
  try {
    await answered(requests, stem, job, name, timeoutMs, context);
  } finally {
    requests.takeBack(name);
  }
  const path = savepoints.find(name);
  const { epoch } = readStoreSummary(path, job);
  print(context, options, { job, savepoint: name, epoch, path }, [
    `savepoint ${name} of job ${job} at epoch ${epoch}, in ${path}`,
  ]);
  return exitCodes.done;
}

export function listSavepoints(job: string, options: StorageCommandOptions, context: CliContext): ExitCode {
  const { savepoints } = findJob(options, job);
  const nowMs = context.clock.wallMs();
  const data = savepoints.map((savepoint) => ({ ...savepoint, epoch: readStoreSummary(savepoint.path, job).epoch }));
  const rows = data.map(({ name, epoch, atMs, bytes, path }) => [
    name,
    String(epoch),
    ageText(atMs, nowMs),
    bytesText(bytes),
    path,
  ]);
  const lines = rows.length === 0 ? [`no savepoints of job ${job}`] : alignColumns([header, ...rows]);
  print(context, options, data, lines);
  return exitCodes.done;
}

const header = ["savepoint", "epoch", "age", "size", "file"];

async function answered(
  requests: SavepointRequests,
  stem: string,
  job: string,
  name: string,
  timeoutMs: number,
  { clock }: CliContext,
): Promise<void> {
  const beganMs = clock.monotonicMs();
  let seenMs = beganMs;
  for (;;) {
    const answer = requests.answerTo(name);
    if (answer.kind === "refused") throw answer.error;
    if (answer.kind === "taken") return;
    const nowMs = clock.monotonicMs();
    if (ownerOf(stem) !== undefined) seenMs = nowMs;
    if (nowMs - seenMs > goneMsMax) throw noRun(job, name, "the run has ended before it was taken");
    if (nowMs - beganMs >= timeoutMs) {
      throw noRun(job, name, `the run has not taken it within ${timeoutMs} ms, and is not asked for it any more`);
    }
    await new Promise<void>((done) => clock.after(lookMs, done));
  }
}

function noRun(job: string, name: string, why: string): SavepointError {
  return new SavepointError(
    `savepoint ${JSON.stringify(name)} of job ${JSON.stringify(job)} was not taken: ${why}. It is taken with a checkpoint of a ` +
      "run, under exactly-once or at-least-once; what a run that has ended leaves behind is its last checkpoint",
    { details: { job, name } },
  );
}
