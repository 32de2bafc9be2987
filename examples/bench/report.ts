/** The text a reader sees: one table per workload, the reasons of rejected contenders, and a legend. */

import type { Row } from "./summary.ts";
import { type Column, formatTable } from "./text-table.ts";
import type { Workload } from "./workload.ts";
import type { WorkloadId } from "./workloads.ts";

export function formatWorkload(
  id: WorkloadId,
  workload: Workload,
  units: number,
  rounds: number,
  rows: readonly Row[],
): string {
  const columns = columnsFor(workload, rows);
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const title = `${id}  ${workload.title}`;
  const scope = `    ${units.toLocaleString("en")} ${workload.unit} a round, ${rounds} rounds`;
  return [title, scope, "", formatTable(columns, cells), ...rejections(rows), ...phases(rows)].join("\n");
}

export function formatLegend(): string {
  return [
    "median, min, max  rate over the counted rounds; the warm-up round is not counted",
    "x ref             times the reference: the median of the ratios round by round; above 1 is faster",
    "x millrace        the same against millrace",
    "cores             CPU time of all threads, garbage collector included, divided by wall time",
    "peak MB           highest resident memory of the contender's process, Node itself included",
    "x cpu             processor time per unit relative to the reference, round by round; below 1 is less",
    "n, p50, p99       how many latencies were measured over the counted rounds, and their percentiles",
    "gc ms             the longest pause for the collection of garbage, of the threads on which events flow",
    "where ... goes    the same percentiles of each phase of a recovery, in the order in which they pass",
    "role              reference: what ratios are relative to; limit: shows what the hardware allows, not a rival;",
    "                  variant: millrace under another guarantee or load than the reference",
    "",
    "Under a factor of 1.5, two contenders on a shared machine are equal.",
  ].join("\n");
}

/** With fewer latencies than these the last percentiles are single ones. */
const tailFrom = 10_000;

interface ReportColumn extends Column {
  cell(row: Row): string;
}

function columnsFor(workload: Workload, rows: readonly Row[]): ReportColumn[] {
  const rate = (perSecond: number): string => (perSecond / workload.rateScale).toFixed(2);
  const measured = rows.filter((row) => row.kind === "measured");
  const columns: ReportColumn[] = [
    { heading: "contender", align: "left", cell: (row) => row.name },
    { heading: "role", align: "left", cell: (row) => row.role },
    figure(`median ${workload.rateLabel}`, (row) => rate(row.medianPerSecond)),
    figure("min", (row) => rate(row.minPerSecond)),
    figure("max", (row) => rate(row.maxPerSecond)),
    figure("x ref", (row) => row.timesReference?.toFixed(2)),
  ];
  if (rows.some((row) => row.role === "millrace")) {
    columns.push(figure("x millrace", (row) => row.timesMillrace?.toFixed(2)));
  }
  const { latencyUnit } = workload;
  if (latencyUnit !== undefined && measured.some((row) => row.latency !== undefined)) {
    const text = (us: number) => (latencyUnit === "ms" ? us / 1000 : us).toFixed(1);
    columns.push(figure("n", (row) => row.latency?.count.toFixed(0)));
    columns.push(figure(`p50 ${latencyUnit}`, (row) => row.latency && text(row.latency.p50Us)));
    columns.push(figure(`p99 ${latencyUnit}`, (row) => row.latency && text(row.latency.p99Us)));
    if (measured.some((row) => (row.latency?.count ?? 0) >= tailFrom)) {
      columns.push(figure("p99.9", (row) => row.latency && text(row.latency.p999Us)));
      columns.push(figure("p99.99", (row) => row.latency && text(row.latency.p9999Us)));
      columns.push(figure("max", (row) => row.latency && text(row.latency.maxUs)));
    }
  }
  if (measured.some((row) => row.role === "variant")) {
    columns.push(figure("x cpu", (row) => row.timesReferenceCpu?.toFixed(2)));
  }
  if (measured.some((row) => row.longestPauseMs !== undefined)) {
    columns.push(figure("gc ms", (row) => row.longestPauseMs?.toFixed(1)));
  }
  columns.push(
    figure("cores", (row) => row.coresUsed.toFixed(1)),
    figure("peak MB", (row) => row.peakMb.toFixed(0)),
    { heading: "result", align: "left", cell: (row) => (row.kind === "measured" ? "ok" : row.kind.toUpperCase()) },
    { heading: "form", align: "left", cell: (row) => row.form },
  );
  return columns;
}

type Measured = Extract<Row, { kind: "measured" }>;

/** A right-aligned figure that rejected rows do not have. */
function figure(heading: string, of: (row: Measured) => string | undefined): ReportColumn {
  return { heading, align: "right", cell: (row) => (row.kind === "measured" ? (of(row) ?? "-") : "-") };
}

/** What the latencies are made of, where that was measured: a second table. */
function phases(rows: readonly Row[]): string[] {
  const measured = rows.filter((row) => row.kind === "measured").filter((row) => row.phases.length > 0);
  const names = [...new Set(measured.flatMap((row) => row.phases.map(({ name }) => name)))];
  if (names.length === 0) return [];
  const text = (us: number) => (us / 1000).toFixed(1);
  const cells = measured.map((row) => [
    row.name,
    ...names.map((name) => {
      const phase = row.phases.find((other) => other.name === name);
      return phase === undefined ? "-" : `${text(phase.p50Us)} / ${text(phase.p99Us)}`;
    }),
  ]);
  const columns: Column[] = [
    { heading: "where the time goes, ms", align: "left" },
    ...names.map((heading): Column => ({ heading, align: "right" })),
  ];
  return ["", formatTable(columns, cells)];
}

function rejections(rows: readonly Row[]): string[] {
  return rows.flatMap((row) =>
    row.kind === "measured" ? [] : [`  ${row.name}: ${row.kind.toUpperCase()}: ${row.reason}`],
  );
}
