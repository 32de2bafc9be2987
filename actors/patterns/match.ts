/**
 * match: the operator that finds a pattern in the events of each key.
 *
 * Not here: the matching (matcher.ts), the order in which events are matched (event-time-match.ts, processing-time-match.ts).
 */

import { wholeNumber } from "../../runtime/index.ts";
import { capturesDefault, matchLimitMax, partialMatchesDefault, waitingEventsDefault } from "../limits.ts";
import { lateOutputName, type OperatorSpec } from "../operator.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import { process } from "../operators/process.ts";
import { checkTimeDomain, type TimeDomain } from "../time/time-domain.ts";
import { EventTimeMatch } from "./event-time-match.ts";
import { KeyMatches, type Select, timedOutOutputName } from "./key-matches.ts";
import { definitionOf } from "./pattern.ts";
import { ProcessingTimeMatch } from "./processing-time-match.ts";

export interface MatchOptions {
  /**
   * "event" matches events in the order of their event times, once that has come to them; "processing" as they come, and
   * `within` is measured on the wall clock. Default "event".
   */
  readonly time?: TimeDomain;
  /** Partial matches that are kept of one key. Default `partialMatchesDefault`. */
  readonly partialMatchesMax?: number;
  /** Events that the partial matches of one key hold, an event as often as it was captured. Default `capturesDefault`. */
  readonly capturesMax?: number;
  /** Events of one key that wait for event time. Default `waitingEventsDefault`. */
  readonly waitingMax?: number;
}

/**
 * Finds a pattern in the events of each key. Results are the matches, or what `select` makes of each.
 *
 * Gives up single events with ERR_ACT_PATTERN_LIMIT, and with what predicates throw; gives up matches with what `select` throws. An event without event time fails with ERR_ACT_EVENT_TIME, unless it goes by the clock.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION, ERR_ACT_PATTERN for a pattern that is not complete
 */
export function match(pattern: unknown, select?: Select, options: MatchOptions = {}): OperatorSpec {
  const definition = definitionOf(pattern);
  if (select !== undefined) checkPlainFunction("match: select", select);
  const { time = "event" } = options;
  checkTimeDomain("match: time", time);
  const limit = (name: "partialMatchesMax" | "capturesMax" | "waitingMax", byDefault: number) =>
    wholeNumber(`match: ${name}`, options[name] ?? byDefault, 1, matchLimitMax);
  const limits = {
    partialMatchesMax: limit("partialMatchesMax", partialMatchesDefault),
    capturesMax: limit("capturesMax", capturesDefault),
  };
  const waitingMax = limit("waitingMax", waitingEventsDefault);
  const maker = () => {
    const matches = new KeyMatches(definition, limits, select);
    return time === "processing" ? new ProcessingTimeMatch(matches) : new EventTimeMatch(matches, waitingMax);
  };
  return { ...process(maker, { keyed: true, outputs: [lateOutputName, timedOutOutputName] }), kind: "match" };
}
