/**
 * WatchedLogic: an operator as it is, with somebody who sees each event before the operator does, and may throw at it.
 */

import type { Batch, OperatorLogic, Output } from "../../actors/index.ts";

/** Called once for each event that reaches the operator; what it throws is thrown by the operator at that event. */
export type Watch = () => void;

export function watchedLogic(logic: OperatorLogic, watch: Watch): OperatorLogic {
  const watched: Record<string, unknown> = {};
  for (const name of methodsOf(logic)) {
    const method = (logic as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>)[name];
    watched[name] = method?.bind(logic);
  }
  const onBatch = (batch: Batch, from: number, to: number, output: Output): number | undefined | void => {
    for (let index = from; index < to; index += 1) {
      try {
        watch();
      } catch (error) {
        const taken = index === from ? index : (logic.onBatch(batch, from, index, output) ?? index);
        if (taken < index) return taken;
        output.begin(index);
        throw error;
      }
    }
    return logic.onBatch(batch, from, to, output);
  };
  return { ...watched, onBatch };
}

function methodsOf(logic: object): Set<string> {
  const names = new Set<string>();
  for (let at: object | null = logic; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (name !== "constructor" && typeof (logic as Readonly<Record<string, unknown>>)[name] === "function")
        names.add(name);
    }
  }
  return names;
}
