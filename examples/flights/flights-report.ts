/** FlightsReport: what the job found out, as text. */

import type { RunReport } from "../../jobs/index.ts";
import { type Column, formatTable } from "../bench/text-table.ts";
import {
  type AirportOrder,
  type AirportTotals,
  addTotals,
  lateAfterMinutes,
  lateShare,
  meanMinutes,
  noFlights,
  topAirports,
} from "./airport-totals.ts";

export interface FlightsResult {
  readonly report: RunReport;
  readonly airports: readonly AirportTotals[];
  readonly cities: ReadonlyMap<string, string>;
  readonly top: number;
  readonly sort: AirportOrder;
  readonly threads: number;
}

const titles: Readonly<Record<AirportOrder, string>> = {
  flights: "by number of flights",
  mean: "by mean delay",
  worst: "by worst delay",
  late: `by share of flights more than ${lateAfterMinutes} minutes late`,
};

/** The airports, how fast it went, which actor ran where, and what is missing, if anything is. */
export function textResult(result: FlightsResult): string {
  const { report, sort, threads } = result;
  const { counted, read, perSecond } = figures(result);
  const where = threads === 0 ? "the main thread" : plural(threads, "thread");
  const seconds = (report.elapsedMs / 1_000).toFixed(2);
  const parts = [
    `US flights, January to June 2001: airports ${titles[sort]}`,
    airportTable(result),
    knowsWhatWasRead(report)
      ? `${grouped(counted)} flights counted in ${seconds} s on ${where}: ${grouped(perSecond)} flights a second`
      : `${grouped(counted)} flights counted, ${grouped(rowsEmitted(report))} of them since the job went on from its last checkpoint`,
  ];
  const inFile = rowsInFile(report);
  if (knowsWhatWasRead(report) && read < inFile)
    parts.push(`Reading was stopped at ${grouped(read)} of ${grouped(inFile)} flights.`);
  if (counted < read) parts.push(lossText(counted, read));
  if (counted > read) parts.push(repeatText(counted, read));
  parts.push(actorTable(report));
  return `\n${parts.join("\n\n")}\n`;
}

