/**
 * LoadJob: imports the module of a job and finds its definition. Main does it for the command line, every host for the
 * jobs it runs.
 */

import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { checkNames, MillraceError, printValue } from "../runtime/index.ts";
import { isJobDefinition, type JobDefinition } from "./define-job.ts";

/** There is no file where the job should be. */
export class JobFileMissingError extends MillraceError {
  readonly code = "ERR_JOB_FILE_MISSING";
}

/** The module of the job could not be loaded: a syntax error, a missing import, or it threw. */
export class JobLoadError extends MillraceError {
  readonly code = "ERR_JOB_LOAD";
}

/** The module exports no job, or none of the name asked for, or several; the message says what it exports. */
export class JobNotFoundError extends MillraceError {
  readonly code = "ERR_JOB_NOT_FOUND";
}

export interface LoadJobOptions {
  /** The job's name (or the name of the export), where a module exports several. */
  readonly name?: string;
}

/**
 * Imports the module at `location` (a path, relative to the working directory, or a URL) and returns its job: the one
 * named in the options, else the default export, else the only one.
 *
 * @throws ERR_JOB_FILE_MISSING, ERR_JOB_LOAD (with the module's own error as cause), ERR_JOB_NOT_FOUND
 */
export async function loadJob(location: string, options: LoadJobOptions = {}): Promise<JobDefinition<unknown>> {
  checkNames("loadJob", options, { name: true });
  const url = moduleUrl(location);
  const title = url.startsWith("file:") ? fileURLToPath(url) : url;
  if (url.startsWith("file:")) await checkFile(title);
  return findJob(await importModule(url, title), title, options.name);
}

/** The URL of a module at a path or a URL. */
export function moduleUrl(location: string): string {
  const isUrl = /^[a-z][a-z+.-]+:/i.test(location) && URL.canParse(location);
  return isUrl ? location : pathToFileURL(resolve(location)).href;
}

async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw new JobFileMissingError(`there is no file ${path}`, { cause: error, details: { path } });
  });
  if (!found.isFile()) throw new JobFileMissingError(`${path} is not a file`, { details: { path } });
}

async function importModule(url: string, title: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(url);
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${printValue(error)}`;
    throw new JobLoadError(`${title} could not be loaded: ${message}`, { cause: error, details: { path: title } });
  }
}

function findJob(
  module: Readonly<Record<string, unknown>>,
  title: string,
  name: string | undefined,
): JobDefinition<unknown> {
  const jobs = Object.entries(module).filter((entry): entry is [string, JobDefinition<unknown>] =>
    isJobDefinition(entry[1]),
  );
  const distinct = [...new Set(jobs.map(([, job]) => job))];
  if (name !== undefined) {
    const named = distinct.find((job) => job.name === name) ?? jobs.find(([exported]) => exported === name)?.[1];
    if (named !== undefined) return named;
    throw notFound(title, `exports no job ${JSON.stringify(name)}`, module, jobs.length === 0 ? expectedExport : "");
  }
  const standard = jobs.find(([exported]) => exported === "default")?.[1];
  if (standard !== undefined) return standard;
  if ("default" in module) throw notFound(title, "has a default export that is no job", module);
  if (distinct.length > 1) {
    throw notFound(title, "exports several jobs and no default one", module, ". Name the one to take: --job <name>");
  }
  if (distinct[0] !== undefined) return distinct[0];
  throw notFound(title, "exports no job", module);
}

const expectedExport = '. Expected: export default defineJob("name", import.meta.url, (job) => { ... })';

function notFound(
  title: string,
  problem: string,
  module: Readonly<Record<string, unknown>>,
  advice = expectedExport,
): JobNotFoundError {
  const exported = Object.entries(module)
    .map(([name, value]) => `${name} (${describe(value)})`)
    .toSorted();
  const found = exported.length === 0 ? "nothing" : exported.join(", ");
  return new JobNotFoundError(`${title} ${problem}; it exports ${found}${advice}`, { details: { path: title } });
}

function describe(value: unknown): string {
  if (isJobDefinition(value)) return `job ${JSON.stringify(value.name)}`;
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
