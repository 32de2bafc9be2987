/**
 * Decider: from an error to a directive, by the first rule that matches.
 *
 * Invariants
 *  I1  a failed assertion of the runtime always escalates, through every supervisor above: state may be wrong.
 *  I2  a message is retried at most `messageRetriesMax` times, then it becomes a dead letter.
 */

import { InvariantError } from "../assert.ts";
import { type ErrorMatch, errorMatches } from "../errors/error-match.ts";
import type { Directive, FailedMessageFate, Failure } from "./directive.ts";
import { EscalatedError } from "./escalated-error.ts";

export interface SupervisionRule {
  /** An error class, a code, or a predicate. Of an escalated failure, the errors it was caused by are tried too. */
  readonly when: ErrorMatch;
  readonly directive: Directive;
  /** What becomes of the message in hand. Default `dead-letter`. */
  readonly message?: FailedMessageFate;
  /**
   * For restarts whose number is bounded elsewhere: which one for the same cause it is, from 1. They cost nothing of the
   * budget, and wait longer from one to the next. Undefined for a restart like any other.
   */
  readonly retry?: (error: unknown) => number | undefined;
}

export interface Verdict {
  readonly directive: Directive;
  readonly message: FailedMessageFate;
  /** See the rule. */
  readonly retry?: number | undefined;
}

export class Decider {
  readonly #rules: readonly SupervisionRule[];
  readonly #otherwise: Verdict;
  readonly #messageRetriesMax: number;

  constructor(rules: readonly SupervisionRule[], otherwise: Verdict, messageRetriesMax: number) {
    this.#rules = rules;
    this.#otherwise = otherwise;
    this.#messageRetriesMax = messageRetriesMax;
  }

  decide(failure: Failure): Verdict {
    const errors = withEscalated(failure.error);
    if (errors.some((error) => errorMatches(error, InvariantError))) {
      return { directive: "escalate", message: this.#fate("dead-letter", failure) };
    }
    const rule = this.#rules.find(({ when }) => errors.some((error) => errorMatches(error, when)));
    const directive = rule?.directive ?? this.#otherwise.directive;
    const message = rule === undefined ? this.#otherwise.message : (rule.message ?? "dead-letter");
    return { directive, message: this.#fate(message, failure), retry: rule?.retry?.(failure.error) };
  }

  #fate(wanted: FailedMessageFate, { messageAttempt }: Failure): FailedMessageFate {
    if (messageAttempt === undefined) return "drop";
    return wanted === "retry" && messageAttempt > this.#messageRetriesMax ? "dead-letter" : wanted;
  }
}

/** The error and, as long as it is an escalation, what it was caused by. A chain that was given up on has an end. */
function withEscalated(error: unknown): unknown[] {
  const errors = [error];
  for (let at = error; errorMatches(at, EscalatedError) && at instanceof Error && !errors.includes(at.cause); ) {
    at = at.cause;
    errors.push(at);
  }
  return errors;
}
