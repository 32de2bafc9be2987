import { describe, expect, it } from "vitest";
import { type Bar, type Panel, plotSvg } from "./plot.ts";

const bar: Bar = { name: "millrace", tone: "own", value: 5, low: 4, high: 8, text: "5.00" };

function panel(...bars: readonly Bar[]): Panel {
  return { title: "W1  map & count", caption: "M events/s", bars };
}

function widths(svg: string): number[] {
  return [...svg.matchAll(/<rect [^>]*width="([\d.]+)" height="14"/g)].map(([, width]) => Number(width));
}

function tops(svg: string): number[] {
  return [...svg.matchAll(/<rect [^>]*\by="([\d.]+)" width="[\d.]+" height="14"/g)].map(([, top]) => Number(top));
}

describe("plot", () => {
  it("draws bars in proportion, from the same line", () => {
    const [long = 0, short = 0] = widths(plotSvg([panel({ ...bar, value: 8 }, { ...bar, value: 2, low: 1, high: 3 })]));

    expect(long / short).toBeCloseTo(4);
  });

  it("does not let a limit make the bars of the others small", () => {
    const alone = widths(plotSvg([panel(bar)]));
    const beside = widths(plotSvg([panel(bar, { ...bar, tone: "limit", value: 500, low: 400, high: 600 })]));

    expect(beside[0]).toBe(alone[0]);
    expect(beside[1]).toBeLessThan(2 * (alone[0] ?? 0));
  });

  it("has a line of its own for each bar, and room below the last one", () => {
    const svg = plotSvg([panel(bar, bar), panel(bar)]);
    const bars = tops(svg);
    const height = Number(/height="(\d+)"/.exec(svg)?.[1]);

    expect(bars).toHaveLength(3);
    for (const [index, top] of bars.slice(1).entries()) expect(top - bars[index]!).toBeGreaterThan(14);
    expect(Math.max(...bars) + 14).toBeLessThan(height);
  });

  it("writes names so that they are no markup", () => {
    const svg = plotSvg([panel({ ...bar, name: "<b>" })]);

    expect(svg).toContain("&lt;b&gt;");
    expect(svg).toContain("map &amp; count");
  });

  it("draws a bar for a figure of nothing, too", () => {
    expect(widths(plotSvg([panel({ ...bar, value: 0, low: 0, high: 0 })]))).toEqual([1]);
  });
});
