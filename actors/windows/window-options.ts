/** WindowOptions: what can be said about windows beside which they are, checked, with what follows from it. */

import { type Duration, durationMs, OptionError } from "../../runtime/index.ts";
import { type Aggregate, checkAggregate } from "../aggregates/aggregate.ts";
import { accumulatorKind } from "../aggregates/aggregate-record.ts";
import { checkPreAggregate } from "../groupings/pre-aggregation.ts";
import type { StateForm } from "../state/state-form.ts";
import { checkVersioning, type StateMigrations, type StateVersioning } from "../state/state-migration.ts";
import { checkTimeDomain, type TimeDomain } from "../time/time-domain.ts";
import { checkTrigger, type Trigger } from "./trigger.ts";
import { assignerText, type WindowAssigner } from "./window-assigner.ts";

/** `version` and `migrate` are of the accumulators. */
export interface WindowOptions extends StateVersioning {
  /**
   * What time windows go by: that of the events (the default), or the clock. For `global` windows their trigger says it, and
   * `counting` ones go by none.
   */
  readonly time?: TimeDomain;
  /** For how long after its end a window still takes events, with another result for each. Default 0. */
  readonly allowedLateness?: Duration;
  /** When windows that are still open tell what they hold so far: `every("1s")`, `every(100)`. Default: never. */
  readonly early?: Trigger;
  /** Whether a further result of a window holds everything (the default), or only what came since the result before. */
  readonly panes?: "accumulating" | "discarding";
  /**
   * Whether events may be put together, by key, before they are sent to another thread: default true, where no result depends on it but for
   * the rounding of fractions. `false` sends each event.
   */
  readonly preAggregate?: boolean;
}

export interface WindowSettings {
  readonly assigner: WindowAssigner<unknown>;
  readonly aggregate: Aggregate<unknown, unknown, unknown>;
  readonly isKeyed: boolean;
  /** Whether time is the clock. */
  readonly byClock: boolean;
  /** Whether events without an event time are refused. */
  readonly needsTime: boolean;
  readonly allowedLatenessMs: number;
  readonly discards: boolean;
  readonly early: Trigger | undefined;
  /** The interval of `early`, if that is one. */
  readonly tick: { readonly intervalMs: number; readonly byClock: boolean } | undefined;
  /** Whether windows are made of shared panes. */
  readonly inPanes: boolean;
  readonly form: StateForm;
  readonly migrate: StateMigrations | undefined;
}

/**
 * What a window operator is made from.
 *
 * @throws ERR_RT_OPTION for what is no option, means nothing for these windows, or needs an aggregate that can merge;
 * ERR_ACT_ASYNC_FUNCTION
 */
export function checkWindow(
  assigner: WindowAssigner<never>,
  aggregate: Aggregate<never, unknown, unknown>,
  options: WindowOptions,
  isKeyed: boolean,
): WindowSettings {
  const text = assignerText(assigner);
  checkAggregate("window: aggregate", aggregate);
  const { time, allowedLateness = 0, early, panes, migrate } = options;
  if (panes !== undefined && panes !== "accumulating" && panes !== "discarding") {
    throw new OptionError("window: panes", panes, '"accumulating" or "discarding"');
  }
  if (assigner.kind === "session" && aggregate.merge === undefined) {
    throw new OptionError("window: aggregate", aggregate, "an aggregate with `merge`: sessions are merged");
  }
  checkPreAggregate("window", options.preAggregate);
  const byClock = goesByClock(assigner, time);
  const allowedLatenessMs = checkLateness(assigner, byClock, allowedLateness);
  const tick = checkEarly(assigner, byClock, early);
  const discards = panes === "discarding";
  const overlaps = assigner.kind === "sliding" && assigner.slideMs < assigner.sizeMs;
  const isToldOnce = early === undefined && !(discards && allowedLatenessMs > 0);
  const inPanes = overlaps && isToldOnce && aggregate.merge !== undefined;
  const version = checkVersioning("window", options);
  return {
    assigner: assigner as WindowAssigner<unknown>,
    aggregate: aggregate as Aggregate<unknown, unknown, unknown>,
    isKeyed,
    byClock,
    allowedLatenessMs,
    discards,
    early,
    tick,
    inPanes,
    migrate,
    needsTime: !byClock && needsEventTime(assigner),
    form: {
      kind: kindOf(inPanes ? `${text} in panes` : text, aggregate),
      version,
      owner: isKeyed ? "key" : "instance",
    },
  };
}

/** What is between the windows and their aggregate in the kind of their state. */
const ofAggregate = ", each with ";

function kindOf(windows: string, aggregate: Aggregate<never, unknown, unknown>): string {
  return windows + ofAggregate + accumulatorKind(aggregate);
}

/** The windows that a kind of state is of, whatever their aggregate. */
export function windowsOfKind(kind: string): string {
  return kind.split(ofAggregate, 1)[0]!;
}

function goesByClock(assigner: WindowAssigner<never>, time: TimeDomain | undefined): boolean {
  if (time !== undefined) checkTimeDomain("window: time", time);
  if (assigner.kind !== "global" && assigner.kind !== "counting") return time === "processing";
  const own = assigner.kind === "global" && assigner.trigger.kind === "interval" ? assigner.trigger.time : undefined;
  if (own !== undefined && time !== undefined && own !== time) {
    throw new OptionError("window: time", time, `${JSON.stringify(own)}, as the trigger says, or nothing`);
  }
  return (own ?? time) === "processing";
}

function needsEventTime(assigner: WindowAssigner<never>): boolean {
  if (assigner.kind === "global") return assigner.trigger.kind === "interval";
  return assigner.kind !== "counting";
}

function checkLateness(assigner: WindowAssigner<never>, byClock: boolean, allowedLateness: Duration): number {
  const ms = durationMs(allowedLateness, "window: allowedLateness");
  if (!Number.isSafeInteger(ms)) {
    throw new OptionError("window: allowedLateness", allowedLateness, "a duration of whole milliseconds");
  }
  if (ms === 0) return 0;
  if (byClock) throw new OptionError("window: allowedLateness", allowedLateness, "none: by the clock nothing is late");
  if (!hasEnd(assigner)) {
    throw new OptionError("window: allowedLateness", allowedLateness, `none: ${assigner.kind} windows have no end`);
  }
  return ms;
}

function checkEarly(
  assigner: WindowAssigner<never>,
  byClock: boolean,
  early: Trigger | undefined,
): WindowSettings["tick"] {
  if (early === undefined) return undefined;
  checkTrigger("window: early", early);
  if (early.kind === "end") throw new OptionError("window: early", early, 'every(100) or every("1s")');
  if (!hasEnd(assigner)) {
    throw new OptionError(
      "window: early",
      early,
      `nothing: ${assigner.kind} windows have no end that it could be early for`,
    );
  }
  if (early.kind === "events") return undefined;
  return { intervalMs: early.intervalMs, byClock: early.time === undefined ? byClock : early.time === "processing" };
}

function hasEnd({ kind }: WindowAssigner<never>): boolean {
  return kind !== "global" && kind !== "counting";
}
