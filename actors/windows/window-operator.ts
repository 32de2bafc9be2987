/**
 * windowOperator: collects the events of each key by windows, and puts out what an aggregate makes of them.
 *
 * By event time a window tells its result when the watermark has reached its last moment; by processing time when the clock has reached
 * its end. Where the operator goes on from a checkpoint it knows how far event time had come there, so that what was late stays late.
 *
 * Not here: which windows there are and when they tell (the engines), the meaning of options (window-options.ts).
 */

import { printValue } from "../../runtime/index.ts";
import type { Aggregate } from "../aggregates/aggregate.ts";
import { takesNothing } from "../aggregates/aggregate-record.ts";
import type { Batch, Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateChange } from "../epochs/state-delta.ts";
import { isTime } from "../groupings/pre-aggregation.ts";
import {
  lateOutputName,
  type OperatorContext,
  type OperatorLogic,
  type OperatorSpec,
  type Output,
} from "../operator.ts";
import { finish, followedBy, type Pieces } from "../pieces.ts";
import type { StateForm } from "../state/state-form.ts";
import { migrated, needsMigration, StateKindError } from "../state/state-migration.ts";
import type { StateSize } from "../state/state-size.ts";
import { wholeKey } from "../state/state-table.ts";
import { Alarm } from "../time/alarm.ts";
import { EventTimeError, NoEventTimeError } from "../time/event-time.ts";
import type { Watermark } from "../time/watermark.ts";
import { nextMultiple } from "./aligned-windows.ts";
import { engineFor } from "./engine-choice.ts";
import { GroupProgress, isProgress } from "./group-progress.ts";
import { preAggregatedWindows } from "./pre-aggregated-windows.ts";
import type { WindowAssigner } from "./window-assigner.ts";
import type { WindowEngine } from "./window-engine.ts";
import { checkWindow, type WindowOptions, type WindowSettings, windowsOfKind } from "./window-options.ts";
import { isEarlyResult, WindowResults } from "./window-result.ts";

