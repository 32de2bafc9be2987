/**
 * Stream: what a job author chains on. A value that stands for the output of an operator (or of several, after a union);
 * every method adds to the graph and returns the stream behind what it added. Using one stream twice forks it.
 *
 * Every operator, sink and source has a name of its own; groupings and unions have none, because they are no operators.
 * A grouping holds for whatever consumes the stream it returned; without one, events go to the instance of the same
 * number where both ends have the same parallelism, and in turns to all instances otherwise.
 *
 * Errors of every method that adds something: ERR_RT_OPTION for a name or an option that is not allowed,
 * ERR_ACT_ASYNC_FUNCTION for an async function where a plain one is expected, ERR_JOB_OPERATOR_NAME_TAKEN, ERR_JOB_PARALLELISM,
 * ERR_JOB_FORWARD, ERR_JOB_BUILDER once the job's builder has returned.
 */

import type { StandardSchemaV1 } from "@standard-schema/spec";
import {
  type Aggregate,
  broadcast,
  type CallContext,
  type Change,
  type EventContext,
  type EventDeadLetter,
  type EventTimeOptions,
  eventTime,
  filter,
  flatMap,
  type Grouping,
  groupings,
  type Key,
  type LookedUp,
  lateOutputName,
  lookup,
  map,
  mapAsync,
  type Partition,
  parse,
  process,
  rulesInOrder,
  type SinkSpec,
  split,
  tap,
  throttle,
  timedOutOutputName,
  type WindowAssigner,
  type WindowResult,
  windowOperator,
} from "../actors/index.ts";
import type { Duration } from "../runtime/index.ts";
import { foreignStream, type GraphAssembly, type Input } from "./graph-assembly.ts";
import { type MakeOperator, specOf } from "./graph-validation.ts";
import { KeyedStream } from "./keyed-stream.ts";
import { mainSink } from "./main-sink.ts";
import type {
  LookupStreamOptions,
  MapAsyncStreamOptions,
  OperatorOptions,
  ParseStreamOptions,
  ProcessStreamOptions,
  SinkOptions,
  SplitStreamOptions,
  ThrottleStreamOptions,
  WindowStreamOptions,
} from "./operator-options.ts";
import { outputOf } from "./operator-output.ts";
import type { ProcessStreams, StreamBroadcastMaker, StreamProcessMaker } from "./process-maker.ts";
import type { SplitRules, SplitStreams } from "./split-streams.ts";
import type { StreamEnd } from "./stream-end.ts";
import type { MakeStream, Table } from "./table.ts";
import { changesBehind, tableBehind } from "./table-behind.ts";
import type { AsTableOptions, TableLifeOptions } from "./table-options.ts";

/** `T` is what the events are; `In` what the operator took that emits them. */
export class Stream<T, In = unknown> {
  readonly #input: Input;

  /** @internal Streams come from `job.source` and from each other. */
  constructor(input: Input) {
    this.#input = input;
  }

  /**
   * Gives the events their event time, and lets what comes behind know how far that has come. To be put directly behind the
   * source, where events are in the order in which they were read.
   */
  eventTime(name: string, settings: EventTimeOptions<T>, options: OperatorOptions = {}): Stream<T, T> {
    return this.#add(name, () => eventTime(settings), options);
  }

  /** Replaces each event by what `transform` returns for it. */
  map<U>(name: string, transform: (event: T, context: EventContext) => U, options: OperatorOptions = {}): Stream<U, T> {
    return this.#add(name, () => map(transform), options);
  }

  /** Keeps the events for which `test` holds. A type guard narrows the stream. */
  filter<U extends T>(
    name: string,
    test: (event: T, context: EventContext) => event is U,
    options?: OperatorOptions,
  ): Stream<U, T>;
  filter(name: string, test: (event: T, context: EventContext) => boolean, options?: OperatorOptions): Stream<T, T>;
  filter(
    name: string,
    test: (event: T, context: EventContext) => boolean,
    options: OperatorOptions = {},
  ): Stream<T, T> {
    return this.#add(name, () => filter(test), options);
  }

