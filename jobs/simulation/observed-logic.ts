/**
 * ObservedLogic: an operator as it is, with somebody who sees each event before the operator does and may throw at it, and
 * with what it does written into the history.
 */

import { type Batch, type OperatorLogic, type Output, wrappedLogic } from "../../actors/index.ts";

/** Called once for each event that reaches the operator; what it throws is thrown by the operator at that event. */
export type Watch = () => void;

export interface Observation {
  /** Names it in the history: `count/1`. */
  readonly place: string;
  readonly watch: Watch | undefined;
  readonly note: (what: string) => void;
}

export function observedLogic(logic: OperatorLogic, { place, watch, note }: Observation): OperatorLogic {
  return wrappedLogic(logic, {
    open(context) {
      note(`${place} opens${context.incarnation === 0 ? "" : ` as incarnation ${context.incarnation}`}`);
      return logic.open?.(context);
    },
    onBatch(batch, from, to, output) {
      try {
        const taken = watch === undefined ? logic.onBatch(batch, from, to, output) : watched(batch, from, to, output);
        note(`${place} takes ${(taken ?? to) - from}`);
        return taken;
      } catch (error) {
        note(`${place} fails: ${error instanceof Error ? error.message : String(error)}`);
        throw error;
      }
    },
    onEnd(output) {
      note(`${place} ends`);
      logic.onEnd?.(output);
    },
    snapshot(epoch) {
      note(`${place} closes epoch ${epoch}`);
      return logic.snapshot?.(epoch) ?? [];
    },
    restore(entries, epoch) {
      if (epoch > 0) note(`${place} goes back to epoch ${epoch}`);
      logic.restore?.(entries, epoch);
    },
  });

  function watched(batch: Batch, from: number, to: number, output: Output): number | undefined | void {
    for (let index = from; index < to; index += 1) {
      try {
        watch?.();
      } catch (error) {
        const taken = index === from ? index : (logic.onBatch(batch, from, index, output) ?? index);
        if (taken < index) return taken;
        output.begin(index);
        throw error;
      }
    }
    return logic.onBatch(batch, from, to, output);
  }
}
