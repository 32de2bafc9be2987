/**
 * MainSinks: the sinks of one run that hand events to code on the thread that submitted it: arrays (`collect`) and async
 * iterables (`output`). An output that nobody reads, or not fast enough, slows the stream down.
 */

import type { Batch, OperatorContext, OperatorLogic, StateEntry, StateGroup } from "../../actors/index.ts";
import { CommitBuffer } from "../epochs/commit-buffer.ts";
import type { JobGraph } from "../job-graph.ts";
import { collectEventsMax, outputBufferEventsMax } from "../limits.ts";
import { CollectedEvents } from "./collected-events.ts";
import { CollectedState } from "./collected-state.ts";
import { CollectLimitError, OperatorUnknownError } from "./run-error.ts";

export class MainSinks {
  readonly #collected = new Map<string, CollectedEvents>();
  readonly #outputs = new Map<string, OutputQueue>();

  /** By sink, when events are to be shown only with the checkpoint of their epoch. */
  readonly #buffers = new Map<string, CommitBuffer>();
  readonly #durable: boolean;

  /**
   * @param transactional whether events are shown only with the checkpoint of their epoch
   * @param durable whether checkpoints outlive the process, and what was collected with them
   */
  constructor(graph: JobGraph, transactional: boolean, durable: boolean) {
    this.#durable = durable;
    for (const { name, label } of graph.nodes) {
      if (label === "collect") this.#collected.set(name, new CollectedEvents());
      if (label === "output") this.#outputs.set(name, new OutputQueue());
      if (transactional && (label === "collect" || label === "output")) {
        this.#buffers.set(name, new CommitBuffer((events) => this.#show(name, events)));
      }
    }
  }

