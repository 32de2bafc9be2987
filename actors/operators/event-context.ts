/**
 * EventContext: what a job author's function may ask about the event in hand and the place it runs at. One object per
 * instance, moved from event to event; what it says is valid during the call it was passed to.
 */

import type { Address, Clock, Logger, Random, Services } from "../../runtime/index.ts";
import type { Batch, Key } from "../batch.ts";
import type { EventPlace, OperatorContext } from "../operator.ts";

/** What an operator knows about where it runs, without the ways to call its cell. */
export type OperatorPlace = Omit<
  OperatorContext,
  "watermark" | "readingMs" | "wake" | "fail" | "failEvent" | "deadLetter"
>;

export interface EventContext extends OperatorPlace {
  /** The event time of the event in hand in ms since the epoch; undefined without event time, and between events. */
  readonly time: number | undefined;
  /** No further event with an event time at or before this one is on time; -Infinity before the first watermark. */
  readonly watermark: number;
  /** The key of the event in hand; undefined when the operator does not stand behind `keyBy`, and between events. */
  readonly key: Key | undefined;
  /** Gives up on an event, with the reason: a dead letter, counted for this operator. */
  deadLetter(value: unknown, error: unknown): void;
}

/** A copy of the facts, because contexts may be objects of any kind. */
export class CopiedPlace implements OperatorPlace {
  readonly job: string;
  readonly operator: string;
  readonly instance: number;
  readonly parallelism: number;
  readonly address: Address;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly services: Services;

  constructor(place: OperatorPlace) {
    this.job = place.job;
    this.operator = place.operator;
    this.instance = place.instance;
    this.parallelism = place.parallelism;
    this.address = place.address;
    this.incarnation = place.incarnation;
    this.clock = place.clock;
    this.random = place.random;
    this.logger = place.logger;
    this.services = place.services;
  }
}

const noEvents: Batch = { values: [], times: undefined, keys: undefined };

export class EventCursor extends CopiedPlace implements EventContext {
  readonly #context: OperatorContext;
  #batch = noEvents;
  #index = 0;
  /** Says in the place of `#index` which event is in hand. */
  #run: EventPlace | undefined;

  constructor(context: OperatorContext) {
    super(context);
    this.#context = context;
  }

  get time(): number | undefined {
    return this.#run === undefined ? this.#batch.times?.[this.#index] : this.#run.time;
  }

  get watermark(): number {
    return this.#context.watermark();
  }

  get key(): Key | undefined {
    return this.#batch.keys?.[this.#place];
  }

  deadLetter(value: unknown, error: unknown): void {
    this.#context.deadLetter(value, error);
  }

  /** Which input the event in hand came in on, from 0. */
  get input(): number {
    return this.#batch.input ?? 0;
  }

  /** Moves to event `index` of `batch`. */
  moveTo(batch: Batch, index: number): void {
    this.#batch = batch;
    this.#index = index;
    this.#run = undefined;
  }

  /**
   * Moves to `batch`, and to no event of it yet: `moveOn` follows.
   *
   * @param run says which event is in hand, in the place of `moveOn`
   */
  enter(batch: Batch, run?: EventPlace): void {
    this.#batch = batch;
    this.#index = -1;
    this.#run = run;
  }

  /** Moves to event `index` of the batch that it is in. */
  moveOn(index: number): void {
    this.#index = index;
  }

  /** Moves to where there is no event: a message, the end of the stream. */
  leave(): void {
    this.#batch = noEvents;
  }

  get #place(): number {
    return this.#run === undefined ? this.#index : this.#run.index;
  }
}
