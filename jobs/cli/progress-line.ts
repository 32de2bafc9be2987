/** ProgressLine: a reading of a run as one line of text. */

import { counted, grouped } from "../counted.ts";
import type { ProgressReading } from "./progress-meter.ts";

/**
 * `bridge-traffic running 1m 5s  1,234,567 events  98,765/s  45% (1m 20s left)  3 dead letters`, and what it waits for
 * behind the time: `bridge-traffic running 1m 5s  "out" has taken no input for 12.0 s, sources pause  1,234,567 events ...`
 */
export function progressLine(job: string, status: string, reading: ProgressReading): string {
  const { elapsedMs, events, eventsPerSecond, fraction, leftMs, deadLetters, lostEvents, waits } = reading;
  const parts = [
    `${job} ${status} ${durationText(elapsedMs)}`,
    ...(waits === undefined ? [] : [waits]),
    counted(events, "event"),
    `${grouped(eventsPerSecond)}/s`,
  ];
  if (fraction !== undefined) {
    // 100 is for the end only.
    const percent = Math.min(99, Math.floor(fraction * 100));
    parts.push(leftMs === undefined ? `${percent}%` : `${percent}% (${durationText(leftMs)} left)`);
  }
  if (deadLetters > 0) parts.push(counted(deadLetters, "dead letter"));
  if (lostEvents > 0) parts.push(lostText(lostEvents));
  return parts.join("  ");
}

/**
 * `bridge-traffic completed in 1m 5s: 1,234,567 events, 98,765/s, 320 checkpoints of 4 ms, the longest 31 ms`, and where its
 * process was replaced `...: 234,567 events in the 12s since its last restart, 19,547/s, ...`
 */
export function summaryLine(job: string, status: string, reading: ProgressReading): string {
  const { elapsedMs, sinceRestartMs, events, deadLetters, lostEvents, checkpoints } = reading;
  const countedMs = sinceRestartMs ?? elapsedMs;
  const perSecond = countedMs > 0 ? (events * 1_000) / countedMs : 0;
  const since = sinceRestartMs === undefined ? "" : ` in the ${durationText(sinceRestartMs)} since its last restart`;
  const parts = [`${counted(events, "event")}${since}`, `${grouped(perSecond)}/s`];
  if (deadLetters > 0) parts.push(counted(deadLetters, "dead letter"));
  if (lostEvents > 0) parts.push(lostText(lostEvents));
  if (checkpoints !== undefined) {
    const { count, averageMs, maxMs } = checkpoints;
    parts.push(`${counted(count, "checkpoint")} of ${grouped(averageMs)} ms, the longest ${grouped(maxMs)} ms`);
  }
  return `${job} ${status} in ${durationText(elapsedMs)}: ${parts.join(", ")}`;
}

/** `0.4s`, `12s`, `1m 5s`, `2h 3m` */
export function durationText(ms: number): string {
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m ${seconds % 60}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

function lostText(count: number): string {
  return `up to ${counted(count, "event")} lost`;
}
