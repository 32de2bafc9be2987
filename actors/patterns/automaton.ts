/**
 * Automaton: what a pattern is compiled to. A partial match stands in a state; an event takes it along edges of that state and
 * of those that `proceed` leads to without an event, all of them at once: where several can be taken, it branches.
 *
 * The construction, with its negatives and greedy stages, is that of Apache Flink's CEP library, which follows "Efficient
 * Pattern Matching over Event Streams" (Agrawal, Diao, Gyllstrom, Immerman; SIGMOD 2008). It runs from the last stage to the
 * first. A stage becomes a state per event that it takes, or one that returns to itself for a loop; a stage that may be left
 * out has an edge that proceeds to what stands behind it.
 *
 * Invariants
 *  A1  edges that proceed form no cycle: they lead to what was made before.
 *  A2  state numbers depend on the definition alone, so that partial matches of a checkpoint mean the same after a restore.
 *
 * Not here: running it (matcher.ts), states with their edges (automaton-state.ts).
 */

import { copyOf, DraftState, type Literal, restrict, type State, withoutStops } from "./automaton-state.ts";
import { isLoop, type PatternDefinition, type StageDefinition, type Where } from "./pattern-definition.ts";

export interface Automaton {
  readonly start: State;
  /** By their ids. */
  readonly states: readonly State[];
  /** Those of the stages, in their order; behind them those of `until`. */
  readonly predicates: readonly Where[];
}

export function automatonOf({ stages }: PatternDefinition): Automaton {
  return new Construction(stages).run();
}

/** What stands behind a stage. */
interface Behind {
  readonly state: DraftState;
  /** What an event that ends a greedy loop by its `until` is shown to: it is not the loop's, so nothing keeps it from others. */
  readonly ended: DraftState | undefined;
}

class Construction {
  readonly #stages: readonly StageDefinition[];
  readonly #states: DraftState[] = [];
  readonly #predicates: Where[];
  /** The predicate of each stage's `until`. */
  readonly #untils: readonly (number | undefined)[];

  constructor(stages: readonly StageDefinition[]) {
    this.#stages = stages;
    this.#predicates = stages.map(({ where }) => where);
    this.#untils = stages.map(({ until }) => (until === undefined ? undefined : this.#predicates.push(until) - 1));
  }

  run(): Automaton {
    const final = this.#state(-1, "final");
    let start = final;
    for (let stage = this.#stages.length - 1; stage >= 0; stage -= 1) start = this.#stage(stage, start, final);
    return { start, states: this.#states, predicates: this.#predicates };
  }

  /** The first state of a stage; `sink` is what comes behind it. */
  #stage(stage: number, sink: DraftState, final: DraftState): DraftState {
    const definition = this.#stages[stage]!;
    if (definition.contiguity === "notFollowedBy") return sink === final ? this.#pending(stage) : sink;
    if (definition.contiguity === "notNext") return this.#notNext(stage, sink, final);
    if (!isLoop(definition)) return this.#repeated(stage, sink, this.#behind(stage, sink), definition.max);
    const past = this.#withoutNegativesBefore(stage, sink);
    const behindLoop = this.#behind(stage, past);
    const behindNothing = past === sink ? behindLoop : this.#behind(stage, sink);
    return this.#repeated(stage, this.#loop(stage, behindLoop), behindNothing, definition.min);
  }

  /** A `notFollowedBy` at the end: a match unless the event comes in time. */
  #pending(stage: number): DraftState {
    const state = this.#state(stage, "pending");
    state.stops = [stage, ...this.#negativesBefore(stage)];
    state.ignore(state, []);
    return state;
  }

  #notNext(stage: number, sink: DraftState, final: DraftState): DraftState {
    const state = this.#state(stage);
    state.stops = [stage];
    const isOther = [{ predicate: stage, wanted: false }];
    // At the end it takes one more event to know, which is not captured.
    if (sink === final) state.ignore(sink, isOther);
    else state.proceed(sink, isOther);
    return state;
  }

