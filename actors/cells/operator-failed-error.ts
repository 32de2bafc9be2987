/** OperatorFailedError: an operator failed and is not to go on by itself; what its supervisor is told. */

import { type Address, type Directive, MillraceError, reasonOf } from "../../runtime/index.ts";
import type { EventVerdict } from "../epochs/failed-events.ts";

/** Which operator, and where. */
interface FailedPlace {
  /** The operator's name. */
  readonly name: string;
  readonly address: Address;
}

/** An operator threw, or reported a failure, and is not to resume; the cause is its error. */
export class OperatorFailedError extends MillraceError {
  readonly code = "ERR_ACT_OPERATOR_FAILED";
  readonly directive: Directive;

  /** @param again names the event that it failed at, where a replay will bring that again */
  constructor(
    place: FailedPlace,
    directive: Directive,
    cause: unknown,
    again?: { readonly event: string; readonly retry: number },
  ) {
    super(`operator ${JSON.stringify(place.name)} failed at ${place.address.path}: ${reasonOf(cause)}`, {
      cause,
      details: {
        operator: place.name,
        path: place.address.path,
        directive,
        ...(again === undefined ? {} : { event: again.event, retry: again.retry }),
      },
    });
    this.directive = directive;
  }
}

/** With what an operator fails at an event, unless it goes on. */
export function failureOf(place: FailedPlace, verdict: EventVerdict, error: unknown): OperatorFailedError {
  switch (verdict.kind) {
    case "again":
      return new OperatorFailedError(place, "restart", error, verdict);
    case "give-up":
      return new OperatorFailedError(place, verdict.next, error);
    case "fail":
      return new OperatorFailedError(place, verdict.directive, error);
  }
}
