/**
 * PlotSvg: horizontal bars with whiskers, one panel per workload, one below the other. Colours are taken from the scheme that the reader
 * prefers, light or dark; the background is that of the page.
 */

export interface Panel {
  readonly title: string;
  /** What the bars are measured in, and which way is better. */
  readonly caption: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly name: string;
  readonly tone: "own" | "other" | "reference" | "limit";
  readonly value: number;
  /** Where the whisker ends. */
  readonly low: number;
  readonly high: number;
  /** The figures in words. */
  readonly text: string;
}

const width = 860;
const left = 150;
const right = 640;
const barHeight = 14;
const rowHeight = 22;
const titleHeight = 44;
const gap = 22;
/** A limit may be many times what can be reached: its bar ends with the panel then, and its figure says how far it goes. */
const beyond = 1.02;

export function plotSvg(panels: readonly Panel[]): string {
  const drawn = legendAt(20);
  let top = 40;
  for (const panel of panels) {
    drawn.push(...panelAt(panel, top));
    top += titleHeight + panel.bars.length * rowHeight + gap;
  }
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" role="img">`,
    "<title>Rates and latencies of millrace and its peers, by workload</title>",
    style,
    ...drawn,
    "</svg>",
  ].join("\n")}\n`;
}

const style = `<style>
text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #3b434b; }
.title { font-weight: 600; font-size: 13px; }
.caption { fill: #66707a; }
.figure { font-variant-numeric: tabular-nums; }
.own { fill: #2f7ed8; } .other { fill: #a7b1bb; } .reference { fill: #66707a; } .limit { fill: none; stroke: #a7b1bb; stroke-dasharray: 3 2; }
.whisker { stroke: #15191d; stroke-width: 1.2; fill: none; }
@media (prefers-color-scheme: dark) {
text { fill: #d0d7de; } .caption { fill: #98a2ad; } .own { fill: #58a6ff; } .other { fill: #59636e; } .reference { fill: #8b949e; }
.limit { stroke: #59636e; } .whisker { stroke: #f0f3f6; }
}
</style>`;

function legendAt(y: number): string[] {
  const shown = [
    ["own", "millrace"],
    ["reference", "reference"],
    ["other", "peer"],
    ["limit", "limit of the hardware, no rival"],
  ] as const;
  return shown.flatMap(([tone, text], index) => [
    `<rect class="${tone}" x="${8 + index * 120}" y="${y - 10}" width="12" height="12" rx="2"/>`,
    `<text x="${26 + index * 120}" y="${y}">${text}</text>`,
  ]);
}

function panelAt({ title, caption, bars }: Panel, top: number): string[] {
  const reachable = bars.filter(({ tone }) => tone !== "limit");
  const max = Math.max(
    Number.MIN_VALUE,
    ...(reachable.length === 0 ? bars : reachable).map(({ value, high }) => Math.max(value, high)),
  );
  const scale = (value: number): number => left + Math.min(beyond, value / max) * ((right - left) / beyond);
  return [
    `<text class="title" x="8" y="${top + 14}">${escaped(title)}</text>`,
    `<text class="caption" x="8" y="${top + 31}">${escaped(caption)}</text>`,
    ...bars.flatMap((bar, index) => barAt(bar, top + titleHeight + index * rowHeight, scale)),
  ];
}

function barAt({ name, tone, value, low, high, text }: Bar, top: number, scale: (value: number) => number): string[] {
  const middle = top + barHeight / 2;
  const [from, to] = [scale(low), scale(high)].map((x) => x.toFixed(1));
  const end = barHeight / 2 - 3;
  const y = middle + 4;
  return [
    `<text x="${left - 8}" y="${y}" text-anchor="end">${escaped(name)}</text>`,
    `<rect class="${tone}" x="${left}" y="${top}" width="${Math.max(1, scale(value) - left).toFixed(1)}" height="${barHeight}" rx="2"/>`,
    `<path class="whisker" d="M${from} ${middle - end}v${2 * end}M${from} ${middle}H${to}M${to} ${middle - end}v${2 * end}"/>`,
    `<text class="figure" x="${right + 10}" y="${y}">${escaped(text)}</text>`,
  ];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
