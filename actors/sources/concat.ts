/**
 * concat: history first, then what is live, as one source: a file of what has happened up to now, and then the socket that tells
 * what happens. Where the two overlap, an event is read once; nothing is missed between them.
 *
 * Invariants
 *  N1  what is live is open before the first event of history is read, so that it waits for its turn and nothing falls between.
 *  N2  a live event whose seam is not behind that of all of history was part of that, and is passed over.
 */

import { checkNames, MillraceError, OptionError, printValue } from "../../runtime/index.ts";
import { closeAll } from "../cells/close-all.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import { checkSingleInstance } from "../parallelism-error.ts";
import type { PollResult, Position, SourceContext, SourceOutput, SourceReader, SourceSpec } from "../source.ts";
import { outputTo } from "./output-to.ts";

/** Where an event stands among all events of history and of what is live: an offset, a number, a time with an id. */
export type Seam = number | bigint | string;

export interface ConcatOptions<T> {
  /**
   * Grows from event to event over both; no two events have the same. Without it all of what is live follows: for inputs that do
   * not overlap.
   */
  readonly seam?: (event: T) => Seam;
}

/** What an event was given as its seam is none, or of another type than before. */
export class SeamError extends MillraceError {
  readonly code = "ERR_ACT_SEAM";
}

/**
 * Reads `history` to its end, then `live`. One instance. It can be replayed when both can; it is bounded when `live` is.
 *
 * @throws ERR_RT_OPTION when `history` does not end by itself, or acknowledges; ERR_ACT_ASYNC_FUNCTION
 */
export function concat<T>(history: SourceSpec<T>, live: SourceSpec<T>, options: ConcatOptions<T> = {}): SourceSpec<T> {
  checkNames("concat", options, { seam: true });
  const { seam } = options;
  if (seam !== undefined) checkPlainFunction("concat: seam", seam);
  if (!history.bounded) throw new OptionError("concat: history", history.kind, "a source that ends by itself");
  if (history.acknowledging === true)
    throw new OptionError("concat: history", history.kind, "a source that is not acknowledged");
  const isAcknowledging = live.acknowledging === true;
  const origins = [history.origin, live.origin].filter((origin) => origin !== undefined);
  return {
    kind: "concat",
    bounded: live.bounded,
    replayable: history.replayable && live.replayable,
    seeks: history.seeks === true && live.seeks === true,
    ...(isAcknowledging ? { acknowledging: true } : {}),
    ...(origins.length === 0 ? {} : { origin: origins.join(", then ") }),
    create: () => new ConcatReader(history, live, seam, isAcknowledging),
  };
}

interface ConcatPosition {
  /** Of history, while that is read; then of what is live. */
  readonly position: Position | undefined;
  readonly isLive: boolean;
  /** The highest of history so far. */
  readonly seam: Seam | undefined;
}

class ConcatReader<T> implements SourceReader<T> {
  readonly #history: SourceReader<T>;
  readonly #live: SourceReader<T>;
  readonly #seamOf: ((event: T) => Seam) | undefined;
  #isLive = false;
  #seam: Seam | undefined;
  #output: SourceOutput<T> | undefined;
  /** What live events go through. */
  readonly #behindSeam = outputTo<T>((value, time) => this.#emitLive(value, time));
  /** What events of history go through. */
  readonly #upToSeam = outputTo<T>((value, time) => this.#emitHistory(value, time));
  /** Present where what is live is acknowledged. */
  acknowledge?: (position: Position) => void | Promise<void>;

  constructor(
    history: SourceSpec<T>,
    live: SourceSpec<T>,
    seamOf: ((event: T) => Seam) | undefined,
    isAcknowledging: boolean,
  ) {
    this.#history = history.create();
    this.#live = live.create();
    this.#seamOf = seamOf;
    if (isAcknowledging) this.acknowledge = (position) => this.#acknowledge(position as ConcatPosition);
  }

  async open(context: SourceContext, position: Position | undefined): Promise<void> {
    checkSingleInstance(context, "history has to end before what is live begins");
    const start = position as ConcatPosition | undefined;
    this.#isLive = start?.isLive ?? false;
    this.#seam = start?.seam;
    // N1
    await this.#live.open(context, this.#isLive ? start?.position : undefined);
    if (!this.#isLive) await this.#history.open(context, start?.position);
  }

  poll(output: SourceOutput<T>, eventCountMax: number): PollResult {
    this.#output = output;
    if (this.#isLive) return this.#live.poll(this.#behindSeam, eventCountMax);
    const result = this.#history.poll(this.#upToSeam, eventCountMax);
    if (result !== "end") return result;
    this.#isLive = true;
    return "more";
  }

  position(): ConcatPosition {
    const reader = this.#isLive ? this.#live : this.#history;
    return { position: reader.position?.(), isLive: this.#isLive, seam: this.#seam };
  }

  close(): Promise<void> {
    return closeAll([() => this.#history.close?.(), () => this.#live.close?.()]);
  }

  #acknowledge({ position, isLive }: ConcatPosition): void | Promise<void> {
    return isLive ? this.#live.acknowledge?.(position) : undefined;
  }

  #emitHistory(value: T, time: number | undefined): void {
    if (this.#seamOf !== undefined) {
      const seam = this.#checkedSeam(this.#seamOf(value), value);
      if (this.#seam === undefined || seam > this.#seam) this.#seam = seam;
    }
    this.#output?.emit(value, time);
  }

  /** N2 */
  #emitLive(value: T, time: number | undefined): void {
    if (this.#seamOf !== undefined && this.#seam !== undefined) {
      if (this.#checkedSeam(this.#seamOf(value), value) <= this.#seam) return;
    }
    this.#output?.emit(value, time);
  }

  #checkedSeam(seam: unknown, value: T): Seam {
    const isSeam =
      typeof seam === "string" || typeof seam === "bigint" || (typeof seam === "number" && !Number.isNaN(seam));
    if (isSeam && (this.#seam === undefined || typeof seam === typeof this.#seam)) return seam;
    const expected = this.#seam === undefined ? "a number, a bigint or a text" : `a ${typeof this.#seam}, as before`;
    throw new SeamError(`concat: the seam of ${printValue(value)} is ${printValue(seam)}; ${expected} is expected`);
  }
}
