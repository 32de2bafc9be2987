/**
 * Chain: the operators of one cell in a row. A batch goes through all of them, stage by stage; results leave on the
 * edges of the cell.
 *
 * Invariant
 *  K1  while a stage holds something back, no stage before it takes input.
 */

import type { Batch } from "../batch.ts";
import type { OutputEdge, Refuse } from "../channels/output-edge.ts";
import type { OperatorStage } from "./operator-stage.ts";

/** An edge that leaves the chain, and where. */
export interface ChainOutput {
  /** Index of the stage whose results it carries; -1 for what comes into the chain (a source without operators). */
  readonly stage: number;
  readonly outputIndex: number;
  readonly edge: OutputEdge;
}

export class Chain {
  readonly stages: readonly OperatorStage[];
  readonly outputs: readonly ChainOutput[];
  readonly #refusers: readonly Refuse[];

  /** @param refuseAtHead gets the events that came into the chain and could not be handed on */
  constructor(stages: readonly OperatorStage[], outputs: readonly ChainOutput[], refuseAtHead: Refuse) {
    this.stages = stages;
    this.outputs = outputs;
    this.#refusers = outputs.map(({ stage: index }) => {
      const stage = stages[index];
      return stage === undefined ? refuseAtHead : (value, error) => stage.refuse(value, error);
    });
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

  /** Grows with whatever the operators do. */
  get workCount(): number {
    let count = 0;
    for (const { counters } of this.stages) count += counters.in + counters.out + counters.deadLetters;
    return count;
  }

  /** Takes a range of a batch through all operators. Throws ERR_ACT_OPERATOR_FAILED. */
  take(batch: Batch, from: number, to: number): void {
    const head = this.stages[0];
    if (head === undefined) return this.#send(-1, 0, batch, from, to);
    head.take(batch, from, to);
    this.handOn(0);
  }

  /** Goes on with what operators held back or have finished in the meantime, the last operator first (K1). */
  goOn(): void {
    for (let index = this.stages.length - 1; index >= 0; index -= 1) {
      const stage = this.stages[index];
      stage?.onWake();
      stage?.takeRest();
      this.handOn(index);
    }
  }

  /** Ends operator `index`: its last results go on. */
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

  /** What an operator has emitted goes on: to the next one, or out. */
  handOn(index: number): void {
    const stage = this.stages[index];
    if (stage === undefined) return;
    const outputCount = stage.spec.spec.outputs.length;
    for (let outputIndex = 0; outputIndex < outputCount; outputIndex += 1) {
      const results = stage.takeResults(outputIndex);
      if (results === undefined) continue;
      this.#send(index, outputIndex, results, 0, results.values.length);
      if (outputIndex === stage.spec.chainedOutput) this.#takeNext(index + 1, results);
    }
  }

  #takeNext(index: number, batch: Batch): void {
    const next = this.stages[index];
    if (next === undefined) return;
    next.take(batch, 0, batch.values.length);
    this.handOn(index);
  }

  #send(stage: number, outputIndex: number, batch: Batch, from: number, to: number): void {
    for (let index = 0; index < this.outputs.length; index += 1) {
      const output = this.outputs[index] as ChainOutput;
      if (output.stage !== stage || output.outputIndex !== outputIndex) continue;
      output.edge.send(batch, from, to, this.#refusers[index] as Refuse);
    }
  }
}
