/**
 * TestSink: stands in for a sink of a job, and keeps what the job shows. It is a transactional one: under exactly-once and
 * at-least-once an event is there when its checkpoint is complete, once, also when the process dies in between.
 *
 * A test says how much it takes. What it does not take waits, back to the sources.
 */

import {
  type CommitInfo,
  defineTransactionalSink,
  type Guarantee,
  type OperatorContext,
  type OperatorLogic,
  type SinkSpec,
  wrappedLogic,
} from "../../actors/index.ts";
import { wholeNumber } from "../../runtime/index.ts";

export class TestSink<T = unknown> implements SinkSpec<T> {
  readonly kind = "test";
  readonly heads = true;
  readonly #received: T[] = [];
  readonly #committed = new Set<string>();
  readonly #contexts = new Map<number, OperatorContext>();
  readonly #sink: SinkSpec<T>;
  #takenCount = 0;
  /** How many events it takes before it holds; undefined: any number. */
  #room: number | undefined;

  constructor() {
    this.#sink = defineTransactionalSink<T, T[], readonly T[]>({
      kind: this.kind,
      create: () => ({
        begin: () => [],
        write: (events, more) => void events.push(...more),
        prepare: (events) => events,
        commit: (events, about) => this.#commit(events, about),
      }),
    });
  }

  /** What the job has shown so far. */
  get received(): readonly T[] {
    return this.#received;
  }

  /** How many events it has taken, shown or not; those that came again are counted again. */
  get takenCount(): number {
    return this.#takenCount;
  }

  /** Takes nothing more, until `request` or `release`. */
  hold(): void {
    this.#room = 0;
  }

  /**
   * Takes that many events more, of all instances together, and holds then. They are shown when all that comes before the next
   * barrier has been taken as well. Throws ERR_RT_OPTION.
   */
  request(eventCount: number): void {
    this.#room = (this.#room ?? 0) + wholeNumber("request", eventCount, 1, Number.MAX_SAFE_INTEGER);
    this.#wake();
  }

  /** Takes whatever comes, as in the beginning. */
  release(): void {
    this.#room = undefined;
    this.#wake();
  }

  create(guarantee: Guarantee, goesOn?: boolean): OperatorLogic {
    const logic = this.#sink.create(guarantee, goesOn);
    return wrappedLogic(logic, {
      open: (context) => {
        this.#contexts.set(context.instance, context);
        return logic.open?.(context);
      },
      ready: () => this.#room !== 0 && (logic.ready?.() ?? true),
      onBatch: (batch, from, to, output) => {
        const until = Math.min(to, from + (this.#room ?? to));
        const taken = logic.onBatch(batch, from, until, output) ?? until;
        this.#takenCount += taken - from;
        if (this.#room !== undefined) this.#room -= taken - from;
        return taken;
      },
    });
  }

  #wake(): void {
    for (const context of this.#contexts.values()) context.wake();
  }

  #commit(events: readonly T[], { operator, instance, history, epoch, part }: CommitInfo): void {
    const name = [operator, instance, history, epoch, part].join("/");
    if (this.#committed.has(name)) return;
    this.#committed.add(name);
    this.#received.push(...events);
  }
}
