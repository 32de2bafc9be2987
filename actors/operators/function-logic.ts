/**
 * FunctionLogic: an operator around one function of a job author's that is called for each event. Each such operator keeps
 * a loop of its own, because a loop that calls one function only is compiled for that function.
 */

import type { Batch } from "../batch.ts";
import type { OperatorContext, OperatorLogic, Output } from "../operator.ts";
import { EventCursor } from "./event-context.ts";

export abstract class FunctionLogic<F> implements OperatorLogic {
  protected readonly fn: F;
  protected cursor!: EventCursor;

  constructor(fn: F) {
    this.fn = fn;
  }

  open(context: OperatorContext): void {
    this.cursor = new EventCursor(context);
  }

  /** To be called before the first of the events `from` to `to` begins, where results come all at once. Throws ERR_ACT_MIXED_TIMES. */
  protected enter(batch: Batch, from: number, to: number, output: Output): void {
    if (from < to) output.expectAll(batch.times !== undefined);
    this.cursor.enter(batch);
  }

  abstract onBatch(batch: Batch, from: number, to: number, output: Output): void;
}
