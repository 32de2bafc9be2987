/**
 * Fold: what `scan`, `reduce`, `count` and an `aggregate` that is not told each time share: one state per key, replaced at every event, and when it is told. On
 * input without keys there is one state for the whole instance.
 *
 * Invariants
 *  F1  an event that fails changes no state, and does not appear in any later result.
 *  F2  "batch": one result per key that the batch touched, also when events of it failed in between.
 *  F3  a result has the event time of the event that made it.
 */

import { OptionError } from "../../runtime/index.ts";
import type { Batch, Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateChange, StateEntry } from "../epochs/state-delta.ts";
import type { PreAggregation } from "../groupings/pre-aggregation.ts";
import type { OperatorContext, OperatorLogic, OperatorSpec, Output } from "../operator.ts";
import { inPieces, type Pieces } from "../pieces.ts";
import { KeyedCell, KeyedState } from "../state/keyed-state.ts";
import type { ToldEntries } from "../state/packed/entry-encoder.ts";
import { cold } from "../state/packed/held-cells.ts";
import { type StateForm, stateTitle } from "../state/state-form.ts";
import {
  checkVersioning,
  migrated,
  needsMigration,
  type StateMigrations,
  type StateVersioning,
} from "../state/state-migration.ts";
import type { StateSize } from "../state/state-size.ts";
import { wholeKey } from "../state/state-table.ts";
import { type EventContext, EventCursor } from "./event-context.ts";

/** When the state is told: after each event, once per batch and key touched, or once per key when the stream ends. */
export type Emission = "each" | "batch" | "end";

export interface FoldOptions extends StateVersioning {
  readonly emit?: Emission;
}

export interface Fold<S> {
  /** Names what is kept: `count`, `scan`, `reduce`, `aggregate`. */
  readonly kind: string;
  /** The state after the first event of a key. Like `next`, throws before anything has changed. */
  first(value: unknown, context: EventContext): S;
  next(state: S, value: unknown, context: EventContext): S;
  /** How a state and that of events which follow become one, if they do: then events may be put together before they are sent. */
  readonly together?: {
    readonly aggregate: PreAggregation["aggregate"];
    /** Leaves what follows as it is; undefined for no state yet. */
    merge(state: S | undefined, following: S): S;
  };
  keyedResult(key: Key, state: S): unknown;
  /** The result on input without keys. */
  wholeResult(state: S): unknown;
}

/**
 * The operator that a fold makes.
 *
 * @throws ERR_RT_OPTION for an emission or a version that is none, ERR_ACT_ASYNC_FUNCTION for an async migration
 */
export function foldOperator<S>(fold: Fold<S>, options: FoldOptions): OperatorSpec {
  const { kind } = fold;
  const emission = checkEmission(kind, options.emit ?? "each");
  const version = checkVersioning(kind, options);
  const { migrate } = options;
  return {
    kind,
    outputs: ["main"],
    ...(emission === "batch" ? { perBatch: true } : {}),
    // Where each event has a result, each is needed.
    ...(emission === "each" || fold.together === undefined
      ? {}
      : { preAggregation: { aggregate: fold.together.aggregate, panes: undefined, isToldAtEnd: emission === "end" } }),
    state: { name: stateName, kind, version, migratesFrom: Object.keys(migrate ?? {}).map(Number) },
    create: () => new FoldLogic(fold, emission, { version, migrate }),
  };
}

/** The state of a key in an entry that a fold has stored; undefined for an entry of another operator. */
export function foldedState([name, , , stored, form]: StateEntry):
  | { readonly state: unknown; readonly timeMs: number | undefined }
  | undefined {
  if (name !== stateName || form === undefined || !foldKinds.has(form.kind)) return undefined;
  const [state, timeMs] = (stored ?? []) as readonly [unknown?, (number | null)?];
  return { state, timeMs: timeMs ?? undefined };
}

function checkEmission(kind: string, emission: unknown): Emission {
  if (emission === "each" || emission === "batch" || emission === "end") return emission;
  throw new OptionError(`${kind}: emit`, emission, '"each", "batch" or "end"');
}

/** The state of a key, and what is yet to be told of it. */
class FoldCell<S> extends KeyedCell<S> {
  /**
   * The event time of the newest event, NaN for none; kept for "batch" and "end". A number from the first: V8 writes such a field in place,
   * and puts a number on the heap each time where it was undefined once.
   */
  newestTime = Number.NaN;
  /** There is a result to tell at the end of the batch. */
  touched = false;
  readonly keyed: boolean;

  constructor(key: Key, value: S, keyed: boolean) {
    super(key, value);
    this.keyed = keyed;
  }

  get time(): number | undefined {
    return Number.isNaN(this.newestTime) ? undefined : this.newestTime;
  }
}

/** A value, and its time. */
const timedValues: Pick<ToldEntries, "before" | "behind"> = {
  before: (pieces) => pieces.array(2),
  behind: (pieces, time) => (Number.isNaN(time) ? pieces.any(undefined) : pieces.number(time)),
};

/** Of the folds there are. */
const foldKinds: ReadonlySet<string> = new Set(["aggregate", "count", "reduce", "scan"]);
/** The name of the only state a fold keeps. */
const stateName = "fold";