  /** A greedy stage of no fixed length keeps what stands behind it from events that it would take itself. */
  #behind(stage: number, state: DraftState): Behind {
    const { greedy, min, max } = this.#stages[stage]!;
    if (!greedy || min === max) return { state, ended: undefined };
    const ended = this.#untils[stage] === undefined ? undefined : copyOf(state, this.#state(state.stage, state.kind));
    restrict(state, { predicate: stage, wanted: false });
    return { state, ended };
  }

  /** A state that returns to itself for every further event of a loop. */
  #loop(stage: number, behind: Behind): DraftState {
    const state = this.#state(stage);
    this.#leave(stage, state, behind);
    state.take(state, this.#takeWhen(stage));
    state.stops = this.#negativesBehind(stage);
    const skipped = this.#innerIgnoreWhen(stage);
    if (skipped !== undefined) {
      const waiting = this.#waiting(stage, state, skipped);
      waiting.stops = this.#negativesBehind(stage);
      state.ignore(waiting, skipped);
    }
    return state;
  }

  /** A state per event of a stage, `count` of them, in front of `sink`; those beyond its minimum may be left out. */
  #repeated(stage: number, sink: DraftState, behind: Behind, count: number): DraftState {
    const { min, optional } = this.#stages[stage]!;
    let next = sink;
    for (let taken = count - 1; taken >= 1; taken -= 1) {
      const stops = this.#negativesBehind(stage);
      next = this.#single(stage, next, taken >= min ? behind : undefined, this.#innerIgnoreWhen(stage), stops);
    }
    const stops = this.#negativesBefore(stage);
    return this.#single(stage, next, optional ? behind : undefined, this.#ignoreWhen(stage), stops);
  }

  /** The state that takes one event of a stage. With `behind`, the event may be left out. */
  #single(
    stage: number,
    sink: DraftState,
    behind: Behind | undefined,
    skipped: readonly Literal[] | undefined,
    stops: readonly number[],
  ): DraftState {
    const state = this.#state(stage);
    const target = this.#withoutNegativesBefore(stage, sink);
    state.take(target, this.#takeWhen(stage));
    state.stops = stops;
    if (behind !== undefined) this.#leave(stage, state, behind);
    if (skipped === undefined) return state;
    if (behind === undefined) {
      state.ignore(state, skipped);
      return state;
    }
    const waiting = this.#waiting(stage, target, skipped);
    waiting.stops = stops;
    state.ignore(waiting, skipped);
    return state;
  }

  /** Goes on to what stands behind a stage. */
  #leave(stage: number, state: DraftState, { state: behind, ended }: Behind): void {
    const until = this.#untils[stage];
    if (ended === undefined || until === undefined) return state.proceed(behind, []);
    state.proceed(ended, [{ predicate: until, wanted: true }]);
    state.proceed(behind, [{ predicate: until, wanted: false }]);
  }

  /** Waits for an event of a stage without proceeding: the partial match that it was branched from does that. */
  #waiting(stage: number, target: DraftState, skipped: readonly Literal[]): DraftState {
    const state = this.#state(stage);
    state.take(target, this.#takeWhen(stage));
    state.ignore(state, skipped);
    return state;
  }

  #takeWhen(stage: number): readonly Literal[] {
    return [...this.#notUntil(stage), { predicate: stage, wanted: true }];
  }

  /** When an event before the first one of a stage is skipped; undefined for never. */
  #ignoreWhen(stage: number): readonly Literal[] | undefined {
    const { contiguity } = this.#stages[stage]!;
    if (contiguity === "followedByAny") return [];
    return contiguity === "followedBy" ? [{ predicate: stage, wanted: false }] : undefined;
  }

  /** When an event between two of a stage is skipped; undefined for never. */
  #innerIgnoreWhen(stage: number): readonly Literal[] | undefined {
    const { inner } = this.#stages[stage]!;
    if (inner === "combinations") return this.#notUntil(stage);
    if (inner === "relaxed") return [...this.#notUntil(stage), { predicate: stage, wanted: false }];
    return undefined;
  }

  #notUntil(stage: number): readonly Literal[] {
    const until = this.#untils[stage];
    return until === undefined ? [] : [{ predicate: until, wanted: false }];
  }

  /** The negatives that hold where `stage` is waited for: those right before it, and before what may be left out. */
  #negativesBefore(stage: number): number[] {
    const found: number[] = [];
    for (let index = stage - 1; index >= 0; index -= 1) {
      const { contiguity, optional } = this.#stages[index]!;
      if (contiguity === "notFollowedBy") found.push(index);
      else if (!optional) break;
    }
    return found;
  }

  /** Negatives hold within the repeated stage before them, too: any event of that could be its last. */
  #negativesBehind(stage: number): number[] {
    const found: number[] = [];
    for (let index = stage + 1; ; index += 1) {
      const contiguity = this.#stages[index]?.contiguity;
      if (contiguity === "notFollowedBy") found.push(index);
      else if (contiguity !== "notNext") return found;
    }
  }

  /** What stands behind an optional stage once that has an event: the negatives before it are past. */
  #withoutNegativesBefore(stage: number, sink: DraftState): DraftState {
    if (!this.#stages[stage]!.optional) return sink;
    return withoutStops(sink, this.#negativesBefore(stage), (state) => this.#state(state.stage, state.kind));
  }

  #state(stage: number, kind: State["kind"] = "normal"): DraftState {
    const state = new DraftState(this.#states.length, stage, kind);
    this.#states.push(state);
    return state;
  }
}
