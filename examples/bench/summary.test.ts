import { describe, expect, it } from "vitest";
import type { Role } from "./contender-entry.ts";
import type { LaneOutcome } from "./interleave.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import type { Measurement } from "./measurement.ts";
import { type MeasuredEntry, summarise } from "./summary.ts";

function round(wallMs: number, changes: Partial<Measurement> = {}): Measurement {
  const unmeasured = { latenciesUs: undefined, recorded: undefined, phasesUs: undefined, longestPauseMs: undefined };
  return { wallMs, cpuMs: wallMs, peakMb: 50, answer: [], ...unmeasured, ...changes };
}

function contender(name: string, role: Role, outcome: LaneOutcome<Measurement>, units = 1000): MeasuredEntry {
  const load = () => Promise.reject(new Error("not run in this test"));
  return { entry: { workload: "W1", name, role, form: "", load }, units, outcome };
}

const reference = contender("loop", "reference", { kind: "measured", rounds: [round(100), round(200), round(100)] });

describe("summary", () => {
  it("gives rates per second and ratios to the reference, round by round", () => {
    const twiceAsSlow = contender("slow", "peer", { kind: "measured", rounds: [round(200), round(400), round(200)] });

    const rows = summarise([reference, twiceAsSlow]);

    expect(rows[0]).toMatchObject({ medianPerSecond: 10_000, minPerSecond: 5000, maxPerSecond: 10_000 });
    expect(rows[1]).toMatchObject({ medianPerSecond: 5000, timesReference: 0.5, timesMillrace: undefined });
  });

  it("gives ratios to millrace when it takes part", () => {
    const millrace = contender("millrace", "millrace", {
      kind: "measured",
      rounds: [round(50), round(100), round(50)],
    });

    const rows = summarise([reference, millrace]);

    expect(rows[0]).toMatchObject({ timesReference: 1, timesMillrace: 0.5 });
    expect(rows[1]).toMatchObject({ timesReference: 2, timesMillrace: 1 });
  });

  it("gives no figures for a wrong result", () => {
    const wrong = contender("fast", "peer", { kind: "wrong", reason: "expected 1, got 2" });

    const rows = summarise([reference, wrong]);

    expect(rows[1]).toEqual({ kind: "wrong", name: "fast", role: "peer", form: "", reason: "expected 1, got 2" });
  });

  it("leaves ratios out when the reference failed", () => {
    const failed = contender("loop", "reference", { kind: "failed", reason: "gone" });
    const peer = contender("peer", "peer", { kind: "measured", rounds: [round(100)] });

    expect(summarise([failed, peer])[1]).toMatchObject({ timesReference: undefined });
  });

  it("gives percentiles of the phases that latencies are made of", () => {
    const peer = contender("peer", "peer", {
      kind: "measured",
      rounds: [
        round(100, { phasesUs: { noticed: Float64Array.of(3, 4), replay: Float64Array.of(20, 30) } }),
        round(100, { phasesUs: { noticed: Float64Array.of(9), replay: Float64Array.of(10) } }),
      ],
    });

    expect(summarise([reference, peer])).toMatchObject([
      { phases: [] },
      {
        phases: [
          { name: "noticed", count: 3, p50Us: 4, p99Us: 9 },
          { name: "replay", count: 3, p50Us: 20, p99Us: 30 },
        ],
      },
    ]);
  });

  it("compares rates and processor time per unit, where a slow contender has a share of the units", () => {
    const rounds = [round(100), round(200), round(100)];
    const slow = contender("slow", "peer", { kind: "measured", rounds }, 10);

    expect(summarise([reference, slow])[1]).toMatchObject({
      medianPerSecond: 100,
      timesReference: 0.01,
      timesReferenceCpu: 100,
    });
  });

  it("puts together what was recorded in all rounds, and shows the longest pause", () => {
    const recorded = [5, 9].map((us) => {
      const histogram = new LatencyHistogram();
      histogram.record(us);
      return histogram.toRecorded();
    });
    const peer = contender("peer", "peer", {
      kind: "measured",
      rounds: recorded.map((each, index) => round(100, { recorded: each, longestPauseMs: 7 - index })),
    });

    expect(summarise([peer])[0]).toMatchObject({ latency: { count: 2, p50Us: 6, maxUs: 9 }, longestPauseMs: 7 });
  });

  it("says why a contender was skipped", () => {
    const skipped = { ...reference, outcome: { kind: "skipped", reason: "no java here" } } as const;

    expect(summarise([skipped])[0]).toMatchObject({ kind: "skipped", reason: "no java here" });
  });

  it("counts busy cores, the highest memory and percentiles over all rounds", () => {
    const peer = contender("peer", "peer", {
      kind: "measured",
      rounds: [
        round(100, { cpuMs: 150, peakMb: 60, latenciesUs: Float64Array.of(30, 50) }),
        round(100, { cpuMs: 200, peakMb: 70, latenciesUs: Float64Array.of(32, 90) }),
        round(100, { cpuMs: 190, peakMb: 70, latenciesUs: Float64Array.of(31, 60) }),
      ],
    });

    expect(summarise([peer])[0]).toMatchObject({
      coresUsed: 1.9,
      peakMb: 70,
      latency: { count: 6, p50Us: 32, p99Us: 90 },
    });
  });
});