  /** Replaces each event by the items of the iterable that `transform` returns for it. */
  flatMap<U>(
    name: string,
    transform: (event: T, context: EventContext) => Iterable<U>,
    options: OperatorOptions = {},
  ): Stream<U, T> {
    return this.#add(name, () => flatMap(transform), options);
  }

  /**
   * Replaces each event by what the promise of `transform` resolves to; a bounded number of calls is in flight. May stand at
   * the end of a stream.
   */
  mapAsync<U>(
    name: string,
    transform: (event: T, context: CallContext) => PromiseLike<U> | U,
    options: MapAsyncStreamOptions<T> = {},
  ): Stream<U, T> {
    return this.#addTerminal(name, () => mapAsync(transform, options), options);
  }

  /**
   * Puts out each event with what `find` finds for it in a database or service: `{ event, found }`. As `mapAsync`, with a `cache` of
   * what was found, by key. A message to the operator is answered with the figures of its cache.
   */
  lookup<V>(
    name: string,
    find: (event: T, context: CallContext) => PromiseLike<V> | V,
    options: LookupStreamOptions<T> = {},
  ): Stream<LookedUp<T, V>, T> {
    return this.#add(name, () => lookup(find, options), options);
  }

  /** Calls `look` for each event and passes the event on. May stand at the end of a stream. */
  tap(name: string, look: (event: T, context: EventContext) => void, options: OperatorOptions = {}): Stream<T, T> {
    return this.#addTerminal(name, () => tap(look), options);
  }

  /** Lets at most `count` events per `interval` pass through each instance; the others wait, back to the source. */
  throttle(name: string, count: number, interval: Duration, options: ThrottleStreamOptions = {}): Stream<T, T> {
    return this.#add(name, () => throttle(count, interval, options), options);
  }

  /** Checks each event by a schema (zod, valibot, arktype); emits what the schema makes of it. */
  parse<S extends StandardSchemaV1>(
    name: string,
    schema: S,
    options: ParseStreamOptions = {},
  ): Stream<StandardSchemaV1.InferOutput<S>, T> {
    return this.#add(name, () => parse(schema, options), options);
  }

  /**
   * Sends each event to the first output whose rule accepts it, or to the one that says "otherwise"; without one it becomes
   * a dead letter. Returns a stream per output. What goes to an output that nothing consumes is dropped; one has to be.
   */
  split<const R extends SplitRules<T>>(name: string, rules: R, options: SplitStreamOptions = {}): SplitStreams<T, R> {
    return this.#addBranches(name, () => split(rules, options), options, false) as SplitStreams<T, R>;
  }

  /**
   * Runs an operator of your own: a class, or a function that returns an object with `onEvent`. With further `outputs`,
   * returns a stream per output, `main` among them. May stand at the end of a stream.
   */
  process<U>(name: string, maker: StreamProcessMaker<T, U>, options?: OperatorOptions): Stream<U, T>;
  process<U, const O extends string>(
    name: string,
    maker: StreamProcessMaker<T, U>,
    options: ProcessStreamOptions<O>,
  ): ProcessStreams<U, O, T>;
  process<U>(
    name: string,
    maker: StreamProcessMaker<T, U>,
    options: OperatorOptions | ProcessStreamOptions<string> = {},
  ): Stream<U, T> | ProcessStreams<U, string, T> {
    const hasOutputs = "outputs" in options;
    if (!hasOutputs) return this.#addTerminal(name, () => process(maker), options);
    const make = () => process(maker, { outputs: options.outputs });
    return this.#addBranches(name, make, options, true) as ProcessStreams<U, string, T>;
  }

  /**
   * Runs an operator of your own with rules that change while the job runs: all its instances are given all events of `rules`, in one
   * order. They hold what `onRule` makes of them, as a part of their state. Which events come before a new rule is left open.
   */
  withBroadcast<R, U>(
    name: string,
    rules: Stream<R>,
    maker: StreamBroadcastMaker<T, R, U>,
    options: OperatorOptions = {},
  ): TimedStream<U, T> {
    return this.#addTimed(name, () => broadcast(maker, false), options, [rules.#toAllInOrder(name)]);
  }

