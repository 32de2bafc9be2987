import { describe, expect, it } from "vitest";
import { formatLegend, formatWorkload } from "./report.ts";
import type { MeasuredRow, Row } from "./summary.ts";
import { workloads } from "./workloads.ts";

const loop: MeasuredRow = {
  kind: "measured",
  name: "loop",
  role: "reference",
  form: "a loop",
  medianPerSecond: 13_100_000,
  minPerSecond: 9_000_000,
  maxPerSecond: 14_000_000,
  timesReference: 1,
  timesMillrace: undefined,
  coresUsed: 1.04,
  peakMb: 61.4,
  timesReferenceCpu: 1,
  latency: undefined,
  phases: [],
  longestPauseMs: undefined,
};
const asks = { count: 20_000, p50Us: 30, p99Us: 54.25, p999Us: 80, p9999Us: 200, maxUs: 900 };
const wrong: Row = { kind: "wrong", name: "rxjs", role: "peer", form: "RxJS", reason: "expected 4, got 5" };

describe("report of a workload", () => {
  it("shows rates in the unit of the workload and aligns the figures", () => {
    expect(formatWorkload("W1", workloads.W1, 2_000_000, 5, [loop]).split("\n")).toEqual([
      "W1  map to a new object, keep weight >= 1000, count (one thread)",
      "    2,000,000 events a round, 5 rounds",
      "",
      "contender  role       median M events/s   min    max  x ref  cores  peak MB  result  form",
      "---------  ---------  -----------------  ----  -----  -----  -----  -------  ------  ------",
      "loop       reference              13.10  9.00  14.00   1.00    1.0       61  ok      a loop",
    ]);
  });

  it("shows no figures for a wrong result, says so in the row and gives the reason below", () => {
    const lines = formatWorkload("W1", workloads.W1, 10, 5, [loop, wrong]).split("\n");

    expect(lines).toContainEqual(expect.stringMatching(/^rxjs +peer +- +- +- +- +- +- {2}WRONG {3}RxJS$/));
    expect(lines.at(-1)).toBe("  rxjs: WRONG: expected 4, got 5");
  });

  it("has a column for millrace only when it takes part, and for latency only when it was measured", () => {
    const millrace: MeasuredRow = { ...loop, name: "millrace", role: "millrace", timesMillrace: 1 };
    const asked: MeasuredRow = { ...loop, latency: asks };

    expect(formatWorkload("W1", workloads.W1, 10, 5, [loop])).not.toMatch(/x millrace|p50/);
    expect(formatWorkload("W1", workloads.W1, 10, 5, [loop, millrace])).toContain("x millrace");
    expect(formatWorkload("W5", workloads.W5, 10, 5, [asked])).toMatch(
      /n {2}p50 us {2}p99 us {2}p99.9[\s\S]*20000 {4}30\.0 {4}54\.3 {3}80.0/,
    );
  });

  it("says below what latencies are made of, where that was measured", () => {
    const phases = [
      { ...asks, name: "noticed", count: 8, p50Us: 2_000, p99Us: 5_500 },
      { ...asks, name: "replay", count: 8, p50Us: 30_000, p99Us: 41_000 },
    ];
    const lines = formatWorkload("W8", workloads.W8, 4, 2, [loop, { ...loop, name: "100-keys", phases }]).split("\n");

    expect(lines.slice(-4)).toEqual([
      "",
      "where the time goes, ms    noticed       replay",
      "-----------------------  ---------  -----------",
      "100-keys                 2.0 / 5.5  30.0 / 41.0",
    ]);
  });

  it("has a legend for each heading that does not explain itself", () => {
    for (const heading of ["median", "x ref", "x millrace", "cores", "x cpu", "peak MB", "p50", "role"]) {
      expect(formatLegend()).toContain(heading);
    }
  });
});
