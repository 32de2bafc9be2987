/** `millrace state`: what an operator keeps, as of a checkpoint: all of it, or what it keeps of one key. */

import { readableJson, readableTime, readableValue } from "../store/readable-value.ts";
import { StorageError } from "../store/storage-error.ts";
import { type InstanceEntry, operatorStates } from "../store/stored-state.ts";
import { alignColumns } from "../text-columns.ts";
import { checkpointOf, findJob, print, type StorageCommandOptions } from "./checkpoints-command.ts";
import type { CliContext } from "./cli-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

export interface StateCommandOptions extends StorageCommandOptions {
  readonly epoch?: number;
  /** Keys printed. */
  readonly limit: number;
}

/** Ends with the code of a failure when there is no such key. */
export function getState(
  job: string,
  operator: string,
  key: string | undefined,
  options: StateCommandOptions,
  context: CliContext,
): ExitCode {
  const checkpoint = checkpointOf(findJob(options, job), options.epoch);
  if (!checkpoint.manifest.operators.some(({ name }) => name === operator)) {
    const names = checkpoint.manifest.operators.map(({ name }) => name).join(", ");
    throw new StorageError(`job ${JSON.stringify(job)} has no operator ${JSON.stringify(operator)}; it has ${names}`, {
      details: { job, operator },
    });
  }
  const all = operatorStates(checkpoint).find((each) => each.operator === operator)?.entries ?? [];
  const found = key === undefined ? all : all.filter((entry) => isKey(entry, key));
  const shown = found.slice(0, options.limit);
  const data = shown.map((entry) => ({ ...entry, key: readableValue(entry.key), value: readableValue(entry.value) }));
  const hasTimes = shown.some(({ timeMs }) => timeMs !== undefined);
  const rows = shown.map(({ state, kind, key: own, instance, value, timeMs }) => [
    state,
    kind,
    own === null ? "" : readableJson(own),
    String(instance),
    ...(hasTimes ? [timeMs === undefined ? "" : readableTime(timeMs)] : []),
    readableJson(value),
  ]);
  const columns = ["state", "kind", "key", "instance", ...(hasTimes ? ["time"] : []), "value"];
  print(context, options, { job, operator, epoch: checkpoint.epoch, keyCount: found.length, entries: data }, [
    `${operator} of job ${job}, epoch ${checkpoint.epoch}: ${found.length} of ${all.length} keys`,
    ...(rows.length === 0 ? [] : alignColumns([columns, ...rows])),
    ...(shown.length < found.length ? [`... and ${found.length - shown.length} more: --limit shows more`] : []),
  ]);
  return key !== undefined && found.length === 0 ? exitCodes.failed : exitCodes.done;
}

/** As it is printed, or as it is typed without quotes. */
function isKey({ key }: InstanceEntry, text: string): boolean {
  return String(key) === text || readableJson(key) === text;
}
