/**
 * OperatorPolicy: the supervision of an operator, on both sides. Its host decides about each error, because classes and
 * predicates of the author mean what they say only there; main carries out what was decided, within the restart budget.
 */

import {
  NoEventTimeError,
  OperatorFailedError,
  SinkChangedError,
  SnapshotTooLargeError,
  SourceConsumedError,
  SourceFailedError,
  StateKindError,
  StateMigrationError,
  StateVersionError,
} from "../../actors/index.ts";
import {
  type Directive,
  errorMatches,
  RemoteError,
  type SupervisionPolicy,
  type SupervisionRule,
  supervisionPolicy,
} from "../../runtime/index.ts";
import type { GraphNode } from "../job-graph.ts";
import { CollectLimitError } from "./run-error.ts";

const fatalErrors = [
  CollectLimitError,
  NoEventTimeError,
  SinkChangedError,
  SnapshotTooLargeError,
  SourceConsumedError,
  StateKindError,
  StateMigrationError,
  StateVersionError,
] as const;

/** What the host does about an error of the operator. */
export function decideOnHost(node: GraphNode): (error: unknown) => Directive {
  const { decider } = supervisionPolicy(node.supervision);
  return (error) => {
    // Each further event would meet the same full array or file, the same state that cannot be read or sent, an iterable that is used up, or no event time.
    if (fatalErrors.some((fatal) => error instanceof fatal)) return "stop";
    return decider.decide({ error, messageAttempt: undefined }).directive;
  };
}

/**
 * What main does about the failure of the chain that `node` heads. Nothing stops a single cell: a stream with a hole in it
 * would say less than the truth, or never end.
 */
export function policyOnMain(node: GraphNode): SupervisionPolicy {
  const { supervision = {} } = node;
  const { rules = [], otherwise = "restart" } = supervision;
  return supervisionPolicy({
    ...supervision,
    rules: [
      ...decidedRules,
      lostRule,
      retentionRule,
      ...rules.map((rule) => ({ ...rule, directive: forJob(rule.directive) })),
    ],
    otherwise:
      typeof otherwise === "string" ? forJob(otherwise) : { ...otherwise, directive: forJob(otherwise.directive) },
    whenSpent: "escalate",
  });
}

/** Whether the author's policy says that a failure, as main has escalated it, ends the job. */
export function stopsJob(node: GraphNode, escalated: Error): boolean {
  const { cause } = escalated;
  if (cause instanceof RemoteError && typeof cause.details.directive === "string")
    return cause.details.directive === "stop";
  const { decider } = supervisionPolicy(node.supervision);
  return decider.decide({ error: cause, messageAttempt: undefined }).directive === "stop";
}

const decidedRules: readonly SupervisionRule[] = (["resume", "restart", "stop", "escalate"] as const).map(
  (directive) => ({
    when: (error: unknown) =>
      (errorMatches(error, OperatorFailedError) || errorMatches(error, SourceFailedError)) &&
      error instanceof RemoteError &&
      error.details.directive === directive,
    directive: forJob(directive),
    retry: retryOf,
  }),
);

/** An event is tried again as often as `messageRetries` says, whatever the budget of restarts is. */
function retryOf(error: unknown): number | undefined {
  const retry = error instanceof RemoteError ? error.details.retry : undefined;
  return typeof retry === "number" ? retry : undefined;
}

/** There is nothing to resume on a thread that is gone, and its end is no error of the operator. */
const lostRule: SupervisionRule = { when: "ERR_RT_HOST_LOST", directive: "restart" };

/** What was kept too much of would come again with the replay; see `stopsJob`. */
const retentionRule: SupervisionRule = { when: "ERR_ACT_RETENTION_LIMIT", directive: "escalate" };

function forJob(directive: Directive): Directive {
  return directive === "stop" ? "escalate" : directive;
}
