/** The same invoices twice: of a night's file, and as usage happens, behind what has happened before. */

import { concat, defineJob, fromIterable, generate, type Job, ndjson, type SourceSpec } from "../../jobs/index.ts";
import { addInvoices } from "./invoices.ts";
import { prices, type Usage, usageAt, usageCount } from "./usage.ts";

export interface NightlyParams {
  /** Lines of JSON, one for each usage. */
  readonly file: string;
}

export interface LiveParams extends NightlyParams {
  /** The first usage that is told live: in the file, too, from there on up to its end. */
  readonly from: number;
  /** Per second. */
  readonly rate: number;
}

/** Reads a file and ends with it. */
export const nightly = defineJob("nightly", import.meta.url, (job, { file }: NightlyParams) => {
  addBilling(job, ndjson<Usage>(file));
});

/** Reads what is in the file, then what happens; what is told by both is taken once. */
export const live = defineJob("live", import.meta.url, (job, { file, from, rate }: LiveParams) => {
  const happening = generate({ count: usageCount - from, rate, from: (index) => usageAt(from + index) });
  addBilling(job, concat(ndjson<Usage>(file), happening, { seam: ({ id }) => id }));
});

function addBilling(job: Job, usage: SourceSpec<Usage>): void {
  const table = job.source("prices", fromIterable(prices)).asTable("price-table", ({ service }) => service);
  addInvoices(job.source("usage", usage), table).collect("billed");
}
