/**
 * Stream: what a job author chains on. A value that stands for the output of an operator (or of several, after a union);
 * every method adds to the graph and returns the stream behind what it added. Using one stream twice forks it.
 */

import type { Key, OperatorSpec, SinkSpec } from "../actors/index.ts";
import { foreignStream, type Input } from "./graph-assembly.ts";
import type { Grouping, Partition } from "./grouping.ts";
import { KeyedStream } from "./keyed-stream.ts";
import type { OperatorOptions } from "./operator-options.ts";
import { mainSink, standIn } from "./stand-in-operators.ts";

export class Stream<T> {
  readonly #input: Input;

  /** @internal Streams come from `job.source` and from each other. */
  constructor(input: Input) {
    this.#input = input;
  }

  /** Emits what `transform` returns for each event. */
  map<U>(name: string, transform: (event: T) => U, options: OperatorOptions = {}): Stream<U> {
    return this.#add(
      name,
      standIn("map", (value, emit) => emit(transform(value as T))),
      options,
      false,
    );
  }

  /** Lets those events pass for which `test` holds. A type guard narrows the stream. */
  filter<U extends T>(name: string, test: (event: T) => event is U, options?: OperatorOptions): Stream<U>;
  filter(name: string, test: (event: T) => boolean, options?: OperatorOptions): Stream<T>;
  filter(name: string, test: (event: T) => boolean, options: OperatorOptions = {}): Stream<T> {
    const spec = standIn("filter", (value, emit) => (test(value as T) ? emit(value) : undefined));
    return this.#add(name, spec, options, false);
  }

  /** Emits each element that `transform` returns for an event. */
  flatMap<U>(name: string, transform: (event: T) => Iterable<U>, options: OperatorOptions = {}): Stream<U> {
    const spec = standIn("flatMap", (value, emit) => {
      for (const element of transform(value as T)) emit(element);
    });
    return this.#add(name, spec, options, false);
  }

  /** Calls `look` for each event and passes the event on. */
  tap(name: string, look: (event: T) => void, options: OperatorOptions = {}): Stream<T> {
    const spec = standIn("tap", (value, emit) => {
      look(value as T);
      emit(value);
    });
    return this.#add(name, spec, options, true);
  }

  /** Groups the events by the key that `selector` returns; events of one key go to one instance, in order. */
  keyBy<K extends Key>(selector: (event: T) => K): KeyedStream<T, K> {
    const keyed = this.#grouped({ kind: "key", selector: selector as (event: unknown) => Key });
    return new KeyedStream((name, spec, options, terminal) => keyed.#add(name, spec, options, terminal));
  }

  /** The events of this stream and of the others, in no order between them. Has no name: it is no operator. */
  union<O extends readonly unknown[]>(...others: { readonly [I in keyof O]: Stream<O[I]> }): Stream<T | O[number]> {
    const inputs = [this.#input, ...others.map((other: Stream<unknown>) => other.#input)];
    for (const input of inputs) {
      if (input.assembly !== this.#input.assembly) {
        throw foreignStream("union", this.#input.assembly.jobName, input.assembly.jobName);
      }
    }
    return new Stream({ assembly: this.#input.assembly, origins: inputs.flatMap((input) => input.origins) });
  }

  /** The next operator gets the events in turns. */
  shuffle(): Stream<T> {
    return this.#grouped({ kind: "shuffle" });
  }

  /** Every instance of the next operator gets every event. */
  broadcast(): Stream<T> {
    return this.#grouped({ kind: "broadcast" });
  }

  /** Instance 0 of the next operator gets every event. */
  toOne(): Stream<T> {
    return this.#grouped({ kind: "global" });
  }

  /** The instance of the next operator with the least work waiting gets the event. */
  leastLoaded(): Stream<T> {
    return this.#grouped({ kind: "least-loaded" });
  }

  /** The instance of the next operator whose number `partition` returns gets the event. */
  partitionBy(partition: Partition<T>): Stream<T> {
    return this.#grouped({ kind: "custom", partition: partition as Partition<unknown> });
  }

  /** Instance i of the next operator gets the events of instance i; both must have the same parallelism. */
  forward(): Stream<T> {
    return this.#grouped({ kind: "forward" });
  }

  /** Ends the stream in a sink. */
  sink(name: string, spec: SinkSpec<T>, options: OperatorOptions = {}): void {
    this.#input.assembly.addSink(name, spec, this.#input, options);
  }

  /** Ends the stream in an array: `await run.collected(name)`. */
  collect(name: string): void {
    this.#input.assembly.addSink(name, mainSink("collect"), this.#input, {});
  }

  /** Ends the stream in an async iterable: `for await (const event of run.output(name))`. */
  output(name: string): void {
    this.#input.assembly.addSink(name, mainSink("output"), this.#input, {});
  }

  #grouped(grouping: Grouping): Stream<T> {
    const origins = this.#input.origins.map((origin) => ({ ...origin, grouping }));
    return new Stream({ assembly: this.#input.assembly, origins });
  }

  #add<U>(name: string, spec: OperatorSpec, options: OperatorOptions, terminal: boolean): Stream<U> {
    const { assembly } = this.#input;
    return new Stream({ assembly, origins: [assembly.addOperator(name, spec, [this.#input], options, terminal)] });
  }
}