/**
 * Events by windows.
 *
 * @param isKeyed whether the input has keys; without, an instance has one window for all its events
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function windowOperator(
  assigner: WindowAssigner<never>,
  aggregate: Aggregate<never, unknown, unknown>,
  options: WindowOptions = {},
  isKeyed = true,
): OperatorSpec {
  const settings = checkWindow(assigner, aggregate, options, isKeyed);
  const spec = {
    kind: "window",
    outputs: ["main", lateOutputName],
    ...preAggregatedWindows(settings, options.preAggregate),
    takesNoValues: takesNothing(settings.aggregate) && options.preAggregate !== false,
    create: () => new WindowLogic(settings),
  };
  return options.early === undefined ? spec : { ...spec, isEarly: isEarlyResult };
}

const lateOutput = 1;

class WindowLogic implements OperatorLogic {
  readonly #settings: WindowSettings;
  readonly #results: WindowResults;
  readonly #engine: WindowEngine;
  readonly #progress: GroupProgress;
  #context!: OperatorContext;
  /** How far time has come: the watermark, or one ms less than the clock. */
  #now = Number.NEGATIVE_INFINITY;
  /** When the interval of the early trigger is over, in its own time. */
  #tickAt = Number.NEGATIVE_INFINITY;
  #alarm!: Alarm;

  constructor(settings: WindowSettings) {
    this.#settings = settings;
    this.#results = new WindowResults(settings.aggregate, settings.isKeyed);
    this.#progress = new GroupProgress(settings.isKeyed);
    const bringUp = (holder: { accumulator: unknown }, stored: StateForm, key: Key) =>
      this.#bringUp(holder, stored, key);
    this.#engine = engineFor({ ...settings, results: this.#results, bringUp });
  }

  open(context: OperatorContext): void {
    this.#context = context;
    this.#alarm = new Alarm(context);
    if (this.#settings.tick?.byClock) this.#tickAt = nextMultiple(this.#clockMs(), this.#settings.tick.intervalMs);
    if (this.#settings.byClock) return;
    finish(this.#advanceTo(context.watermark()));
    this.#goOnWithTicks();
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const { byClock, needsTime, assigner } = this.#settings;
    const { values, times, keys, counts } = batch;
    const engine = this.#engine;
    const atClock = byClock && assigner.kind !== "global" && assigner.kind !== "counting";
    this.#results.direct(output);
    if (byClock) finish(this.#advanceTo(this.#clockMs() - 1));
    const progress = this.#progress.isUneven ? this.#progress : undefined;
    const inRuns = (needsTime || atClock) && progress === undefined && engine.addRun !== undefined;
    const clockTime = atClock ? this.#now + 1 : undefined;
    for (let index = from; index < to; index += 1) {
      if (inRuns) index = engine.addRun!(batch, from, index, to, clockTime, output);
      if (index === to) break;
      if (keys !== undefined) engine.expect(keys, from, index, to);
      output.begin(index);
      const given = times?.[index];
      if (needsTime && !isTime(given)) throw this.#wrongTime(given);
      const key = keys === undefined ? wholeKey : keys[index]!;
      const ahead = progress?.aheadOf(key);
      const time = atClock && ahead !== undefined ? ahead + 1 : (clockTime ?? given);
      const folded = counts === undefined ? 0 : counts[index]!;
      if (engine.add(key, values[index], time, ahead, folded)) continue;
      // Of those in an accumulator only their number is asked for: where somebody takes late events they come one by one.
      for (let late = Math.max(1, folded); late > 0; late -= 1) output.emitTo(lateOutput, values[index], given);
    }
    this.#setAlarm();
  }

  onWatermark({ time, isIdle }: Watermark, output: Output): Pieces | undefined {
    this.#results.direct(output);
    const { byClock, tick } = this.#settings;
    const due = !byClock || time === Number.POSITIVE_INFINITY ? this.#advanceTo(time) : undefined;
    return followedBy(due, () => {
      if (tick?.byClock === false) this.#tickIfDue(time);
      output.advance(time, isIdle);
      this.#setAlarm();
    });
  }

  onWake(output: Output): Pieces | undefined {
    this.#results.direct(output);
    const { byClock, tick } = this.#settings;
    return followedBy(byClock ? this.#advanceTo(this.#clockMs() - 1) : undefined, () => {
      if (tick?.byClock) this.#tickIfDue(this.#clockMs());
      this.#setAlarm();
    });
  }

  /** Once more behind the last watermark: what was given to it again since then is told, too. */
  onEnd(output: Output): Pieces | undefined {
    this.#results.direct(output);
    return this.#engine.advance(Number.POSITIVE_INFINITY);
  }

  stateSize(): StateSize {
    return this.#engine.stateSize;
  }

  snapshot(): readonly StateChange[] {
    const { operator, instance, parallelism } = this.#context;
    return [...this.#engine.snapshot(operator), ...this.#progress.snapshot(this.#now, instance, parallelism)];
  }

  restore(state: readonly StateGroup[]): void {
    const { instance, parallelism } = this.#context;
    this.#now = Math.max(this.#now, this.#progress.restore(state, instance, parallelism));
    this.#goOnWithTicks();
    const windows = state.filter((group) => !isProgress(group));
    for (const { form } of windows) this.#checkKind(form);
    this.#engine.restore(windows, this.#now, (key) => this.#progress.aheadOf(key) ?? Number.NEGATIVE_INFINITY);
    // What fell due by the clock meanwhile, and what waits for an early result.
    this.#context.wake();
  }

  close(): void {
    this.#alarm?.cancel();
  }

  #advanceTo(now: number): Pieces | undefined {
    if (now <= this.#now) return undefined;
    this.#now = now;
    return followedBy(this.#engine.advance(now), () => this.#progress.advance(now));
  }

  #tickIfDue(time: number): void {
    if (time < this.#tickAt) return;
    this.#engine.tick();
    this.#tickAt = nextMultiple(time, this.#settings.tick!.intervalMs);
  }

  /** An interval of event time that had begun before a restart is not over because of it. */
  #goOnWithTicks(): void {
    const { byClock, tick } = this.#settings;
    if (byClock || tick?.byClock !== false || this.#now === Number.NEGATIVE_INFINITY) return;
    this.#tickAt = nextMultiple(this.#now, tick.intervalMs);
  }

  /** Wakes the operator when something is due by the clock. */
  #setAlarm(): void {
    const { byClock, tick } = this.#settings;
    const due = byClock ? this.#engine.nextDue() + 1 : Number.POSITIVE_INFINITY;
    const ticks = tick?.byClock && this.#engine.waits ? this.#tickAt : Number.POSITIVE_INFINITY;
    this.#alarm.set(Math.min(due, ticks));
  }

  #clockMs(): number {
    return Math.floor(this.#context.clock.wallMs());
  }

  /** Windows of another kind or size are none of these, whatever their version. What they hold of another aggregate can be migrated. */
  #checkKind(stored: StateForm): void {
    const { form } = this.#settings;
    const [windows, storedWindows] = [windowsOfKind(form.kind), windowsOfKind(stored.kind)];
    if (windows === storedWindows) return;
    const { operator } = this.#context;
    throw new StateKindError(
      `operator ${JSON.stringify(operator)}: what is stored is of ${storedWindows}, and the windows are ${windows} now: what is in ` +
        "the ones cannot be made into the others; give the operator another name, and allow the stored state to be dropped",
      { details: { operator, storedKind: stored.kind, kind: form.kind } },
    );
  }

  #bringUp(holder: { accumulator: unknown }, stored: StateForm, key: Key): boolean {
    const { form, migrate } = this.#settings;
    const declaration = { operator: this.#context.operator, state: windowsOfKind(form.kind), form, migrate };
    if (!needsMigration(declaration, stored)) return false;
    holder.accumulator = migrated(declaration, stored, key, holder.accumulator);
    return true;
  }

  #wrongTime(given: number | undefined): EventTimeError {
    const { operator } = this.#context;
    const remedy = 'put eventTime() behind the source, or take `time: "processing"`';
    if (given === undefined)
      return new NoEventTimeError(operator, `an event has no event time, and windows need one: ${remedy}`);
    return new EventTimeError(
      `operator ${JSON.stringify(operator)}: an event has the event time ${printValue(given)}, and windows need one: ${remedy}`,
      { details: { operator } },
    );
  }
}
