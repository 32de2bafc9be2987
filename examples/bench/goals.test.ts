import { describe, expect, it } from "vitest";
import type { NexmarkBench } from "../nexmark/bench/bench-queries.ts";
import { outcomesOf } from "./goals.ts";
import type { BenchResults, WorkloadResults } from "./results.ts";
import type { MeasuredRow } from "./summary.ts";
import type { WorkloadId } from "./workloads.ts";

const machine = {
  cpu: "a cpu",
  cores: 2,
  memoryGb: 8,
  node: "v24.0.0",
  platform: "linux",
  commit: "abc",
  date: "2026-11-22",
  loadBefore: 0,
};

/** `wallMs` of the rounds of each contender, of 1,000 units. */
function workload(
  id: WorkloadId,
  wallMs: Readonly<Record<string, readonly number[]>>,
  rows: readonly MeasuredRow[] = [],
) {
  const contenders = Object.entries(wallMs).map(([name, rounds]) => ({
    name,
    units: 1_000,
    rounds: rounds.map((wallMs) => ({ wallMs, cpuMs: wallMs, peakMb: 1 })),
  }));
  return { workload: id, title: "", units: 1_000, rows, contenders } satisfies WorkloadResults;
}

function outcomes(...workloads: readonly WorkloadResults[]) {
  const results: BenchResults = { machine, rounds: 2, events: 1_000, workloads };
  return (part: string) => outcomesOf(results).find(({ goal }) => goal.includes(part));
}

function row(name: string, ms: { p50: number; p99: number; p9999: number }): MeasuredRow {
  return {
    kind: "measured",
    name,
    role: "variant",
    form: "",
    medianPerSecond: 1,
    minPerSecond: 1,
    maxPerSecond: 1,
    timesReference: 1,
    timesMillrace: undefined,
    coresUsed: 1,
    peakMb: 1,
    timesReferenceCpu: 1,
    latency: {
      count: 10,
      p50Us: ms.p50 * 1_000,
      p99Us: ms.p99 * 1_000,
      p999Us: 0,
      p9999Us: ms.p9999 * 1_000,
      maxUs: 0,
    },
    phases: [],
    longestPauseMs: undefined,
  };
}

describe("goals", () => {
  it("hold ratios of rounds that follow one another, of the fastest of the others", () => {
    const of = outcomes(
      workload("W2", { "millrace-threads": [100, 200], loop: [200, 400], rxjs: [150, 300], effect: [140, 280] }),
    );

    expect(of("1.5 times the hand-written loop")).toMatchObject({ measured: "2.00 x", isMet: true });
    expect(of("1.5 times every peer")).toMatchObject({ measured: "1.40 x", isMet: false });
  });

  it("say what was not measured, and do not count it as met", () => {
    const of = outcomes(workload("W4", { millrace: [100], "msgpackr-256": [500], "java-queue": [] }));

    expect(of("msgpackr")).toMatchObject({ measured: "5.00 x", isMet: true });
    expect(of("Java")).toMatchObject({ measured: undefined, isMet: false });
    expect(of("10 million keys")).toMatchObject({ measured: undefined, isMet: false });
  });

  it("hold what a guarantee costs, in how much longer the same takes", () => {
    const of = outcomes(workload("W9", { "at-most-once": [100], "exactly-once": [112], "at-least-once": [104] }));

    expect(of("exactly-once costs")).toMatchObject({ measured: "12 %", isMet: false });
    expect(of("at-least-once")).toMatchObject({ measured: "4 %", isMet: true });
  });

  it("hold latencies, those of asks against a bare port", () => {
    const of = outcomes(
      workload("W6", {}, [
        row("100k", { p50: 1, p99: 4.9, p9999: 16 }),
        row("100k-exactly-once", { p50: 1, p99: 5.1, p9999: 15.9 }),
      ]),
      workload("W5", {}, [
        row("port-main", { p50: 10, p99: 1, p9999: 1 }),
        row("millrace-main", { p50: 11.9, p99: 1, p9999: 1 }),
      ]),
    );

    expect(of("within 5 ms")).toMatchObject({ measured: "4.9 ms", isMet: true });
    expect(of("within 16 ms")).toMatchObject({ measured: "16.0 ms", isMet: false });
    expect(of("99 % within 5 ms at 100,000 events/s, exactly-once")).toMatchObject({
      measured: "5.1 ms",
      isMet: false,
    });
    expect(of("99.99 % within 16 ms at 100,000 events/s, exactly-once")).toMatchObject({ isMet: true });
    expect(of("an ask of main")).toMatchObject({ measured: "1.19 x", isMet: true });
    expect(of("an ask between workers")).toMatchObject({ measured: undefined });
  });

  it("count the queries of NEXMark that take no more than three times as long as their loops", () => {
    const row = { query: "q0", events: 1, rows: 1, hash: "", loopPerSecond: 3, millracePerSecond: 1, startMs: 1 };
    const how = {
      guarantee: "at-most-once",
      eventsPerSecond: 1,
      threads: 0,
      rounds: 1,
      processes: 1,
      generatedPerSecond: 1,
    } as const;
    const bench = (...ratios: readonly number[]): NexmarkBench => ({
      workload: "nexmark",
      machine,
      ...how,
      rows: ratios.map((ratio) => ({ ...row, ratio })),
    });
    const outcome = (nexmark?: NexmarkBench) =>
      outcomesOf({ machine, rounds: 1, events: 1, workloads: [], ...(nexmark && { nexmark }) }).at(-1);

    expect(outcome()).toMatchObject({ workload: "NEXMark", measured: undefined, isMet: false });
    expect(outcome(bench(1, 3, 3.01))).toMatchObject({ measured: "2 of 3 do", isMet: false });
    expect(outcome(bench(1, 3))).toMatchObject({ measured: "2 of 2 do", isMet: true });
  });
});
