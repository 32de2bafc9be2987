/**
 * pattern: how a pattern is written: stage after stage, each with a predicate, then how many events it takes and how they follow
 * one another. Every method returns a new pattern, so that a common beginning can be continued in several ways.
 *
 * Not here: which patterns mean something (pattern-checks.ts), and the types of what a pattern captures (pattern-types.ts).
 */

import { type Duration, durationMs, OptionError, wholeNumber } from "../../runtime/index.ts";
import { stageTimesMax } from "../limits.ts";
import { checkAfterMatch, checkLoop, checkNext, checkWhere, lastStage } from "./pattern-checks.ts";
import {
  type AfterMatch,
  type Contiguity,
  type PatternDefinition,
  PatternError,
  type StageDefinition,
  type Where,
} from "./pattern-definition.ts";
import type { PatternStart } from "./pattern-types.ts";

/**
 * Begins a pattern of events of one type: `pattern<Login>().begin("failed", (login) => !login.ok).times(3)`.
 *
 * Errors of its methods: ERR_RT_OPTION for a value that is not allowed, ERR_ACT_ASYNC_FUNCTION for an async predicate,
 * ERR_ACT_PATTERN for what means nothing where it stands.
 */
export function pattern<E>(): PatternStart<E> {
  const start = new PatternBuilder({ stages: [], withinMs: undefined, afterMatch: "skipPastLast" });
  return start as unknown as PatternStart<E>;
}

/** The definition of a pattern that is complete. Throws ERR_ACT_PATTERN when it is not, ERR_RT_OPTION for what is no pattern. */
export function definitionOf(candidate: unknown): PatternDefinition {
  if (!(candidate instanceof PatternBuilder)) throw new OptionError("pattern", candidate, "what pattern() begins");
  const { definition } = candidate;
  const { stages, withinMs } = definition;
  if (stages.length === 0) throw new PatternError("a pattern needs a stage: pattern().begin(name, where)");
  const last = lastStage(definition, "a pattern");
  if (last.contiguity === "notFollowedBy" && withinMs === undefined) {
    throw new PatternError(
      `a pattern that ends with notFollowedBy ("${last.name}") needs within(...): without, it would wait for ever`,
      { details: { stage: last.name } },
    );
  }
  checkAfterMatch(definition);
  return definition;
}

class PatternBuilder {
  readonly definition: PatternDefinition;

  constructor(definition: PatternDefinition) {
    this.definition = definition;
  }

  begin(name: string, where: Where): PatternBuilder {
    return this.#stage("begin", name, where);
  }

  next(name: string, where: Where): PatternBuilder {
    return this.#stage("next", name, where);
  }

  followedBy(name: string, where: Where): PatternBuilder {
    return this.#stage("followedBy", name, where);
  }

  followedByAny(name: string, where: Where): PatternBuilder {
    return this.#stage("followedByAny", name, where);
  }

  notNext(name: string, where: Where): PatternBuilder {
    return this.#stage("notNext", name, where);
  }

  notFollowedBy(name: string, where: Where): PatternBuilder {
    return this.#stage("notFollowedBy", name, where);
  }

  times(min: number, max: number = min): PatternBuilder {
    wholeNumber("pattern: times", max, 1, stageTimesMax);
    wholeNumber("pattern: times", min, min === max ? 1 : 0, max);
    // None at all, or from one on.
    const optional = min === 0 ? { optional: true } : {};
    return this.#repeated("times", { min: Math.max(min, 1), max, ...optional });
  }

  timesOrMore(min: number): PatternBuilder {
    wholeNumber("pattern: timesOrMore", min, 1, stageTimesMax);
    return this.#repeated("timesOrMore", { min, max: Number.POSITIVE_INFINITY });
  }

  oneOrMore(): PatternBuilder {
    return this.#repeated("oneOrMore", { min: 1, max: Number.POSITIVE_INFINITY });
  }

  optional(): PatternBuilder {
    const { optional } = lastStage(this.definition, "optional");
    if (optional) throw new PatternError("optional: the stage may be left out already");
    return this.#changed("optional", { optional: true });
  }

  consecutive(): PatternBuilder {
    return this.#inner("consecutive", "consecutive");
  }

  allowCombinations(): PatternBuilder {
    return this.#inner("allowCombinations", "combinations");
  }

  greedy(): PatternBuilder {
    return this.#changed("greedy", { greedy: true });
  }

  until(where: Where): PatternBuilder {
    return this.#changed("until", { until: checkWhere("until", where) });
  }

  within(duration: Duration): PatternBuilder {
    if (this.definition.withinMs !== undefined) throw new PatternError("within: the pattern has a bound already");
    const withinMs = durationMs(duration, "pattern: within");
    if (withinMs < 1) throw new OptionError("pattern: within", duration, "a duration of at least 1 ms");
    return new PatternBuilder({ ...this.definition, withinMs });
  }

  afterMatch(afterMatch: AfterMatch): PatternBuilder {
    return new PatternBuilder({ ...this.definition, afterMatch });
  }

  #stage(contiguity: Contiguity, name: string, where: Where): PatternBuilder {
    checkNext(this.definition, contiguity, name);
    const stage: StageDefinition = {
      name,
      where: checkWhere(contiguity, where),
      contiguity,
      min: 1,
      max: 1,
      inner: "relaxed",
      optional: false,
      greedy: false,
      until: undefined,
    };
    return new PatternBuilder({ ...this.definition, stages: [...this.definition.stages, stage] });
  }

  #repeated(method: string, change: Partial<StageDefinition>): PatternBuilder {
    const { min, max, name } = lastStage(this.definition, method);
    if (min === 1 && max === 1) return this.#changed(method, change);
    throw new PatternError(`${method}: how many events stage "${name}" takes was said already`);
  }

  #inner(method: string, inner: StageDefinition["inner"]): PatternBuilder {
    const stage = lastStage(this.definition, method);
    if (stage.inner === "relaxed") return this.#changed(method, { inner });
    throw new PatternError(`${method}: how the events of stage "${stage.name}" follow one another was said already`);
  }

  /** The last stage, changed. */
  #changed(method: string, change: Partial<StageDefinition>): PatternBuilder {
    const stage = { ...lastStage(this.definition, method), ...change };
    checkLoop(method, stage);
    return new PatternBuilder({ ...this.definition, stages: [...this.definition.stages.slice(0, -1), stage] });
  }
}
