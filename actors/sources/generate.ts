/**
 * generate: made-up events, as fast as they are taken or at a rate.
 *
 * With a rate, event `i` falls due `i / rate` seconds after the source was opened (after a restore: as if it had been
 * opened that much earlier). A poll emits everything that is due, so a source that was held up catches up in batches.
 */

import { type CancelTimer, checkNames, OptionError, wholeNumber } from "../../runtime/index.ts";
import { literalKeys } from "../operators/literal-keys.ts";
import { ownCopy, textsOf } from "../operators/own-copy.ts";
import type { PollResult, SourceContext, SourceOutput, SourceProgress, SourceReader, SourceSpec } from "../source.ts";
import { PositionLostError } from "./input-error.ts";

export interface GenerateOptions<T> {
  /** How many events, all instances together; without it (undefined is refused) the source never ends. */
  readonly count?: number;
  /** Events per second, all instances together; without it, as fast as they are taken. */
  readonly rate?: number;
  /** Makes the event of an index; by default the index itself. */
  readonly from?: (index: number) => T;
}

/**
 * The events `from(0)`, `from(1)`, and so on. Bounded when `count` is given. Replayable: the position is an index, and
 * `from` is called again for what is replayed. Of several instances each takes the indices that are its number modulo
 * the parallelism.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with what `from` throws; the next poll goes on behind that event. Fails with ERR_ACT_POSITION_LOST when `count` has
 * become smaller than the position.
 */
export function generate<T>(options: GenerateOptions<T> & { readonly from: (index: number) => T }): SourceSpec<T>;
export function generate(options?: Omit<GenerateOptions<number>, "from">): SourceSpec<number>;
export function generate<T>(options: GenerateOptions<T> = {}): SourceSpec<T | number> {
  checkNames("generate", options, { count: true, rate: true, from: true });
  const { count, rate, from = (index: number): T | number => index } = options;
  // A param that was not given is not to be a job without an end.
  if ("count" in options) wholeNumber("generate: count", count, 0, Number.MAX_SAFE_INTEGER);
  if (rate !== undefined && !(typeof rate === "number" && rate > 0 && rate <= ratePerSecondMax)) {
    throw new OptionError("generate: rate", rate, `events per second, more than 0 and at most ${ratePerSecondMax}`);
  }
  if (typeof from !== "function") throw new OptionError("generate: from", from, "a function from an index to an event");
  return {
    kind: "generate",
    bounded: count !== undefined,
    replayable: true,
    seeks: true,
    eventKeys: literalKeys(from),
    create: () => new GenerateReader<T | number>(count, rate, from),
  };
}

const ratePerSecondMax = 1_000_000_000;

class GenerateReader<T> implements SourceReader<T> {
  readonly #count: number;
  readonly #ratePerMs: number | undefined;
  readonly #from: (index: number) => T;
  /** A loop for each kind of output, so that it calls one function to emit (own-copy.ts). */
  readonly #loops = new WeakMap<SourceOutput<T>, typeof emitRange>();
  #context: SourceContext | undefined;
  /** The next index of this instance. */
  readonly #next = { index: 0 };
  /** When event 0 was due. */
  #startMs = 0;
  #cancelTimer: CancelTimer | undefined;

  constructor(count: number | undefined, ratePerSecond: number | undefined, from: (index: number) => T) {
    this.#count = count ?? Number.POSITIVE_INFINITY;
    this.#ratePerMs = ratePerSecond === undefined ? undefined : ratePerSecond / 1_000;
    this.#from = from;
  }

  open(context: SourceContext, position: unknown): void {
    this.#context = context;
    if (position !== undefined && !(Number.isSafeInteger(position) && (position as number) >= 0)) {
      throw new PositionLostError(`source "${context.operator}"`, position, "it is not an index");
    }
    this.#next.index = (position as number | undefined) ?? context.instance;
    // The index behind the last one is at most a whole round of the instances away.
    if (position !== undefined && this.#next.index >= this.#count + context.parallelism) {
      throw new PositionLostError(`source "${context.operator}"`, position, `there are ${this.#count} events now`);
    }
    if (this.#ratePerMs !== undefined) {
      const resumedMs = position === undefined ? 0 : this.#next.index / this.#ratePerMs;
      this.#startMs = context.clock.monotonicMs() - resumedMs;
    }
  }

  poll(output: SourceOutput<T>, eventCountMax: number): PollResult {
    const dueCount = this.#dueCount();
    const { parallelism } = this.#context!;
    const end = Math.min(dueCount, this.#next.index + eventCountMax * parallelism);
    this.#loopFor(output)(this.#from, output, this.#next, end, parallelism);
    if (this.#next.index >= this.#count) return "end";
    if (this.#next.index < dueCount) return "more";
    this.#wakeWhenDue();
    return "waiting";
  }

  position(): number {
    return this.#next.index;
  }

  progress(): SourceProgress {
    const { instance, parallelism } = this.#context!;
    const total = Number.isFinite(this.#count)
      ? Math.max(0, Math.ceil((this.#count - instance) / parallelism))
      : undefined;
    const done = Math.floor((this.#next.index - instance) / parallelism);
    return { done, total: total ?? done, unit: "events" };
  }

  close(): void {
    this.#cancelTimer?.();
  }

  #loopFor(output: SourceOutput<T>): typeof emitRange {
    const known = this.#loops.get(output);
    if (known !== undefined) return known;
    const made = ownCopy(emitRange, textsOf([this.#from, output.emit]));
    this.#loops.set(output, made);
    return made;
  }

  /** How many indices, from 0, are due. */
  #dueCount(): number {
    if (this.#ratePerMs === undefined) return this.#count;
    const passedMs = this.#context!.clock.monotonicMs() - this.#startMs;
    return Math.min(this.#count, Math.floor(passedMs * this.#ratePerMs + roundingSlack) + 1);
  }

  #wakeWhenDue(): void {
    const context = this.#context!;
    const dueMs = this.#startMs + this.#next.index / this.#ratePerMs!;
    this.#cancelTimer?.();
    this.#cancelTimer = context.clock.after(Math.max(0, dueMs - context.clock.monotonicMs()), () => context.wake());
  }
}

/** Makes an event due that a rounded quotient would leave a hair before its time. */
const roundingSlack = 1e-6;

/** Emits the events from `next` on that are before `end`; each is behind it before it is made. */
function emitRange(
  from: (index: number) => unknown,
  output: SourceOutput<never>,
  next: { index: number },
  end: number,
  step: number,
): void {
  for (let { index } = next; index < end; index += step) {
    next.index = index + step;
    output.emit(from(index) as never);
  }
}
