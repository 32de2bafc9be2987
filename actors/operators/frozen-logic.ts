/**
 * FrozenLogic: an operator as it is, whose events and results are frozen, so that code that changes one is caught at once.
 * An event may be sent again, and may be in the hands of another operator: changing it changes the past.
 *
 * Plain objects and arrays are frozen, and what is in them; instances of classes, maps, sets and bytes are left alone. Only
 * code in strict mode, which every module is, fails at what is frozen.
 */

import { MillraceError, printValue } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { EarlierEvent, EventStep, OperatorContext, OperatorLogic, Output } from "../operator.ts";
import type { Pieces } from "../pieces.ts";
import { ForwardingContext } from "./forwarding-context.ts";
import { wrappedLogic } from "./wrapped-logic.ts";

/** An operator changed an event that it was given, or that it had handed on. It is a bug of the operator, not of the event. */
export class EventMutatedError extends MillraceError {
  readonly code = "ERR_ACT_EVENT_MUTATED";

  /** @param event in hand; undefined between events */
  constructor(operator: string, event: { readonly value: unknown } | undefined, cause: Error) {
    const when = event === undefined ? "between events" : `at event ${printValue(event.value)}`;
    super(
      `operator ${JSON.stringify(operator)} changed an event that it was given or had handed on, ${when}: ${cause.message}. ` +
        "An event may be sent again, or be in use elsewhere: make a new one instead, such as { ...event, changed: true }",
      { cause, details: { operator, ...(event === undefined ? {} : { event: printValue(event.value) }) } },
    );
  }
}

/** @param onMutation told what the operator fails with when it has changed an event */
export function frozenLogic(
  logic: OperatorLogic,
  operator: string,
  onMutation: (error: EventMutatedError) => void = () => undefined,
): OperatorLogic {
  const mutation: Mutation = (error, event) => {
    if (!isOfFrozen(error)) return error;
    const mutated = new EventMutatedError(operator, event, error);
    onMutation(mutated);
    return mutated;
  };
  const betweenEvents = <R>(call: (output: Output) => R, output: Output): R => {
    try {
      return call(new FreezingOutput(output, undefined));
    } catch (error) {
      throw mutation(error);
    }
  };
  const telling = (call: (output: Output) => Pieces | undefined | void, output: Output) => {
    const pieces = betweenEvents(call, output);
    return pieces && frozenPieces(pieces, mutation);
  };
  return wrappedLogic(logic, {
    open(context) {
      return logic.open?.(new FrozenContext(context, mutation));
    },
    onBatch(batch, from, to, output) {
      for (let index = from; index < to; index += 1) deepFreeze(batch.values[index]);
      const freezing = new FreezingOutput(output, batch);
      try {
        return logic.onBatch(batch, from, to, freezing);
      } catch (error) {
        throw mutation(error, freezing.event);
      }
    },
    eachEvent() {
      const step = logic.eachEvent?.();
      return step && { ...step, fn: frozenFunction(step.fn, mutation) };
    },
    onWake: (output) => telling((freezing) => logic.onWake?.(freezing), output),
    onWatermark: (watermark, output) => telling((freezing) => logic.onWatermark?.(watermark, freezing), output),
    onInputOver: (input, output) => telling((freezing) => logic.onInputOver?.(input, freezing), output),
    onEnd: (output) => telling((freezing) => logic.onEnd?.(freezing), output),
    onMessage: (message, output) => betweenEvents((freezing) => logic.onMessage?.(message, freezing), output),
  });
}

function* frozenPieces(pieces: Pieces, mutation: Mutation): Pieces {
  try {
    yield* pieces;
  } catch (error) {
    throw mutation(error);
  }
}

function frozenFunction(fn: EventStep["fn"], mutation: Mutation): EventStep["fn"] {
  return (value, context) => {
    deepFreeze(value);
    try {
      const result = fn(value, context);
      deepFreeze(result);
      return result;
    } catch (error) {
      throw mutation(error, { value });
    }
  };
}

/** What is to be reported of an error. */
type Mutation = (error: unknown, event?: { readonly value: unknown }) => unknown;

class FrozenContext extends ForwardingContext {
  readonly #mutation: Mutation;

  constructor(context: OperatorContext, mutation: Mutation) {
    super(context);
    this.#mutation = mutation;
  }

  override fail(error: unknown, canResume?: boolean): void {
    super.fail(this.#mutation(error), canResume);
  }

  override failEvent(value: unknown, error: unknown, event: EarlierEvent): void {
    const failure = this.#mutation(error, { value });
    if (failure === error) super.failEvent(value, error, event);
    else super.fail(failure, false);
  }
}

/** Freezes plain objects and arrays, and what is in them. */
function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return;
  }
  // Before its parts, so that a cycle ends.
  if (Object.isFrozen(value) && frozen.has(value)) return;
  Object.freeze(value);
  frozen.add(value);
  for (const part of Object.values(value)) deepFreeze(part);
}

/** What is frozen with all its parts, or is about to be: what is shared by many events is walked through once. */
const frozen = new WeakSet<object>();

class FreezingOutput implements Output {
  readonly #output: Output;
  readonly #batch: Batch | undefined;
  #index: number | undefined;

  constructor(output: Output, batch: Batch | undefined) {
    this.#output = output;
    this.#batch = batch;
  }

  get event(): { readonly value: unknown } | undefined {
    return this.#index === undefined ? undefined : { value: this.#batch?.values[this.#index] };
  }

  begin(index: number): void {
    this.#index = index;
    this.#output.begin(index);
  }

  emit(value: unknown, time?: number): void {
    deepFreeze(value);
    this.#output.emit(value, time);
  }

  emitTo(outputIndex: number, value: unknown, time?: number): void {
    deepFreeze(value);
    this.#output.emitTo(outputIndex, value, time);
  }

  expectAll(timed: boolean): void {
    this.#output.expectAll(timed);
  }

  emitAll(values: readonly unknown[], times: readonly number[] | undefined, outputIndex?: number): void {
    for (const value of values) deepFreeze(value);
    this.#output.emitAll(values, times, outputIndex);
  }

  isTaken(outputIndex: number): boolean {
    return this.#output.isTaken(outputIndex);
  }

  countUntaken(resultCount: number): void {
    this.#output.countUntaken(resultCount);
  }

  advance(time: number, isIdle: boolean): void {
    this.#output.advance(time, isIdle);
  }
}

/** The words are those of V8; there is no other sign of it. */
function isOfFrozen(error: unknown): error is TypeError {
  return (
    error instanceof TypeError &&
    /^Cannot (?:assign to read only property|add property|delete property|redefine property|define property)/.test(
      error.message,
    )
  );
}
