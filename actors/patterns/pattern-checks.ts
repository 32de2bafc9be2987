/** PatternChecks: what means nothing, or nothing sure, in a pattern, refused at the method that says it. */

import { checkName, OptionError } from "../../runtime/index.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import {
  type Contiguity,
  isLoop,
  type PatternDefinition,
  PatternError,
  type StageDefinition,
  type Where,
} from "./pattern-definition.ts";

export function checkWhere(method: string, where: Where): Where {
  checkPlainFunction(`pattern: ${method}: where`, where);
  return where;
}

/** Checks a stage that is to come next. Throws ERR_RT_OPTION for its name, ERR_ACT_PATTERN where it cannot stand there. */
export function checkNext({ stages }: PatternDefinition, contiguity: Contiguity, name: string): void {
  checkName("pattern: stage", name);
  if (stages.some((stage) => stage.name === name)) {
    throw new PatternError(`${contiguity}: two stages are named "${name}"; each needs a name of its own`, {
      details: { stage: name },
    });
  }
  const last = stages.at(-1);
  if (contiguity === "begin") {
    if (last === undefined) return;
    throw new PatternError(`begin("${name}"): the pattern has begun with "${stages[0]!.name}"; go on with followedBy`);
  }
  if (last === undefined) throw new PatternError(`${contiguity}("${name}"): a pattern begins with begin(name, where)`);
  if (contiguity !== "notNext" && contiguity !== "notFollowedBy") return;
  if (last.optional) {
    throw new PatternError(
      `${contiguity}("${name}"): it cannot follow the optional stage "${last.name}"; write two patterns, one with the stage and one without`,
    );
  }
  if (contiguity === "notNext" && isNegative(last)) {
    throw new PatternError(
      `notNext("${name}"): it cannot follow ${last.contiguity}("${last.name}"); put it in front of that`,
    );
  }
}

/** The last stage, which `method` says more of. Throws ERR_ACT_PATTERN when there is none that takes events. */
export function lastStage({ stages }: PatternDefinition, method: string): StageDefinition {
  const last = stages.at(-1);
  if (last === undefined) throw new PatternError(`${method}: a pattern begins with begin(name, where)`);
  return last;
}

/** Checks what was said of the number of events of a stage, and of how they follow one another. */
export function checkLoop(method: string, stage: StageDefinition): void {
  const { name, min, max, inner, greedy, until } = stage;
  if (isNegative(stage)) throw new PatternError(`${method}: ${stage.contiguity}("${name}") takes no events`);
  if (inner !== "relaxed" && max === 1) {
    throw new PatternError(`${method}: stage "${name}" takes one event; say times, timesOrMore or oneOrMore before`);
  }
  if (greedy && min === max) {
    throw new PatternError(
      `${method}: stage "${name}" takes a fixed number of events, so that greedy means nothing; say times(min, max), timesOrMore or oneOrMore before`,
    );
  }
  if (greedy && inner === "combinations") {
    throw new PatternError(`${method}: stage "${name}" cannot be greedy and leave out events by allowCombinations`);
  }
  if (until !== undefined && !isLoop(stage)) {
    throw new PatternError(
      `${method}: stage "${name}" has an end of its own; until needs timesOrMore or oneOrMore before`,
    );
  }
}

/** Throws ERR_RT_OPTION for what is no way to go on, ERR_ACT_PATTERN for a stage that captures nothing. */
export function checkAfterMatch({ afterMatch, stages }: PatternDefinition): void {
  if (afterMatch === "noSkip" || afterMatch === "skipToNext" || afterMatch === "skipPastLast") return;
  const allowed = '"noSkip", "skipToNext", "skipPastLast", { skipToFirst: stage } or { skipToLast: stage }';
  if (typeof afterMatch !== "object" || afterMatch === null)
    throw new OptionError("pattern: afterMatch", afterMatch, allowed);
  const entries = Object.entries(afterMatch);
  const [how, name] = entries[0] ?? [];
  if (entries.length !== 1 || (how !== "skipToFirst" && how !== "skipToLast")) {
    throw new OptionError("pattern: afterMatch", afterMatch, allowed);
  }
  const stage = stages.find((candidate) => candidate.name === name);
  if (stage === undefined || isNegative(stage)) {
    throw new PatternError(`afterMatch: ${how} names ${JSON.stringify(name)}, which is no stage that takes events`);
  }
}

function isNegative({ contiguity }: StageDefinition): boolean {
  return contiguity === "notNext" || contiguity === "notFollowedBy";
}