  /** What the sink has collected so far. Throws ERR_JOB_OPERATOR_UNKNOWN. */
  collected(name: string): readonly unknown[] {
    return known(this.#collected, name, "collect").all();
  }

  /** The events of the sink, from now on. Throws ERR_JOB_OPERATOR_UNKNOWN. */
  output(name: string): AsyncIterable<unknown> {
    return known(this.#outputs, name, "output");
  }

  /** The logic of the sink with that name. */
  createLogic(name: string): OperatorLogic {
    const queue = this.#outputs.get(name);
    const buffer = this.#buffers.get(name);
    const collected = this.#collected.get(name);
    const state = this.#durable && collected !== undefined ? new CollectedState(collected) : undefined;
    if (buffer !== undefined) return new CommitLogic(name, buffer, queue, state);
    return queue === undefined
      ? new CollectLogic(name, known(this.#collected, name, "collect"), state)
      : new OutputLogic(queue);
  }

  #show(name: string, events: readonly unknown[]): void {
    this.#collected.get(name)?.add(events);
    const queue = this.#outputs.get(name);
    if (queue !== undefined) for (const event of events) queue.push(event);
  }

  /** The run has ended: iterations end, or fail with its error. */
  end(error: unknown): void {
    for (const queue of this.#outputs.values()) queue.end(error);
  }
}

class CollectLogic implements OperatorLogic {
  readonly #name: string;
  readonly #collected: CollectedEvents;
  readonly #state: CollectedState | undefined;

  constructor(name: string, collected: CollectedEvents, state: CollectedState | undefined) {
    this.#name = name;
    this.#collected = collected;
    this.#state = state;
  }

  onBatch(batch: Batch, from: number, to: number): void {
    if (this.#collected.length + to - from > collectEventsMax) {
      throw new CollectLimitError(tooMany(this.#name));
    }
    this.#collected.add(batch.values, from, to);
  }

  snapshot(): readonly StateEntry[] {
    return this.#state?.snapshot(this.#collected.all().slice(this.#state.count)) ?? [];
  }

  restore(state: readonly StateGroup[]): void {
    this.#state?.restore(state);
  }
}

/** Either kind of sink, showing events with the checkpoint of their epoch. */
class CommitLogic implements OperatorLogic {
  readonly #name: string;
  readonly #buffer: CommitBuffer;
  readonly #queue: OutputQueue | undefined;
  readonly #state: CollectedState | undefined;

  constructor(name: string, buffer: CommitBuffer, queue: OutputQueue | undefined, state: CollectedState | undefined) {
    this.#name = name;
    this.#buffer = buffer;
    this.#queue = queue;
    this.#state = state;
  }

  open(context: OperatorContext): void {
    if (this.#queue !== undefined) this.#queue.onRoom = () => context.wake();
  }

  ready(): boolean {
    return this.#queue === undefined || this.#queue.length < outputBufferEventsMax;
  }

  onBatch(batch: Batch, from: number, to: number): void {
    if (this.#buffer.length + to - from > collectEventsMax) throw new CollectLimitError(tooMany(this.#name));
    for (let index = from; index < to; index += 1) this.#buffer.add(batch.values[index]);
  }

  snapshot(epoch: number): readonly StateEntry[] {
    const events = this.#buffer.prepare(epoch);
    return this.#state?.snapshot(events) ?? [];
  }

  onComplete(epoch: number): void {
    this.#buffer.complete(epoch);
  }

  restore(state: readonly StateGroup[], epoch: number): void {
    this.#buffer.startOver(epoch);
    this.#state?.restore(state);
  }
}

class OutputLogic implements OperatorLogic {
  readonly #queue: OutputQueue;

  constructor(queue: OutputQueue) {
    this.#queue = queue;
  }

  open(context: OperatorContext): void {
    this.#queue.onRoom = () => context.wake();
  }

  ready(): boolean {
    return this.#queue.length < outputBufferEventsMax;
  }

  onBatch(batch: Batch, from: number, to: number): void {
    for (let index = from; index < to; index += 1) this.#queue.push(batch.values[index]);
  }
}

/** Events between a sink and the loops that iterate over them; each event goes to one loop. */
class OutputQueue implements AsyncIterable<unknown> {
  onRoom: () => void = () => undefined;
  #events: unknown[] = [];
  #next = 0;
  #waiting: PromiseWithResolvers<IteratorResult<unknown>>[] = [];
  #end: { readonly error: unknown } | undefined;

  get length(): number {
    return this.#events.length - this.#next;
  }

  push(event: unknown): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#events.push(event);
    else waiting.resolve({ value: event, done: false });
  }

  end(error: unknown): void {
    this.#end ??= { error };
    for (const { resolve, reject } of this.#waiting) {
      if (error === undefined) resolve({ value: undefined, done: true });
      else reject(error);
    }
    this.#waiting = [];
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return { next: () => this.#take() };
  }

  #take(): Promise<IteratorResult<unknown>> {
    if (this.length > 0) return Promise.resolve({ value: this.#shift(), done: false });
    if (this.#end?.error !== undefined) return Promise.reject(this.#end.error);
    if (this.#end !== undefined) return Promise.resolve({ value: undefined, done: true });
    const waiting = Promise.withResolvers<IteratorResult<unknown>>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #shift(): unknown {
    const event = this.#events[this.#next];
    this.#next += 1;
    if (this.#next === this.#events.length) {
      this.#events = [];
      this.#next = 0;
      this.onRoom();
    }
    return event;
  }
}

function tooMany(name: string): string {
  return (
    `sink ${JSON.stringify(name)} has collected ${collectEventsMax} events, the most allowed; ` +
    "use output() and iterate, or a sink that writes"
  );
}

function known<T>(sinks: ReadonlyMap<string, T>, name: string, kind: string): T {
  const sink = sinks.get(name);
  if (sink !== undefined) return sink;
  const names = [...sinks.keys()].map((each) => JSON.stringify(each)).join(", ");
  throw new OperatorUnknownError(
    `the job has no ${kind} sink named ${JSON.stringify(name)}; it has ${names === "" ? "none" : names}`,
    { details: { name } },
  );
}
