/**
 * awaitTable: a join of a stream with a table that works on no event of the stream before the table is there: before its input is over.
 *
 * The cell takes events of the stream meanwhile only as far as epochs need it (../cells/inputs-head.ts). Those wait here, as a part of
 * the state, and are worked on when the table is over, those of one key in the order in which they came.
 */

import { assert } from "../../runtime/index.ts";
import type { Batch, Key } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateChange, StateEntry } from "../epochs/state-delta.ts";
import { batchEventsMax } from "../limits.ts";
import type { OperatorContext, OperatorLogic, OperatorSpec, Output } from "../operator.ts";
import { GatheredOutput } from "../operators/gathered-output.ts";
import { followedBy, type Pieces, untilDone } from "../pieces.ts";
import { KeyedCell, KeyedState } from "../state/keyed-state.ts";
import type { StateForm } from "../state/state-form.ts";
import { type StateSize, sumOfSizes } from "../state/state-size.ts";
import { listCells } from "../state/state-table.ts";
import { toldChanges } from "../state/told-changes.ts";
import type { Watermark } from "../time/watermark.ts";

/** The join of a stream, its first input, with a table, its second; it has keys. */
export function awaitTable(spec: OperatorSpec): OperatorSpec {
  return { ...spec, awaitsInput: tableInput, create: () => new AwaitTableLogic(spec) };
}

const tableInput = 1;

interface WaitingEvent {
  readonly value: unknown;
  readonly time: number | undefined;
}

/** No name that an author can give. */
const stateName = "events that await the table";
const form: StateForm = { kind: "awaiting events", version: 1, owner: "key" };

class AwaitTableLogic implements OperatorLogic {
  readonly #logic: OperatorLogic;
  readonly #gathered: GatheredOutput;
  /** Followed from `restore` on, which is only called where snapshots will be taken. */
  readonly #waiting = new KeyedState<readonly WaitingEvent[]>(false, listCells<WaitingEvent>().packing);
  #waitingCount = 0;
  #isOver = false;
  #context!: OperatorContext;

  constructor(spec: OperatorSpec) {
    this.#logic = spec.create();
    this.#gathered = new GatheredOutput(spec.outputs.length);
  }

  open(context: OperatorContext): void | Promise<void> {
    this.#context = context;
    return this.#logic.open?.(context);
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): number | undefined | void {
    if (this.#isOver || batch.input === tableInput) return this.#logic.onBatch(batch, from, to, output);
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      const key = batch.keys?.[index];
      assert(key !== undefined, "a join with a table has keys");
      this.#await(key, { value: batch.values[index], time: batch.times?.[index] });
    }
  }

  onInputOver(_input: number, output: Output): Pieces | undefined {
    this.#isOver = true;
    return this.#workOff(output);
  }

  onWatermark(watermark: Watermark, output: Output): Pieces | undefined {
    // Events that were given to it once more when its inputs had ended.
    const first = watermark.time === Number.POSITIVE_INFINITY ? this.#workOff(output) : undefined;
    return followedBy(first, () => {
      if (this.#logic.onWatermark !== undefined) return this.#logic.onWatermark(watermark, output);
      output.advance(watermark.time, watermark.isIdle);
    });
  }

  onWake(output: Output): Pieces | undefined | void {
    return this.#logic.onWake?.(output);
  }

  onEnd(output: Output): Pieces | undefined | void {
    return this.#logic.onEnd?.(output);
  }

  heldEvents(): number {
    return this.#waitingCount + (this.#logic.heldEvents?.() ?? 0);
  }

  waitsFor(): string | undefined {
    return this.#isOver ? undefined : "the end of the input of its table";
  }

  snapshot(epoch: number): readonly StateChange[] {
    const own = toldChanges(this.#waiting, stateName, form);
    return [...(this.#logic.snapshot?.(epoch) ?? []), ...own];
  }

  stateSize(): StateSize {
    const sizes = [this.#waiting.stateSize, this.#logic.stateSize?.()];
    return sumOfSizes(sizes.filter((size) => size !== undefined));
  }

  readState(key: Key | undefined): Iterable<StateEntry> {
    return this.#logic.readState?.(key) ?? [];
  }

  restore(state: readonly StateGroup[], epoch: number): void {
    this.#waiting.track();
    for (const { name, values } of state) {
      if (name !== stateName) continue;
      for (const [key, events] of values as ReadonlyMap<Key, WaitingEvent[]>) {
        this.#waiting.restore(new KeyedCell(key, events));
        this.#waitingCount += events.length;
      }
    }
    this.#logic.restore?.(
      state.filter(({ name }) => name !== stateName),
      epoch,
    );
  }

  close(): void | Promise<void> {
    return this.#logic.close?.();
  }

  #await(key: Key, event: WaitingEvent): void {
    this.#waitingCount += 1;
    const cell = this.#waiting.find(key);
    if (cell === undefined) this.#waiting.add(new KeyedCell(key, [event]));
    else {
      (cell.value as WaitingEvent[]).push(event);
      this.#waiting.write(cell, cell.value);
    }
  }

  /** All that waits, so many events in a piece that there is more than a batch of them. */
  #workOff(output: Output): Pieces | undefined {
    const cells = this.#waiting.cells();
    return untilDone(() => {
      let eventCount = 0;
      let cell = cells.next();
      for (; cell.done !== true; cell = cells.next()) {
        eventCount += this.#workOffKey(cell.value);
        if (eventCount >= batchEventsMax) break;
      }
      this.#gathered.handOn(output);
      return cell.done === true;
    });
  }

  #workOffKey(cell: KeyedCell<readonly WaitingEvent[]>): number {
    const { key, value: events } = cell;
    const builder = new BatchBuilder();
    for (const { value, time } of events) builder.add(value, time, key);
    this.#waiting.remove(cell);
    this.#waitingCount -= events.length;
    this.#gathered.work(this.#logic, builder.take(), (value, error, event) =>
      this.#context.failEvent(value, error, event),
    );
    return events.length;
  }
}
