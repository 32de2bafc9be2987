/**
 * Chain: the operators of one cell in a row. A batch goes through all of them, stage by stage; results leave on the
 * edges of the cell.
 *
 * Invariant
 *  K1  while a stage holds something back, or has pieces left to tell, no stage before it takes input or goes on.
 */

import type { Batch } from "../batch.ts";
import type { OutputEdge, Refuse } from "../channels/output-edge.ts";
import { firstWatermark, lastWatermark, type Watermark } from "../time/watermark.ts";
import type { OperatorStage } from "./operator-stage.ts";
import type { Passer } from "./passer.ts";
import type { StageRun } from "./stage-run.ts";
import { passedRun, stageRuns } from "./stage-runs.ts";

/** An edge that leaves the chain, and where. */
export interface ChainOutput {
  /** Index of the stage whose results it carries; -1 for what comes into the chain (a source without operators). */
  readonly stage: number;
  readonly outputIndex: number;
  readonly edge: OutputEdge;
}

/** What could not be handed on, and is not the business of an operator. */
export interface ChainRefusals {
  /** An event that came into the chain. */
  refuseAtSource(value: unknown, error: unknown): void;
  /** A dead letter of operator `index`, or of the source (-1). */
  refuseLetter(index: number, letter: unknown, error: unknown): void;
}

export class Chain {
  readonly stages: readonly OperatorStage[];
  readonly outputs: readonly ChainOutput[];
  readonly #refusers: readonly Refuse[];
  /** By their first operators. */
  readonly #runs: readonly (StageRun | undefined)[];
  /** Of the events of a source. */
  readonly #passedRun: StageRun | undefined;

