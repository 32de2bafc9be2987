/** From the results of the bench to the panels of its plot: rates where there are any, latencies where those are the point. */

import type { Role } from "./contender-entry.ts";
import type { Bar, Panel } from "./plot.ts";
import { type BenchResults, roundsOf, type WorkloadResults } from "./results.ts";
import type { MeasuredRow } from "./summary.ts";
import { type WorkloadId, workloads } from "./workloads.ts";

const latencyFirst: ReadonlySet<WorkloadId> = new Set(["W5", "W6", "W8", "W8-process"]);

const tones: Readonly<Record<Role, Bar["tone"]>> = {
  reference: "reference",
  limit: "limit",
  peer: "other",
  millrace: "own",
  variant: "own",
};

export function panelsOf({ workloads }: BenchResults): Panel[] {
  return workloads.flatMap((results) => {
    const rows = results.rows.filter((row) => row.kind === "measured");
    if (rows.length === 0) return [];
    return [latencyFirst.has(results.workload) ? latencyPanel(results, rows) : ratePanel(results, rows)];
  });
}

function ratePanel(results: WorkloadResults, rows: readonly MeasuredRow[]): Panel {
  const { workload, title } = results;
  const { rateLabel, rateScale } = workloads[workload];
  return {
    title: `${workload}: ${title}`,
    caption: `${rateLabel}, median and range of ${roundsOf(results)} rounds, and times the reference; longer is better`,
    bars: rows.map(({ name, role, medianPerSecond, minPerSecond, maxPerSecond, timesReference }) => ({
      name,
      tone: tones[role],
      value: medianPerSecond,
      low: minPerSecond,
      high: maxPerSecond,
      text: `${figureText(medianPerSecond / rateScale)}${timesReference === undefined ? "" : ` · x ${timesReference.toFixed(2)}`}`,
    })),
  };
}

function latencyPanel({ workload, title }: WorkloadResults, rows: readonly MeasuredRow[]): Panel {
  const { latencyUnit } = workloads[workload];
  const scale = latencyUnit === "ms" ? 1_000 : 1;
  return {
    title: `${workload}: ${title}`,
    caption: `${latencyUnit === "ms" ? "ms" : "µs"}, p50 with a whisker to p99; shorter is better`,
    bars: rows.flatMap(({ name, role, latency }) =>
      latency === undefined
        ? []
        : [
            {
              name,
              tone: tones[role],
              value: latency.p50Us,
              low: latency.p50Us,
              high: latency.p99Us,
              text: `p50 ${figureText(latency.p50Us / scale)} · p99 ${figureText(latency.p99Us / scale)}`,
            },
          ],
    ),
  };
}

/** Three digits that count, at least. */
export function figureText(figure: number): string {
  if (figure >= 100) return figure.toLocaleString("en", { maximumFractionDigits: 0 });
  return figure.toFixed(figure >= 10 ? 1 : 2);
}
