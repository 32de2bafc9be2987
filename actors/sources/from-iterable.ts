/**
 * fromIterable: the values of any iterable, synchronous or not.
 *
 * A collection (array, set, map, typed array) or a function that makes an iterable can be read again from its start: such
 * a source is replayable, its position the count of values. An iterable object of another kind may be readable once
 * only, so it is read once: when it throws the job fails, and so it does when it would have to be opened again.
 */

import { checkNames, MillraceError, OptionError, reasonOf } from "../../runtime/index.ts";
import { checkSingleInstance } from "../parallelism-error.ts";
import type { PollResult, SourceContext, SourceOutput, SourceProgress, SourceReader, SourceSpec } from "../source.ts";
import { PositionLostError } from "./input-error.ts";
import { AsyncValues, type IterableValues, SyncValues } from "./iterable-values.ts";

export type AnyIterable<T> = Iterable<T> | AsyncIterable<T>;

export interface FromIterableOptions {
  /** Whether it ends by itself; default true. */
  readonly bounded?: boolean;
}

/** An iterable that can be read once only has thrown, or was to be read again. */
export class SourceConsumedError extends MillraceError {
  readonly code = "ERR_ACT_SOURCE_CONSUMED";

  /** @param failure what its iterable has thrown; undefined when it was opened again */
  constructor(operator: string, failure?: unknown) {
    const why = failure === undefined ? "was opened again, but" : `failed (${reasonOf(failure)}), and`;
    super(
      `source "${operator}" ${why} its iterable can be read only once: ` +
        "pass a function that makes the iterable, and it can be read again from any position",
      { cause: failure, details: { operator } },
    );
  }
}

/**
 * The values of an iterable. Replayable by count when given a collection or a function. Of several instances each
 * iterates by itself and emits the values whose index is its number modulo the parallelism; an iterable that can be read
 * once only takes one instance.
 *
 * @throws ERR_RT_OPTION when it is neither an iterable nor a function
 * Fails with ERR_ACT_SOURCE_CONSUMED, ERR_ACT_POSITION_LOST (it has become shorter), ERR_ACT_PARALLELISM, and with what
 * the iterable throws.
 */
export function fromIterable<T>(
  iterable: AnyIterable<T> | (() => AnyIterable<T>),
  options: FromIterableOptions = {},
): SourceSpec<T> {
  checkNames("fromIterable", options, { bounded: true });
  const { bounded = true } = options;
  if (typeof bounded !== "boolean") throw new OptionError("fromIterable: bounded", bounded, "true or false");
  const isFunction = typeof iterable === "function";
  if (!isFunction && !isIterable(iterable)) {
    throw new OptionError("fromIterable", iterable, "an iterable, an async iterable, or a function that returns one");
  }
  const make = isFunction ? iterable : () => iterable;
  const replayable = isFunction || isCollection(iterable);
  let isConsumed = false;
  return {
    kind: "iterable",
    bounded,
    replayable,
    // What a function makes has to be made again up to the position.
    seeks: !isFunction && replayable,
    create: () =>
      new IterableReader<T>(
        (context) => {
          if (replayable) return make();
          checkSingleInstance(context, "its iterable can be read only once; pass a function that makes it");
          // On a new thread the module has made the iterable anew, and its events have been emitted before.
          if (isConsumed || context.incarnation > 0) throw new SourceConsumedError(context.operator);
          isConsumed = true;
          return make();
        },
        sizeOf(iterable),
        replayable,
      ),
  };
}

class IterableReader<T> implements SourceReader<T> {
  readonly #make: (context: SourceContext) => AnyIterable<T>;
  readonly #size: number | undefined;
  readonly #replayable: boolean;
  #context: SourceContext | undefined;
  #values: IterableValues<T> | undefined;
  /** Values iterated so far, those of other instances included. */
  #count = 0;
  /** How many of them were emitted before the position. */
  #skip = 0;

  constructor(make: (context: SourceContext) => AnyIterable<T>, size: number | undefined, replayable: boolean) {
    this.#make = make;
    this.#size = size;
    this.#replayable = replayable;
  }

  open(context: SourceContext, position: unknown): void {
    this.#context = context;
    const origin = `source "${context.operator}"`;
    if (position !== undefined && !(Number.isSafeInteger(position) && (position as number) >= 0)) {
      throw new PositionLostError(origin, position, "it is not the count of values");
    }
    this.#skip = (position as number | undefined) ?? 0;
    const iterable = this.#make(context);
    if (!isIterable(iterable))
      throw new OptionError("fromIterable: what the function returned", iterable, "an iterable");
    this.#values =
      Symbol.asyncIterator in iterable
        ? new AsyncValues(iterable[Symbol.asyncIterator](), () => context.wake())
        : new SyncValues(iterable[Symbol.iterator]());
  }

  poll(output: SourceOutput<T>, eventCountMax: number): PollResult {
    const values = this.#values!;
    const { instance, parallelism } = this.#context!;
    let emittedCount = 0;
    // What is passed over counts less than an event, but it counts: a poll comes back.
    for (let stepsLeft = eventCountMax + passedOverMax; stepsLeft > 0 && emittedCount < eventCountMax; stepsLeft -= 1) {
      const phase = this.#advance(values);
      if (phase !== "value") return this.#stop(phase);
      const index = this.#count;
      this.#count += 1;
      if (index < this.#skip || index % parallelism !== instance) continue;
      emittedCount += 1;
      output.emit(values.value);
    }
    return "more";
  }

  position(): number {
    return Math.max(this.#count, this.#skip);
  }

  progress(): SourceProgress {
    return { done: this.position(), total: this.#size ?? this.position(), unit: "events" };
  }

  async close(): Promise<void> {
    await this.#values?.close();
  }

  #advance(values: IterableValues<T>): "value" | "waiting" | "end" {
    try {
      return values.advance();
    } catch (error) {
      throw this.#replayable ? error : new SourceConsumedError(this.#context!.operator, error);
    }
  }

  #stop(phase: "waiting" | "end"): PollResult {
    if (phase === "end" && this.#count < this.#skip) {
      const origin = `source "${this.#context!.operator}"`;
      throw new PositionLostError(origin, this.#skip, `the iterable ended after ${this.#count} values`);
    }
    return phase;
  }
}

/** How many values a poll may pass over without emitting. */
const passedOverMax = 4_096;

function isIterable(value: unknown): value is AnyIterable<never> {
  if (typeof value === "string") return true;
  return typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

function isCollection(value: unknown): boolean {
  return (
    typeof value === "string" ||
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    value instanceof Set ||
    value instanceof Map
  );
}

function sizeOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length;
  return value instanceof Set || value instanceof Map ? value.size : undefined;
}
