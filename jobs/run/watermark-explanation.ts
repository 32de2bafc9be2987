/**
 * WatermarkExplanation: why event time has not come further at an operator: from the instance that is furthest behind, along the
 * input that holds it up, to who says how far event time has come. Pure, over what the cells of a run told last.
 */

import type { InputStanding, OperatorWatermark, SlowSplit } from "../../actors/index.ts";
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import type { CellStats } from "./job-cell.ts";

export interface WatermarkExplanation {
  /** The operator's name. */
  readonly operator: string;
  /** How far event time has come at all its instances, in ms since the epoch; -Infinity before the first event time. */
  readonly watermark: number;
  /** From the operator to who holds it up. */
  readonly heldBy: readonly WatermarkStep[];
  /** Of whoever reads several splits: the one that is furthest behind. */
  readonly split: SlowSplit | undefined;
  /** The same in one line. */
  readonly text: string;
}

export interface WatermarkStep {
  readonly operator: string;
  readonly instance: number;
  /** How far event time has come on its input. */
  readonly watermark: number;
  /** Whether it expects no events for now, so that it holds nobody up. */
  readonly isIdle: boolean;
  /** For how long the input that leads on has not moved, in ms; undefined at the last step. */
  readonly forMs: number | undefined;
}

/** @param operator a name of the graph */
export function explainWatermark(
  graph: JobGraph,
  plan: JobPlan,
  cells: readonly CellStats[],
  operator: string,
): WatermarkExplanation {
  const node = graph.nodes.find(({ name }) => name === operator);
  const heldBy: WatermarkStep[] = [];
  let split: SlowSplit | undefined;
  let at = furthestBehind(
    cells.filter(({ cell }) => node !== undefined && cell.chain.nodes.includes(node.id)),
    operator,
  );
  let name = operator;
  while (at !== undefined && heldBy.length <= graph.nodes.length) {
    const { cell, stats } = at;
    const names = cell.chain.nodes.map((id) => graph.nodes[id]?.name ?? "");
    const upTo = names.slice(0, names.indexOf(name) + 1);
    const sayer = upTo.findLast((each) => stats?.watermarks[each]?.slowest !== undefined);
    const input = sayer === undefined ? slowestInput(stats?.inputs ?? []) : undefined;
    heldBy.push(step(name, cell.instance, stats?.watermarks[name], input));
    if (sayer !== undefined) {
      if (sayer !== name) heldBy.push(step(sayer, cell.instance, stats?.watermarks[sayer], undefined));
      split = stats?.watermarks[sayer]?.slowest;
      break;
    }
    const channel = input === undefined ? undefined : plan.channels[input.channel];
    if (channel === undefined) break;
    name = graph.nodes[graph.edges[channel.edge]?.from ?? -1]?.name ?? "";
    at = cells.find(({ cell: { chain, instance } }) => {
      return chain.id === channel.fromChain && instance === channel.fromInstance;
    });
  }
  const watermark = heldBy[0]?.watermark ?? Number.NEGATIVE_INFINITY;
  return { operator, watermark, heldBy, split, text: textOf(operator, watermark, heldBy, split) };
}

function furthestBehind(cells: readonly CellStats[], operator: string): CellStats | undefined {
  const timeOf = ({ stats }: CellStats) => stats?.watermarks[operator]?.time ?? Number.NEGATIVE_INFINITY;
  return cells.toSorted((left, right) => timeOf(left) - timeOf(right))[0];
}

/** The input that is furthest behind of those that hold the cell up; where none does, of those that are idle. */
function slowestInput(inputs: readonly InputStanding[]): InputStanding | undefined {
  const open = inputs.filter(({ time }) => time !== Number.POSITIVE_INFINITY);
  const active = open.filter(({ isIdle }) => !isIdle);
  return (active.length > 0 ? active : open).toSorted((left, right) => left.time - right.time)[0];
}

function step(
  operator: string,
  instance: number,
  watermark: OperatorWatermark | undefined,
  input: InputStanding | undefined,
): WatermarkStep {
  return {
    operator,
    instance,
    watermark: watermark?.time ?? Number.NEGATIVE_INFINITY,
    isIdle: watermark?.isIdle ?? false,
    forMs: input?.forMs,
  };
}

function textOf(
  operator: string,
  watermark: number,
  heldBy: readonly WatermarkStep[],
  split: SlowSplit | undefined,
): string {
  const name = JSON.stringify(operator);
  if (watermark === Number.POSITIVE_INFINITY) return `event time is over at ${name}: its input has ended`;
  const where = `event time at ${name} ${timeText(watermark)}`;
  const last = heldBy.at(-1);
  if (last === undefined) return where;
  const path = heldBy.map((each) => `${JSON.stringify(each.operator)} instance ${each.instance}`).join(" <- ");
  if (last.isIdle) return `${where}; its input is idle: ${path}`;
  if (split !== undefined) {
    const which = split.split === "" ? "which" : `whose split ${JSON.stringify(String(split.split))}`;
    return `${where}, held by ${path}, ${which} has had no event for ${seconds(split.quietMs)}, its newest ${timeText(split.time)}`;
  }
  const forMs = heldBy.findLast((each) => each.forMs !== undefined)?.forMs;
  const since = forMs === undefined ? "" : ` for ${seconds(forMs)}`;
  const hint =
    watermark === Number.NEGATIVE_INFINITY
      ? ", which has told no event time: put eventTime(...) behind its source"
      : "";
  return `${where}, held by ${path}${since}${hint}`;
}

function timeText(time: number): string {
  if (time === Number.NEGATIVE_INFINITY) return "has not begun";
  return `is ${Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