  /**
   * Collects all events by windows, and puts out what an aggregate makes of those of each window, with the last moment of the window
   * for an event time. Events that come too late are a stream of their own. One instance, unless `parallelism` says otherwise;
   * each has windows of its own.
   */
  window<A, R>(
    name: string,
    assigner: WindowAssigner<T>,
    aggregate: Aggregate<T, A, R>,
    options: WindowStreamOptions = {},
  ): TimedStream<WindowResult<R>, T> {
    const make = () => windowOperator(assigner, aggregate, options, false);
    return this.#addTimed(name, make, { parallelism: 1, ...options }, []);
  }

  /** Gives the events the key that `selector` returns; events of one key go to one instance, in order. */
  keyBy<K extends Key>(selector: (event: T) => K): KeyedStream<T, K> {
    const keyed = this.#grouped(groupings.byKey(selector));
    return new KeyedStream(
      keyed.#input,
      <U, A>(name: string, make: MakeOperator, options: OperatorOptions, others: readonly Input[] = []) =>
        keyed.#addTimed<U, A>(name, make, options, others),
      (name, spec, options) => keyed.sink(name, spec, options),
      (name, rules) => rules.#toAllInOrder(name),
      <U, O>(name: string, make: MakeOperator, options: OperatorOptions) => keyed.#addMatch<U, O>(name, make, options),
    );
  }

