/** CheckpointTexts: what the commands about checkpoints print, as lines for people. */

import type { StoredCheckpoint } from "../store/file/read-store-file.ts";
import type { StoreCopy } from "../store/file/store-copies.ts";
import type { StorageOwner } from "../store/storage-lock.ts";
import type { StoredJob } from "../store/stored-jobs.ts";
import type { OperatorState } from "../store/stored-state.ts";
import { alignColumns } from "../text-columns.ts";
import { durationText } from "./progress-line.ts";

/** A storage, and what its last checkpoint is; an error where that cannot be read. */
export interface ListedJob {
  readonly stored: StoredJob;
  readonly last: { readonly epoch: number; readonly atMs: number } | Error;
}

export function listLines(jobs: readonly ListedJob[], nowMs: number): string[] {
  const rows = jobs.map(({ stored, last }) => [
    stored.job,
    last instanceof Error ? "damaged" : String(last.epoch),
    last instanceof Error ? "" : ageText(last.atMs, nowMs),
    bytesText(stored.bytes),
    stored.copies.map(({ epoch }) => epoch).join(", ") || "none",
    ownerText(stored.owner, nowMs),
  ]);
  return alignColumns([["job", "epoch", "age", "size", "copies", "used by"], ...rows]);
}

export function showLines(
  { job, path, bytes, copies, savepoints, owner }: StoredJob,
  checkpoint: StoredCheckpoint,
  states: readonly OperatorState[],
  nowMs: number,
): string[] {
  const { epoch, atMs, manifest } = checkpoint;
  const rows = manifest.operators.map(({ name, kind, label, parallelism }) => {
    const state = states.find(({ operator }) => operator === name);
    const what = kind === "operator" ? label : `${kind} ${label}`;
    return state === undefined
      ? [name, what, String(parallelism), "", ""]
      : [name, what, String(parallelism), String(state.entries.length), bytesText(state.bytes)];
  });
  return [
    `job ${job}: checkpoint of epoch ${epoch}, ${ageText(atMs, nowMs)} old, in ${path} (${bytesText(bytes)})`,
    `used by ${ownerText(owner, nowMs)}`,
    `copies: ${copies.map(copyText).join(", ") || "none"}`,
    ...(savepoints.length === 0
      ? []
      : [`savepoints: ${savepoints.map(({ name, bytes: size }) => `${name} (${bytesText(size)})`).join(", ")}`]),
    "",
    ...alignColumns([["operator", "kind", "instances", "keys", "state"], ...rows]),
  ];
}

export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit += 1) value /= 1_000;
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

function copyText({ epoch, bytes }: StoreCopy): string {
  return `epoch ${epoch} (${bytesText(bytes)})`;
}

/** By the clock of the machine, which may have been set back since. */
export function ageText(atMs: number, nowMs: number): string {
  return durationText(Math.max(0, nowMs - atMs));
}

function ownerText(owner: StorageOwner | undefined, nowMs: number): string {
  if (owner === undefined) return "nobody";
  if (owner.pid === undefined || owner.sinceMs === undefined) return "a run";
  return `process ${owner.pid} on ${owner.host}, for ${ageText(owner.sinceMs, nowMs)}`;
}
