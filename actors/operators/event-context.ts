/**
 * EventContext: what a job author's function may ask about the event in hand and the place it runs at. One object per
 * instance, moved from event to event; what it says is valid during the call it was passed to.
 */

import type { Address, Clock, Logger, Random, Services } from "../../runtime/index.ts";
import type { Batch, Key } from "../batch.ts";
import type { OperatorContext } from "../operator.ts";

export interface EventContext extends Omit<OperatorContext, "wake" | "fail" | "failEvent"> {
  /** The event time of the event in hand in ms since the epoch; undefined without event time, and between events. */
  readonly time: number | undefined;
  /** The key of the event in hand; undefined when the operator does not stand behind `keyBy`, and between events. */
  readonly key: Key | undefined;
}

const noEvents: Batch = { values: [], times: undefined, keys: undefined };

export class EventCursor implements EventContext {
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
  readonly #context: OperatorContext;
  #batch = noEvents;
  #index = 0;

  constructor(context: OperatorContext) {
    this.job = context.job;
    this.operator = context.operator;
    this.instance = context.instance;
    this.parallelism = context.parallelism;
    this.address = context.address;
    this.incarnation = context.incarnation;
    this.clock = context.clock;
    this.random = context.random;
    this.logger = context.logger;
    this.services = context.services;
    this.#context = context;
  }

  get time(): number | undefined {
    return this.#batch.times?.[this.#index];
  }

  get key(): Key | undefined {
    return this.#batch.keys?.[this.#index];
  }

  deadLetter(value: unknown, error: unknown): void {
    this.#context.deadLetter(value, error);
  }

  /** Moves to event `index` of `batch`. */
  moveTo(batch: Batch, index: number): void {
    this.#batch = batch;
    this.#index = index;
  }

  /** Moves to where there is no event: a message, the end of the stream. */
  leave(): void {
    this.#batch = noEvents;
  }
}