class FoldLogic<S> implements OperatorLogic {
  readonly #fold: Fold<S>;
  readonly #emission: Emission;
  readonly #migrate: StateMigrations | undefined;
  /** Of state per key, and of that of input without keys. */
  readonly #keyedForm: StateForm;
  readonly #wholeForm: StateForm;
  /** Beside the value is the event time. */
  readonly #state = new KeyedState<S, FoldCell<S>>(true, {
    sideOf: ({ newestTime }) => newestTime,
    unpacked: (key, value, side) => this.#cellOf(key, value, side),
  });
  /** Whether its input has keys. */
  #isKeyed = false;
  /** In the order they were first touched; where cells are packed, and none of them is held, each time anew. */
  #touched: FoldCell<S>[] = [];
  #cursor!: EventCursor;

  constructor(
    fold: Fold<S>,
    emission: Emission,
    versioning: { readonly version: number; readonly migrate: StateMigrations | undefined },
  ) {
    const { version, migrate } = versioning;
    this.#fold = fold;
    this.#emission = emission;
    this.#migrate = migrate;
    this.#keyedForm = { kind: fold.kind, version, owner: "key" };
    this.#wholeForm = { kind: fold.kind, version, owner: "instance" };
  }

  open(context: OperatorContext): void {
    this.#cursor = new EventCursor(context);
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const fold = this.#fold;
    const cursor = this.#cursor;
    const emission = this.#emission;
    const { values, times, keys, counts } = batch;
    const state = this.#state;
    this.#isKeyed = keys !== undefined;
    for (let index = from; index < to; index += 1) {
      if (keys !== undefined) state.expect(keys, from, index, to);
      output.begin(index);
      cursor.moveTo(batch, index);
      const key = keys === undefined ? wholeKey : keys[index]!;
      const time = emission === "each" || times === undefined ? Number.NaN : times[index]!;
      const value = values[index];
      const isTogether = counts !== undefined && counts[index]! > 0;
      const place = emission === "batch" ? -1 : state.placeOf(key);
      if (place >= 0) {
        const before = state.valueAt(place);
        const next = isTogether ? fold.together!.merge(before, value as S) : fold.next(before, value, cursor);
        state.writeAt(place, next, time);
        if (emission === "each") output.emit(this.#result(key, next, this.#isKeyed));
        continue;
      }
      let cell = state.find(key);
      if (cell === undefined) {
        const first = isTogether ? fold.together!.merge(undefined, value as S) : fold.first(value, cursor);
        cell = this.#cellOf(key, first, time);
        state.add(cell);
      } else {
        const next = isTogether ? fold.together!.merge(cell.value, value as S) : fold.next(cell.value, value, cursor);
        cell.newestTime = time;
        state.write(cell, next);
      }
      if (emission === "each") {
        output.emit(this.#result(key, cell.value, cell.keyed));
        continue;
      }
      if (emission === "batch" && !cell.touched) {
        cell.touched = true;
        this.#touched.push(cell);
      }
    }
    this.#emitTouched(output);
  }

  snapshot(): readonly StateChange[] {
    const name = stateName;
    const form = this.#formOf(this.#isKeyed);
    const title = stateTitle(this.#cursor.operator, name);
    const encoded = this.#state.takeEncoded([{ name, form, told: { title, ...timedValues } }]);
    if (encoded !== undefined) return encoded;
    return this.#state.mapChanged((cell): StateEntry => {
      return [stateName, cell.key, true, [cell.value, cell.time], this.#formOf(cell.keyed)];
    });
  }

  stateSize(): StateSize {
    return this.#state.stateSize;
  }

  *readState(key: Key | undefined): Generator<StateEntry> {
    const found = key === undefined ? undefined : this.#state.find(key);
    const cells = key === undefined ? this.#state.cells() : found === undefined ? [] : [found];
    for (const cell of cells) yield [stateName, cell.key, true, [cell.value, cell.time], this.#formOf(cell.keyed)];
  }

  /** What is migrated counts as changed, so that the next snapshot holds it in its new version. */
  restore(state: readonly StateGroup[]): void {
    for (const { form, values } of state) {
      const keyed = form.owner === "key";
      this.#isKeyed = keyed;
      const { operator } = this.#cursor;
      const declaration = { operator, state: stateName, form: this.#formOf(keyed), migrate: this.#migrate };
      const isOld = needsMigration(declaration, form);
      values.forEach((saved, key) => {
        const [value, time] = saved as [S, number | undefined];
        const now = isOld ? (migrated(declaration, form, key, value) as S) : value;
        const cell = this.#cellOf(key, now, time ?? Number.NaN);
        if (isOld) this.#state.add(cell);
        else this.#state.restore(cell);
      });
    }
  }

  onEnd(output: Output): Pieces | undefined {
    if (this.#emission === "end") return inPieces(this.#state.cells(), (cell) => this.#tell(cell, output));
    this.#emitTouched(output);
    return undefined;
  }

  #cellOf(key: Key, value: S, time: number): FoldCell<S> {
    const cell = new FoldCell<S>(key, value, this.#isKeyed);
    cell.newestTime = time;
    return cell;
  }

  #formOf(keyed: boolean): StateForm {
    return keyed ? this.#keyedForm : this.#wholeForm;
  }

  #emitTouched(output: Output): void {
    if (this.#touched.length === 0) return;
    // What is packed comes as a new cell each time: of those of a key the last one is that of now.
    const cells =
      this.#state.isPacked && this.#touched.some(({ warmth }) => warmth === cold)
        ? new Map(this.#touched.map((cell) => [cell.key, cell])).values()
        : this.#touched;
    for (const cell of cells) {
      cell.touched = false;
      this.#tell(cell, output);
    }
    this.#touched = [];
  }

  #tell({ key, value, keyed, time }: FoldCell<S>, output: Output): void {
    output.emit(this.#result(key, value, keyed), time);
  }

  #result(key: Key, state: S, keyed: boolean): unknown {
    return keyed ? this.#fold.keyedResult(key, state) : this.#fold.wholeResult(state);
  }
}
