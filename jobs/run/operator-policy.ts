/**
 * OperatorPolicy: the supervision of an operator, on both sides. Its host decides about each error, because classes and
 * predicates of the author mean what they say only there; main carries out what was decided, within the restart budget.
 */

import { OperatorFailedError } from "../../actors/index.ts";
import {
  type Directive,
  errorMatches,
  RemoteError,
  type SupervisionPolicy,
  type SupervisionRule,
  supervisionPolicy,
} from "../../runtime/index.ts";
import type { GraphNode } from "../job-graph.ts";

/** What the host does about an error of the operator. */
export function decideOnHost(node: GraphNode): (error: unknown) => Directive {
  const { decider } = supervisionPolicy(node.supervision);
  return (error) => decider.decide({ error, messageAttempt: undefined }).directive;
}

/** What main does about the failure of the chain that `node` heads. */
export function policyOnMain(node: GraphNode): SupervisionPolicy {
  const { supervision = {} } = node;
  return supervisionPolicy({ ...supervision, rules: [...decidedRules, ...(supervision.rules ?? [])] });
}

/** An operator that is to stop ends its job: a stream with a hole in it would go on saying less than the truth. */
const decidedRules: readonly SupervisionRule[] = (["resume", "restart", "stop", "escalate"] as const).map(
  (directive) => ({
    when: (error: unknown) =>
      errorMatches(error, OperatorFailedError) &&
      error instanceof RemoteError &&
      error.details.directive === directive,
    directive: directive === "stop" ? "escalate" : directive,
  }),
);