  /** A table whose row of a key is the newest event with it, or what `row` makes of that: null deletes the row. */
  asTable<K extends Key, R = T>(name: string, key: (event: T) => K, options: AsTableOptions<T, R> = {}) {
    return tableBehind(this.#input, name, key, options, newStream);
  }

  /** A table from events that are changes already; what they say of the row before is not looked at. */
  fromChanges<R, K extends Key>(this: Stream<Change<R, K>>, name: string, options: TableLifeOptions = {}): Table<R, K> {
    return changesBehind(this.#input, name, options, newStream);
  }

  /** The events of this stream and of the others, in no order between them. Keeps the grouping of each. */
  union<O extends readonly unknown[]>(...others: { readonly [I in keyof O]: Stream<O[I]> }): Stream<T | O[number]> {
    const inputs = [this.#input, ...others.map((other: Stream<unknown>) => other.#input)];
    const { assembly } = this.#input;
    for (const input of inputs) {
      if (input.assembly !== assembly) throw foreignStream("union", assembly.jobName, input.assembly.jobName);
    }
    return new Stream({ assembly, origins: inputs.flatMap((input) => input.origins) });
  }

  /** The instances of what comes next get the events in turns. */
  shuffle(): Stream<T, In> {
    return this.#grouped(groupings.shuffle);
  }

  /** Every instance of what comes next gets every event. */
  broadcast(): Stream<T, In> {
    return this.#grouped(groupings.all);
  }

  /** Instance 0 of what comes next gets every event. */
  toOne(): Stream<T, In> {
    return this.#grouped(groupings.global);
  }

  /** The instance of what comes next with the fewest events waiting for it gets the event. */
  leastLoaded(): Stream<T, In> {
    return this.#grouped(groupings.leastLoaded);
  }

  /** The instance of what comes next whose number `partition` returns gets the event. */
  partitionBy(partition: Partition<T>): Stream<T, In> {
    return this.#grouped(groupings.custom(partition));
  }

  /** Instance i of what comes next gets the events of instance i; both must have the same parallelism. */
  forward(): Stream<T, In> {
    return this.#grouped(groupings.forward);
  }

  /**
   * The events that the operator behind this stream gives up (of each of them, after a union), as events. They are kept and
   * counted all the same.
   */
  deadLetters(): Stream<EventDeadLetter<In>> {
    return deadLettersOf(this.#input.assembly, this.#input.origins);
  }

  /** Ends the stream in a sink. One instance unless `parallelism` says otherwise. */
  sink(name: string, spec: SinkSpec<T>, options: SinkOptions = {}): StreamEnd<T> {
    const { assembly } = this.#input;
    const node = assembly.addSink(name, spec, this.#input, options);
    return Object.freeze({ deadLetters: () => deadLettersOf<T>(assembly, [{ node }]) });
  }

  /** Ends the stream in an array on the thread that submitted the job, to be had from the run under `name`. */
  collect(name: string): void {
    this.sink(name, mainSink("collect"));
  }

  /** Ends the stream in an async iterable on the thread that submitted the job, to be had from the run under `name`. */
  output(name: string): void {
    this.sink(name, mainSink("output"));
  }

  #grouped(grouping: Grouping): Stream<T, In> {
    const origins = this.#input.origins.map((origin) => ({ ...origin, grouping }));
    return new Stream({ assembly: this.#input.assembly, origins });
  }

  /** For an operator whose instances are all to be given the same events in the same order: through one that has one instance. */
  #toAllInOrder(name: string): Input {
    const { assembly } = this.#input;
    const origins = assembly.addOperator(`${name}-rules`, rulesInOrder(), [this.#input], { parallelism: 1 }, false);
    return new Stream<T>({ assembly, origins }).broadcast().#input;
  }

  /** Adds an operator whose results somebody must consume: it has no other effect. */
  #add<U>(name: string, make: MakeOperator, options: OperatorOptions): Stream<U, T> {
    return this.#addMain(name, make, options, false);
  }

  /** Adds an operator that has effects, or keeps state that can be queried. */
  #addTerminal<U>(name: string, make: MakeOperator, options: OperatorOptions): Stream<U, T> {
    return this.#addMain(name, make, options, true);
  }

  #addMain<U>(name: string, make: MakeOperator, options: OperatorOptions, terminal: boolean): Stream<U, T> {
    const { assembly } = this.#input;
    const origins = assembly.addOperator(name, specOf(name, make), [this.#input], options, terminal);
    return new Stream({ assembly, origins: origins.slice(0, 1) });
  }

  #addTimed<U, A>(
    name: string,
    make: MakeOperator,
    options: OperatorOptions,
    others: readonly Input[],
  ): TimedStream<U, A> {
    const { assembly } = this.#input;
    const spec = specOf(name, make);
    const origins = assembly.addOperator(name, spec, [this.#input, ...others], options, true);
    const input = (output: string) => outputOf(assembly, spec, origins, output);
    return new TimedStream(input("main"), input(lateOutputName));
  }

  #addMatch<U, O>(name: string, make: MakeOperator, options: OperatorOptions): MatchStream<U, O, T> {
    const { assembly } = this.#input;
    const spec = specOf(name, make);
    const origins = assembly.addOperator(name, spec, [this.#input], options, true);
    const input = (output: string) => outputOf(assembly, spec, origins, output);
    return new MatchStream(input("main"), input(lateOutputName), input(timedOutOutputName));
  }

  /** Adds an operator and returns the streams of its outputs by their names. */
  #addBranches(name: string, make: MakeOperator, options: OperatorOptions, terminal: boolean): object {
    const { assembly } = this.#input;
    const spec = specOf(name, make);
    const origins = assembly.addOperator(name, spec, [this.#input], options, terminal);
    const streams = origins.map((origin, index) => [spec.outputs[index], new Stream({ assembly, origins: [origin] })]);
    return Object.freeze(Object.fromEntries(streams));
  }
}

/** What an operator puts out that knows of event time, and beside it the events that came too late for it. */
export class TimedStream<T, In = unknown> extends Stream<T, In> {
  readonly #late: Input;

  /** @internal */
  constructor(input: Input, late: Input) {
    super(input);
    this.#late = late;
  }

  /** The events that came too late. They are counted all the same. */
  late(): Stream<In> {
    return new Stream(this.#late);
  }
}

/** What `match` puts out: results of matches, events that came too late, and what ran out of time. */
export class MatchStream<T, O, In = unknown> extends TimedStream<T, In> {
  readonly #timedOut: Input;

  /** @internal */
  constructor(input: Input, late: Input, timedOut: Input) {
    super(input, late);
    this.#timedOut = timedOut;
  }

  /** The partial matches that `within` ended, each when it could no longer become a match. */
  timedOut(): Stream<O, In> {
    return new Stream(this.#timedOut);
  }
}

const newStream: MakeStream = (input) => new Stream(input);

function deadLettersOf<T>(assembly: GraphAssembly, nodes: readonly { readonly node: number }[]) {
  return new Stream<EventDeadLetter<T>>(assembly.deadLetters(nodes.map(({ node }) => node)));
}
