/** What the bench has measured, as a reader sees it. */

import { formatMachine } from "../../bench/machine.ts";
import { type Column, formatTable } from "../../bench/text-table.ts";
import type { NexmarkBench } from "./bench-queries.ts";

export function benchTable({ machine, guarantee, generatedPerSecond, threads, rounds, rows }: NexmarkBench): string {
  const onThreads = threads === 0 ? [] : [`${threads} threads M/s`];
  const numbers = ["events", "rows", "loop M/s", "millrace M/s", "ratio", "start ms", ...onThreads];
  const columns: Column[] = [
    { heading: "query", align: "left" },
    ...numbers.map((heading): Column => ({ heading, align: "right" })),
  ];
  const cells = rows.map((row) => [
    row.query,
    row.events.toLocaleString("en"),
    row.rows.toLocaleString("en"),
    millions(row.loopPerSecond),
    millions(row.millracePerSecond),
    row.ratio.toFixed(1),
    row.startMs.toFixed(1),
    ...(row.onThreadsPerSecond === undefined ? [] : [millions(row.onThreadsPerSecond)]),
  ]);
  return [
    formatMachine(machine),
    `${rounds} rounds, ${guarantee}; the rows of each round were those of the loop`,
    `generator, apart: ${millions(generatedPerSecond)} M events/s`,
    "",
    formatTable(columns, cells),
    "",
    "loop, millrace  millions of events per second of processor time: per second and core",
    "ratio           how many times longer the job takes than the loop, the median over the rounds",
    "start ms        ms of processor time from the submission of a job to the moment at which every operator is open: no part of the rates",
    ...(threads === 0 ? [] : [`${threads} threads       millions of events per second on the wall, on worker threads`]),
  ].join("\n");
}

function millions(perSecond: number): string {
  return (perSecond / 1_000_000).toFixed(2);
}