  constructor(stages: readonly OperatorStage[], outputs: readonly ChainOutput[], refusals: ChainRefusals) {
    this.stages = stages;
    this.outputs = outputs;
    this.#refusers = outputs.map(({ stage: index, outputIndex }) => {
      const stage = stages[index];
      if (outputIndex === this.#letterOutput(index))
        return (letter, error) => refusals.refuseLetter(index, letter, error);
      if (stage === undefined) return (value, error) => refusals.refuseAtSource(value, error);
      return (value, error) => stage.refuse(value, error);
    });
    const leaves = (index: number, output = 0) =>
      outputs.some(({ stage, outputIndex }) => stage === index && outputIndex === output);
    for (const [index, { spec, output }] of stages.entries()) {
      output.setTaken(spec.spec.outputs.map((_, place) => place === spec.chainedOutput || leaves(index, place)));
    }
    const ends = stages.map((_, index) => leaves(index) || stages[index]?.spec.chainedOutput !== 0);
    this.#runs = stageRuns(stages, ends);
    this.#passedRun = passedRun(stages, ends);
  }

  /**
   * What can be given each event of the source as it is emitted, if nobody else takes those: operators, or an edge.
   *
   * @param eventKeys the keys of each event, where that is sure
   */
  sourcePasser(eventKeys?: readonly string[]): Passer | undefined {
    if (this.stages.length === 0) return this.#edgePasser(-1, false, eventKeys);
    const run = this.#passedRun;
    const isTaken = this.outputs.some(({ stage, outputIndex }) => stage === -1 && outputIndex === 0);
    if (isTaken || run === undefined) return undefined;
    if (this.stages[run.last]?.spec.chainedOutput !== 0) {
      let keys = eventKeys;
      for (const { spec } of this.stages.slice(0, run.last + 1)) keys = spec.spec.resultKeys?.(keys);
      run.passOnTo(this.#edgePasser(run.last, run.timed !== undefined, keys));
    }
    return {
      startPassing: (room, overflow) => run.startPassing(room, overflow),
      get passedCount() {
        return run.passedCount;
      },
      endPassing: () => {
        run.endPassing();
        this.#handOnOf(run);
      },
    };
  }

  /** What takes the results of an operator, or of the source (-1), as they are emitted, if that is one edge which can. */
  #edgePasser(from: number, timed: boolean, eventKeys?: readonly string[]): Passer | undefined {
    const edges = this.outputs.flatMap(({ stage, outputIndex, edge }, index) =>
      stage === from && outputIndex === 0 ? [{ edge, refuse: this.#refusers[index]! }] : [],
    );
    const [only] = edges;
    return edges.length === 1 ? only?.edge.passer(only.refuse, timed, eventKeys) : undefined;
  }

  /** True when a batch can be taken: every operator takes input. */
  get ready(): boolean {
    for (const stage of this.stages) if (!stage.ready) return false;
    return true;
  }

  /** True when nothing is in flight or in hand in any operator. */
  get quiet(): boolean {
    return this.stages.every((stage) => stage.quiet);
  }

  /** True while an operator has pieces left to tell. */
  get isTelling(): boolean {
    for (const stage of this.stages) if (stage.isTelling) return true;
    return false;
  }

  /** How far the operator has told that event time has come that says so; -Infinity where none does. */
  get eventTime(): number {
    let time = firstWatermark.time;
    for (const { logic, told } of this.stages) if (logic.slowestSplit !== undefined) time = Math.max(time, told.time);
    return time;
  }

  /** Grows with whatever the operators do. */
  get workCount(): number {
    let count = 0;
    for (const { counters } of this.stages) count += counters.in + counters.out + counters.deadLetters;
    return count;
  }

  /** Events that its operators have in hand, have taken and not done with, or have emitted and not handed on. */
  get heldEvents(): number {
    let count = 0;
    for (const { heldEvents } of this.stages) count += heldEvents;
    return count;
  }

  /** Takes a range of a batch through all operators. Throws ERR_ACT_OPERATOR_FAILED. */
  take(batch: Batch, from: number, to: number): void {
    if (this.stages.length === 0) return this.#send(-1, 0, batch, from, to);
    this.#take(0, batch, from, to);
  }

  /** Gives an event to operator `index` as if it came from the one before; the chain must be ready. */
  takeAt(index: number, batch: Batch): void {
    this.#takeNext(index, batch);
  }

  /** Event time has come so far: through all operators, as far as they let it. Throws ERR_ACT_OPERATOR_FAILED. */
  advance(watermark: Watermark): void {
    this.#advance(-1, watermark);
  }

  /** The input that the first operator awaits is over. Throws ERR_ACT_OPERATOR_FAILED. */
  tellOver(input: number): void {
    this.stages[0]?.onInputOver(input);
    this.handOn(0);
  }

  /** A dead letter of operator `index`, or of the source (-1), leaves as an event, if somebody takes them. */
  sendLetter(index: number, letter: unknown): void {
    this.#send(index, this.#letterOutput(index), { values: [letter], times: undefined, keys: undefined }, 0, 1);
  }

  /**
   * Goes on with what operators held back or have finished in the meantime, or with a piece of what they tell, the last operator first
   * (K1). One that is over, and had an alarm set, is not woken: nothing follows the end. A sink is, which commits behind it.
   */
  goOn(course: { isOver(index: number): boolean }): void {
    for (let index = this.stages.length - 1; index >= 0; index -= 1) {
      const stage = this.stages[index]!;
      stage.tellOn();
      const isSink = stage.spec.spec.outputs.length === 0;
      if (!stage.isTelling && (isSink || !course.isOver(index))) stage.onWake();
      if (!stage.isTelling) stage.takeRest();
      this.handOn(index);
      if (stage.isTelling) return;
    }
  }

  /** Event time is over for operator `index`. Throws ERR_ACT_OPERATOR_FAILED. */
  endTime(index: number): void {
    this.stages[index]?.onWatermark(lastWatermark);
    this.handOn(index);
  }

  /** The input of operator `index` has ended: its last results go on. Throws ERR_ACT_OPERATOR_FAILED. */
  end(index: number): void {
    this.stages[index]?.onEnd();
    this.handOn(index);
  }

  /** What the edges hold back for fuller batches moves to their outboxes. */
  flush(): void {
    for (let index = 0; index < this.outputs.length; index += 1) {
      this.outputs[index]?.edge.flush(this.#refusers[index] as Refuse);
    }
  }

  /** What an operator has emitted goes on: to the next one, or out. It stays while the next one has something to tell (K1). */
  handOn(index: number): void {
    const stage = this.stages[index];
    const next = this.stages[index + 1];
    if (stage === undefined || next?.isTelling) return;
    const before = stage.takeWatermark("before results");
    if (before !== undefined) this.#advance(index, before);
    if (next?.isTelling) return;
    const outputCount = stage.spec.spec.outputs.length;
    for (let outputIndex = 0; outputIndex < outputCount; outputIndex += 1) {
      const results = stage.takeResults(outputIndex);
      if (results === undefined) continue;
      this.#send(index, outputIndex, results, 0, results.values.length);
      if (outputIndex === stage.spec.chainedOutput) this.#takeNext(index + 1, results);
    }
    const behind = stage.takeWatermark("behind results");
    if (behind !== undefined) this.#advance(index, behind);
  }

  /** Behind the last output of the operator, or of the source. */
  #letterOutput(index: number): number {
    return this.stages[index]?.spec.spec.outputs.length ?? 1;
  }

  #takeNext(index: number, batch: Batch): void {
    if (index < this.stages.length) this.#take(index, batch, 0, batch.values.length);
  }

  #take(index: number, batch: Batch, from: number, to: number): void {
    const run = this.#runs[index];
    if (run?.take(batch, from, to)) return this.#handOnOf(run);
    this.stages[index]?.take(batch, from, to);
    this.handOn(index);
  }

  #handOnOf({ last, timed }: StageRun): void {
    this.handOn(last);
    // How far event time has come goes behind the results.
    if (timed !== undefined) this.handOn(timed);
  }

  /** Event time behind operator `index`, or the source (-1), has come so far. */
  #advance(index: number, watermark: Watermark): void {
    for (let output = 0; output < this.outputs.length; output += 1) {
      const { stage, edge } = this.outputs[output] as ChainOutput;
      if (stage === index) edge.advance(watermark, this.#refusers[output] as Refuse);
    }
    const next = this.stages[index + 1];
    if (next === undefined) return;
    next.onWatermark(watermark);
    this.handOn(index + 1);
  }

  #send(stage: number, outputIndex: number, batch: Batch, from: number, to: number): void {
    for (let index = 0; index < this.outputs.length; index += 1) {
      const output = this.outputs[index] as ChainOutput;
      if (output.stage !== stage || output.outputIndex !== outputIndex) continue;
      output.edge.send(batch, from, to, this.#refusers[index] as Refuse);
    }
  }
}
