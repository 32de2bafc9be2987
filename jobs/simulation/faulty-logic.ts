/**
 * faultyLogic: an operator as it is, with faults that strike in it: at an event, when it is opened, when it is to take events,
 * when it commits. The same in a simulation and on a real thread.
 */

import {
  type Batch,
  type EventStep,
  eventCount,
  type OperatorContext,
  type OperatorLogic,
  type Output,
  TransactionalLogic,
} from "../../actors/index.ts";

/** The faults of one operator instance, through all its incarnations. What they throw is thrown by the operator. */
export interface InstanceFaults {
  /** Whether some events are poison for it. */
  readonly arePoisoned: boolean;
  /** An event reaches the operator. */
  onEvent(event: unknown): void;
  /** The operator is about to be opened. */
  onOpen(): void;
  /** A transaction is about to be committed. */
  onCommit(): void;
  /** How long from now on it takes no events, in ms; 0 when it does. */
  stalledMs(): number;
}

export function faultyLogic(logic: OperatorLogic, faults: InstanceFaults): OperatorLogic {
  let context: OperatorContext | undefined;
  let isWoken = false;
  const replaced: Partial<OperatorLogic> = { open, ready, onBatch, eachEvent };
  if (logic instanceof TransactionalLogic) logic.beforeCommit(() => faults.onCommit());
  const known = new Map<PropertyKey, { readonly method: unknown; readonly bound: unknown }>();
  return new Proxy(logic, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      const own = replaced[name as keyof OperatorLogic];
      if (own !== undefined && (name !== "eachEvent" || method !== undefined)) return own;
      if (typeof method !== "function") return method;
      if (known.get(name)?.method !== method) known.set(name, { method, bound: method.bind(target) });
      return known.get(name)?.bound;
    },
  });

  function open(opened: OperatorContext): void | Promise<void> {
    context = opened;
    faults.onOpen();
    return logic.open?.(opened);
  }

  function eachEvent(): EventStep | undefined {
    const step = logic.eachEvent?.();
    if (step === undefined) return undefined;
    const fn: EventStep["fn"] = (value, given) => {
      faults.onEvent(value);
      return step.fn(value, given);
    };
    return { ...step, fn };
  }

  function ready(): boolean {
    const stalledMs = faults.stalledMs();
    if (stalledMs === 0) return logic.ready?.() ?? true;
    if (!isWoken && Number.isFinite(stalledMs)) {
      isWoken = true;
      context?.clock.after(stalledMs, () => {
        isWoken = false;
        context?.wake();
      });
    }
    return false;
  }

  function onBatch(batch: Batch, from: number, to: number, output: Output): number | undefined | void {
    for (let index = from; index < to; index += 1) {
      try {
        // What stands for many events counts as so many.
        for (let count = eventCount(batch, index, index + 1); count > 0; count -= 1)
          faults.onEvent(batch.values[index]);
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