/** The same as one JSON document. */
export function jsonResult(result: FlightsResult): string {
  const { report, airports, cities, sort, top, threads } = result;
  const { counted, read, perSecond } = figures(result);
  const document = {
    threads,
    status: report.status,
    flights: {
      inFile: rowsInFile(report),
      read,
      counted,
      lostAtMost: Math.max(0, read - counted),
      repeated: Math.max(0, counted - read),
    },
    elapsedMs: Math.round(report.elapsedMs),
    flightsPerSecond: Math.round(perSecond),
    airportCount: airports.length,
    all: figuresOf(sumOf(airports, "all")),
    airports: topAirports(airports, sort, top).map((totals) => ({
      airport: totals.airport,
      city: cities.get(totals.airport),
      ...figuresOf(totals),
    })),
    actors: report.operators.flatMap(({ name, instances }) =>
      instances.map(({ instance, host, threadId, in: eventsIn, out: eventsOut }) => ({
        actor: `${name}/${instance}`,
        host,
        threadId,
        eventsIn,
        eventsOut,
      })),
    ),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function figures({ report, airports }: FlightsResult) {
  const counted = sumOf(airports, "").flights;
  const read = knowsWhatWasRead(report) ? rowsRead(report) : counted;
  return { counted, read, perSecond: (counted * 1_000) / report.elapsedMs };
}

function figuresOf(totals: AirportTotals) {
  const { flights, worstMinutes, late } = totals;
  return { flights, meanMinutes: meanMinutes(totals), worstMinutes, late, lateShare: lateShare(totals) };
}

/** Not where a source had come to its end before the process that reports was started. */
function knowsWhatWasRead(report: RunReport): boolean {
  const instances = report.operators.find(({ kind }) => kind === "source")?.instances ?? [];
  return instances.every(({ progress }) => progress !== undefined);
}

function rowsEmitted(report: RunReport): number {
  return report.operators.find(({ kind }) => kind === "source")?.total.out ?? 0;
}

/** Rows that the sources are past, in all their incarnations. */
function rowsRead(report: RunReport): number {
  return sourceProgress(report).reduce((sum, progress) => sum + progress.done, 0);
}

export function isHalfRead(report: RunReport): boolean {
  return rowsInFile(report) > 0 && rowsRead(report) >= rowsInFile(report) / 2;
}

function rowsInFile(report: RunReport): number {
  return sourceProgress(report).reduce((sum, progress) => sum + (progress.total ?? 0), 0);
}

function sourceProgress(report: RunReport) {
  const instances = report.operators.find(({ kind }) => kind === "source")?.instances ?? [];
  return instances.flatMap(({ progress }) => (progress === undefined ? [] : [progress]));
}

function lossText(counted: number, read: number): string {
  return [
    `${grouped(read)} flights were read, so at most ${grouped(read - counted)} are missing above: delivery is at-most-once,`,
    "and what an actor has counted, or has not been sent yet, is lost with it.",
  ].join("\n");
}

function repeatText(counted: number, read: number): string {
  return [
    `${grouped(read)} flights were read, so ${grouped(counted - read)} were counted again: delivery is at-least-once, and what was`,
    "on its way at the failure was delivered once more.",
  ].join("\n");
}

const airportColumns: readonly Column[] = [
  { heading: "", align: "right" },
  { heading: "airport", align: "left" },
  { heading: "city", align: "left" },
  { heading: "flights", align: "right" },
  { heading: "mean delay", align: "right" },
  { heading: "worst delay", align: "right" },
  { heading: `over ${lateAfterMinutes} min`, align: "right" },
];

/** The first `top` airports, a line for the others, and one for all. */
function airportTable({ airports, cities, top, sort }: FlightsResult): string {
  const ranked = topAirports(airports, sort, airports.length);
  const shown = ranked.slice(0, top);
  const others = ranked.slice(top);
  const rows = shown.map((totals, index) => airportRow(`${index + 1}`, totals, cities.get(totals.airport) ?? ""));
  if (others.length > 0) rows.push(airportRow("", sumOf(others, "..."), plural(others.length, "other airport")));
  rows.push(airportRow("", sumOf(airports, "all"), plural(airports.length, "airport")));
  const lines = formatTable(airportColumns, rows).split("\n");
  const rule = lines[1] as string;
  return [...lines.slice(0, -1), rule, lines.at(-1)].join("\n");
}

function airportRow(rank: string, totals: AirportTotals, city: string): string[] {
  const { airport, flights, worstMinutes } = totals;
  return [
    rank,
    airport,
    city,
    grouped(flights),
    `${meanMinutes(totals).toFixed(1)} min`,
    flights === 0 ? "-" : durationText(worstMinutes),
    `${(lateShare(totals) * 100).toFixed(1)} %`,
  ];
}

function sumOf(airports: readonly AirportTotals[], name: string): AirportTotals {
  const sum = noFlights(name);
  for (const totals of airports) addTotals(sum, totals);
  return sum;
}

const actorColumns: readonly Column[] = [
  { heading: "actor", align: "left" },
  { heading: "host", align: "right" },
  { heading: "thread", align: "right" },
  { heading: "events in", align: "right" },
  { heading: "events out", align: "right" },
];

/** Which actor ran on which thread, and what it did there. */
function actorTable({ operators }: RunReport): string {
  const rows = operators.flatMap(({ name, instances }) =>
    instances.map(({ instance, host, threadId, in: taken, out }) => [
      `${name}/${instance}`,
      host === 0 ? "main" : `${host}`,
      `${threadId}`,
      taken === 0 ? "" : grouped(taken),
      out === 0 ? "" : grouped(out),
    ]),
  );
  return formatTable(actorColumns, rows);
}

/** Whole, in groups of three digits. */
export function grouped(number: number): string {
  return Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `28 h 8 min`, `45 min` */
function durationText(minutes: number): string {
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${`${minutes % 60}`.padStart(2)} min`;
}
