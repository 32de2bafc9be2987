/** docs/performance.md and its plot are what the generator makes of the results beside them: no figure is typed in. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { NexmarkBench } from "../nexmark/bench/bench-queries.ts";
import { performancePage } from "./page.ts";
import { panelsOf } from "./panels.ts";
import { plotSvg } from "./plot.ts";
import { type BenchResults, together } from "./results.ts";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const committed: BenchResults = JSON.parse(readFileSync(`${docs}performance/results.json`, "utf8"));

describe("docs/performance.md", () => {
  it("is what the generator makes of docs/performance/results.json", () => {
    expect(performancePage(committed, "performance/plot.svg")).toBe(readFileSync(`${docs}performance.md`, "utf8"));
  });

  it("shows the plot of the same results", () => {
    expect(plotSvg(panelsOf(committed))).toBe(readFileSync(`${docs}performance/plot.svg`, "utf8"));
  });

  it("says how many rounds a workload has that has others than the rest", () => {
    const [first] = committed.workloads;
    if (first === undefined) throw new Error("expected at least one workload");
    const contenders = first.contenders.map((each) => ({ ...each, rounds: [...each.rounds, ...each.rounds] }));
    const page = performancePage({ ...committed, workloads: [{ ...first, contenders }] }, "");

    expect(page).toContain(`a round, ${2 * committed.rounds} rounds.`);
    expect(performancePage({ ...committed, workloads: [first] }, "")).not.toContain("a round, ");
  });

  it("says plainly what is missed, what was not measured, and what failed", () => {
    const { nexmark: _measured, ...others } = committed;
    const [first] = committed.workloads;
    if (first === undefined) throw new Error("expected at least one workload");
    const failed = { kind: "failed", name: "rxjs", role: "peer", form: "RxJS 7", reason: "gone" } as const;
    const page = performancePage({ ...others, workloads: [{ ...first, rows: [failed], contenders: [] }] }, "");

    expect(page).toContain("0 of 23 are met");
    expect(page).toContain("| not measured |");
    expect(page).toContain(`- ${first.workload} rxjs (RxJS 7): it failed: gone`);
    expect(page).toContain("Not part of this run:");
  });
});

describe("results put together", () => {
  const row = {
    query: "q5",
    events: 20_000,
    loopPerSecond: 8e6,
    millracePerSecond: 2e6,
    ratio: 4,
    startMs: 1,
    rows: 7,
    hash: "f00",
    onThreadsPerSecond: 3e6,
  };
  const { machine } = committed;
  const how = { guarantee: "at-most-once", eventsPerSecond: 10_000, threads: 2, rounds: 3, processes: 1 } as const;
  const nexmark: NexmarkBench = { workload: "nexmark", machine, ...how, generatedPerSecond: 1e5, rows: [row] };

  it("take each workload from the last run that has it, and keep the order of the bench", () => {
    const [first, second] = committed.workloads;
    if (first === undefined || second === undefined) throw new Error("expected two workloads");
    const again = { ...first, units: 1 };

    const all = together([
      { ...committed, workloads: [second] },
      { ...committed, workloads: [first] },
      { ...committed, workloads: [again] },
    ]);

    expect(all.workloads).toEqual([again, second]);
  });

  it("have the rows of NEXMark when those are given, on the calling thread and on others, and keep them", () => {
    const { nexmark: _, nexmarkOnThreads: __, ...bench } = committed;
    const { onThreadsPerSecond: ___, ...alone } = row;
    const onCaller: NexmarkBench = { ...nexmark, threads: 0, rows: [alone] };
    const all = together([committed, onCaller, nexmark]);

    const page = performancePage(all, "");
    expect(page).toContain("| q5 | 20,000 | 8.00 | 2.00 | 4.00 | 1.0 | 7 | `f00` |");
    expect(page).toContain("### On 2 worker threads");
    expect(page).toContain("| q5 | 20,000 | 8.00 | 3.00 | 2.67 |");
    expect(together([all, bench])).toMatchObject({ nexmark: onCaller, nexmarkOnThreads: nexmark });
  });

  it("are refused from two machines, and when there are none", () => {
    const other = { ...committed, machine: { ...committed.machine, cpu: "another" } };

    expect(() => together([committed, other])).toThrow(/one machine/);
    expect(() => together([nexmark])).toThrow(/at least one run/);
  });
});
