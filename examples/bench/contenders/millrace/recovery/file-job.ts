/**
 * The job of W8-process: as that of W8, but what it shows are lines of a file, which appear with the checkpoint, and say which process
 * made them.
 */

import { defineJob, fileLines, generate } from "../../../../../jobs/index.ts";
import { CountingShown, eventsPerSecond, type Shown } from "./recovering-job.ts";

export interface FileJobParams {
  readonly keys: number;
  readonly path: string;
}

export interface ShownLine extends Shown {
  readonly pid: number;
}

export const showingInFile = defineJob("showing-in-file", import.meta.url, (job, { keys, path }: FileJobParams) => {
  job
    .source("numbers", generate({ rate: eventsPerSecond }))
    .keyBy((index) => index % keys)
    .process("count", () => new CountingShown())
    .sink("shown", fileLines(path, { format: (shown) => JSON.stringify({ ...shown, pid: process.pid }) }));
});
