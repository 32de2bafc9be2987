/** AutomatonState: the states of an automaton and their edges, and how they are copied and narrowed while it is made. */

/** One predicate of the pattern, and the answer that is wanted of it. */
export interface Literal {
  /** Into `Automaton.predicates`. */
  readonly predicate: number;
  readonly wanted: boolean;
}

export interface Edge {
  /** Captures the event, skips it, or goes on without one. */
  readonly kind: "take" | "ignore" | "proceed";
  readonly to: State;
  /** The stage that a `take` captures for. */
  readonly stage: number;
  /** All have to hold. */
  readonly when: readonly Literal[];
}

export interface State {
  readonly id: number;
  /** The stage whose events are waited for here; -1 of the final state. */
  readonly stage: number;
  /** `pending` becomes a match when time runs out. */
  readonly kind: "normal" | "pending" | "final";
  readonly edges: readonly Edge[];
  /** Predicates of negatives: an event that one holds for ends every partial match that stands here, or could. */
  readonly stops: readonly number[];
}

/** A state while the automaton is made. */
export class DraftState implements State {
  readonly id: number;
  readonly stage: number;
  readonly kind: State["kind"];
  edges: (Edge & { readonly to: DraftState })[] = [];
  stops: readonly number[] = [];

  constructor(id: number, stage: number, kind: State["kind"]) {
    this.id = id;
    this.stage = stage;
    this.kind = kind;
  }

  take(to: DraftState, when: readonly Literal[]): void {
    this.edges.push({ kind: "take", to, stage: this.stage, when });
  }

  ignore(to: DraftState, when: readonly Literal[]): void {
    this.edges.push({ kind: "ignore", to, stage: this.stage, when });
  }

  proceed(to: DraftState, when: readonly Literal[]): void {
    this.edges.push({ kind: "proceed", to, stage: this.stage, when });
  }
}

/** All its edges need one literal more. */
export function restrict(state: DraftState, literal: Literal): void {
  state.edges = state.edges.map((edge) => ({ ...edge, when: [...edge.when, literal] }));
}

/** Makes `copy` like `state`; edges that return to `state` return to the copy. */
export function copyOf(state: DraftState, copy: DraftState): DraftState {
  copy.stops = state.stops;
  copy.edges = state.edges.map((edge) => (edge.to === state ? { ...edge, to: copy } : edge));
  return copy;
}

/** `state`, or what is like it where none that can be reached from it has one of these stops. */
export function withoutStops(
  state: DraftState,
  stops: readonly number[],
  create: (like: DraftState) => DraftState,
): DraftState {
  const reachable = reachableFrom(state);
  const affected = new Set(reachable.filter((other) => other.stops.some((stop) => stops.includes(stop))));
  for (let size = -1; size !== affected.size; ) {
    size = affected.size;
    for (const other of reachable) if (other.edges.some(({ to }) => affected.has(to))) affected.add(other);
  }
  if (!affected.has(state)) return state;
  const copies = new Map([...affected].map((other) => [other, create(other)]));
  for (const [other, copy] of copies) {
    copy.stops = other.stops.filter((stop) => !stops.includes(stop));
    copy.edges = other.edges.map((edge) => ({ ...edge, to: copies.get(edge.to) ?? edge.to }));
  }
  return copies.get(state)!;
}

function reachableFrom(state: DraftState): DraftState[] {
  const reached = new Set([state]);
  for (const next of reached) for (const { to } of next.edges) reached.add(to);
  return [...reached];
}
