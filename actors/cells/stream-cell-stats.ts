/** StreamCellStats: what a stream cell has done so far. */

import type { OutputChannel } from "../channels/output-edge.ts";
import type { KeyFigures } from "../groupings/frequent-keys.ts";
import type { SlowSplit } from "../operator.ts";
import type { SourceProgress } from "../source.ts";
import type { StateSize } from "../state/state-size.ts";
import type { Watermark } from "../time/watermark.ts";
import { type CellWait, cellWait } from "./cell-wait.ts";
import type { Chain } from "./chain.ts";
import type { Head, InputStanding } from "./head.ts";
import type { OperatorCounters } from "./operator-counters.ts";
import type { StreamCellPhase } from "./stream-cell-phase.ts";

export interface StreamCellStats {
  /** By operator name. */
  readonly operators: Readonly<Record<string, OperatorCounters>>;
  /** By operator name: what it has been waiting for long. */
  readonly waits: Readonly<Record<string, string>>;
  /** By operator name: how much state it keeps, where that is told. */
  readonly sizes: Readonly<Record<string, StateSize>>;
  /** By operator name: how far event time has come on its input. */
  readonly watermarks: Readonly<Record<string, OperatorWatermark>>;
  /** Where the inputs of the cell stand, in event time; none of a source. */
  readonly inputs: readonly InputStanding[];
  readonly progress: SourceProgress | undefined;
  /** Events waiting at the inputs of receivers that lack credit. */
  readonly unsentEvents: number;
  /** Events in flight to receivers that were lost, and not sent again. */
  readonly lostEvents: number;
  /** By the edges that leave the cell: which keys come most often; undefined for one that is not by key. */
  readonly keys: readonly (KeyFigures | undefined)[];
  /** What keeps it from going on. */
  readonly wait: CellWait;
  /** For how long it has not moved. */
  readonly quietMs: number;
}

export interface OperatorWatermark extends Watermark {
  /** How far it has come for those that take its results. */
  readonly told: Watermark;
  /** Of who says how far event time has come: the split that holds it up. */
  readonly slowest: SlowSplit | undefined;
}

/** The source at the head of a chain, if there is one. */
export type CountedSource = { readonly name: string; readonly counters: OperatorCounters } | undefined;

/** By operator name. */
export function cellCounters(source: CountedSource, { stages }: Chain): StreamCellStats["operators"] {
  const operators: Record<string, OperatorCounters> = {};
  if (source !== undefined) operators[source.name] = { ...source.counters };
  for (const { spec, counters } of stages) operators[spec.name] = { ...counters };
  return operators;
}

export function cellStats(
  source: CountedSource,
  chain: Chain,
  channels: readonly OutputChannel[],
  phase: StreamCellPhase,
  head: Pick<Head, "progress" | "inputs">,
  quietMs: number,
): StreamCellStats {
  const operators = cellCounters(source, chain);
  const waits: Record<string, string> = {};
  const watermarks: Record<string, OperatorWatermark> = {};
  const sizes: Record<string, StateSize> = {};
  for (const { spec, logic, watermark, told } of chain.stages) {
    watermarks[spec.name] = { ...watermark, told, slowest: logic.slowestSplit?.() };
    const size = logic.stateSize?.();
    if (size !== undefined) sizes[spec.name] = size;
    const waitsFor = logic.waitsFor?.();
    if (waitsFor !== undefined) waits[spec.name] = waitsFor;
  }
  let unsentEvents = 0;
  let lostEvents = 0;
  for (const { outbox } of channels) {
    unsentEvents += outbox.unsentEvents;
    lostEvents += outbox.lostEvents;
  }
  const wait = cellWait(chain, channels, phase);
  const [progress, inputs] = [head.progress(), head.inputs()];
  const keys = chain.outputs.map(({ edge }) => edge.keyFigures);
  return { operators, waits, sizes, watermarks, inputs, progress, unsentEvents, lostEvents, keys, wait, quietMs };
}
