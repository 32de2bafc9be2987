/**
 * ObservedLogic: an operator as it is, with what it does written into the history.
 */

import { type OperatorLogic, wrappedLogic } from "../../actors/index.ts";
import { toWire } from "../../runtime/index.ts";

export interface Observation {
  /** Names it in the history: `count/1`. */
  readonly place: string;
  readonly note: (what: string) => void;
}

export function observedLogic(logic: OperatorLogic, { place, note }: Observation): OperatorLogic {
  return wrappedLogic(logic, {
    open(context) {
      note(`${place} opens${context.incarnation === 0 ? "" : ` as incarnation ${context.incarnation}`}`);
      return logic.open?.(context);
    },
    onBatch(batch, from, to, output) {
      try {
        const taken = logic.onBatch(batch, from, to, output);
        note(`${place} takes ${(taken ?? to) - from}`);
        return taken;
      } catch (error) {
        note(`${place} fails: ${toWire(error).message}`);
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
}
