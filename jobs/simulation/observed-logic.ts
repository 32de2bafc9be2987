/**
 * ObservedLogic: an operator as it is, with what it does written into the history.
 */

import { type EventStep, type OperatorLogic, wrappedLogic } from "../../actors/index.ts";
import { toWire } from "../../runtime/index.ts";

export interface Observation {
  /** Names it in the history: `count/1`. */
  readonly place: string;
  readonly note: (what: string) => void;
}

export function observedLogic(logic: OperatorLogic, { place, note }: Observation): OperatorLogic {
  const noteTaken = (eventCount: number) => note(`${place} takes ${eventCount}`);
  const noteFailure = (error: unknown) => note(`${place} fails: ${toWire(error).message}`);
  return wrappedLogic(logic, {
    open(context) {
      note(`${place} opens${context.incarnation === 0 ? "" : ` as incarnation ${context.incarnation}`}`);
      return logic.open?.(context);
    },
    onBatch(batch, from, to, output) {
      try {
        const taken = logic.onBatch(batch, from, to, output);
        noteTaken((taken ?? to) - from);
        return taken;
      } catch (error) {
        noteFailure(error);
        throw error;
      }
    },
    eachEvent() {
      const step = logic.eachEvent?.();
      return step && { ...step, fn: observedFunction(step.fn, noteFailure), onTaken: noteTaken };
    },
    onEnd(output) {
      note(`${place} ends`);
      return logic.onEnd?.(output);
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

function observedFunction(fn: EventStep["fn"], noteFailure: (error: unknown) => void): EventStep["fn"] {
  return (value, context) => {
    try {
      return fn(value, context);
    } catch (error) {
      noteFailure(error);
      throw error;
    }
  };
}
