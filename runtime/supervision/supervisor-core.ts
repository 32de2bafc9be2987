/**
 * SupervisorCore: decides what happens to whom when a child fails. It knows the children in the order they were started,
 * and nothing of cells, hosts or timers: its caller carries out the decisions and tells it what became of them.
 *
 * A restart raises the incarnations of all it takes along at the moment of the decision. What a child of an older
 * incarnation reports afterwards joins the restart under way, unless it asks for more than a restart. A later decision
 * that takes the same child along raises its incarnation again, and so cancels the earlier one for that child.
 *
 * Invariants
 *  I1  restarts take children along in start order, stops in reverse.
 *  I2  in any window no more restarts are decided than the budget allows: of one child under one-for-one, of the group
 *      under the other strategies, where one failure moves all; those that are bounded elsewhere (`retry`) do not count.
 *  I3  every child that failed is resumed, being restarted, being stopped, or part of an escalation.
 *  I4  incarnations of a name increase.
 *
 * Not here: carrying out (supervisor.ts), which neighbours a guarantee rolls back (actors/).
 */

import { assert } from "../assert.ts";
import { Backoff } from "./backoff.ts";
import type { Verdict } from "./decider.ts";
import type { FailedMessageFate, Failure } from "./directive.ts";
import { EscalatedError } from "./escalated-error.ts";
import { RestartBudget } from "./restart-budget.ts";
import type { SupervisionPolicy } from "./supervision-policy.ts";

export type Decision =
  /** Nothing to do: not a child any more, or decided about already. */
  | { readonly kind: "none" }
  | { readonly kind: "resume"; readonly child: string; readonly message: FailedMessageFate }
  /** After `delayMs`, restart in this order each child for which `restartDue` still says so. */
  | { readonly kind: "restart"; readonly children: readonly RestartingChild[]; readonly delayMs: number }
  /** Stop in this order, waiting for each. */
  | { readonly kind: "stop"; readonly children: readonly string[]; readonly error: unknown }
  /** Fail with this error. */
  | { readonly kind: "escalate"; readonly error: EscalatedError };

export interface RestartingChild {
  readonly name: string;
  /** The new one. */
  readonly incarnation: number;
}

export type ChildPhase = "starting" | "running" | "stopping" | "escalated";

interface Child {
  readonly name: string;
  phase: ChildPhase;
  incarnation: number;
  /** What becomes of the message in hand when the child is restarted. */
  message: FailedMessageFate;
  readonly backoff: Backoff;
  readonly budget: RestartBudget;
}

const none: Decision = { kind: "none" };

export class SupervisorCore {
  readonly #policy: SupervisionPolicy;
  /** In start order. */
  readonly #children = new Map<string, Child>();
  readonly #groupBudget: RestartBudget;

  constructor(policy: SupervisionPolicy) {
    this.#policy = policy;
    this.#groupBudget = new RestartBudget(policy.restartsMax, policy.restartsWithinMs);
  }

  /** Adds a child behind those there are, as starting. */
  add(name: string, incarnation = 0): void {
    assert(!this.#children.has(name), `I4: one child has the name ${name}`);
    const { backoff, restartsMax, restartsWithinMs } = this.#policy;
    this.#children.set(name, {
      name,
      phase: "starting",
      incarnation,
      message: "dead-letter",
      backoff: new Backoff(backoff),
      budget: new RestartBudget(restartsMax, restartsWithinMs),
    });
  }

  /** Forgets a child: it has stopped, or moved away. */
  remove(name: string): void {
    this.#children.delete(name);
  }

  has(name: string): boolean {
    return this.#children.has(name);
  }

  /** In start order. */
  get names(): readonly string[] {
    return [...this.#children.keys()];
  }

  /** Undefined when it is no child. */
  phaseOf(name: string): ChildPhase | undefined {
    return this.#children.get(name)?.phase;
  }

  /** Undefined when it is no child. */
  incarnationOf(name: string): number | undefined {
    return this.#children.get(name)?.incarnation;
  }

  /** The child is to be stopped by wish: its failures do not count any more. */
  onStopping(name: string): void {
    const child = this.#children.get(name);
    if (child !== undefined) child.phase = "stopping";
  }

  onStarted(name: string, incarnation: number): void {
    const child = this.#children.get(name);
    if (child?.phase === "starting" && child.incarnation === incarnation) child.phase = "running";
  }

  /**
   * Decides about a failure.
   *
   * @param incarnation the one that failed
   * @param random uniform in [0, 1)
   */
  onFailure(name: string, incarnation: number, failure: Failure, nowMs: number, random: number): Decision {
    const child = this.#children.get(name);
    if (child === undefined || child.phase === "stopping" || child.phase === "escalated") return none;
    const verdict = this.#policy.decider.decide(failure);
    const { directive, message } = verdict;
    if (incarnation !== child.incarnation) {
      if (incarnation > child.incarnation || child.phase !== "starting") return none;
      child.message = message;
      if (directive === "resume" || directive === "restart") return none;
    }
    switch (directive) {
      case "resume":
        // One that has not started has nothing to go on with.
        if (child.phase === "starting") return this.#restart(child, failure, verdict, nowMs, random);
        return { kind: "resume", child: name, message };
      case "restart":
        return this.#restart(child, failure, verdict, nowMs, random);
      case "stop":
        return this.#stop(child, failure.error);
      case "escalate":
        return this.#escalate(child, "decided by its policy", failure.error);
    }
  }

  /**
   * A child is restarted because of others that its supervisor does not know. Returns its new incarnation; undefined when it
   * is being stopped or given up.
   */
  restartAlong(name: string): number | undefined {
    const child = this.#children.get(name);
    if (child === undefined || child.phase === "stopping" || child.phase === "escalated") return undefined;
    child.phase = "starting";
    child.incarnation += 1;
    return child.incarnation;
  }

  /**
   * The owner handles what was escalated by a restart of the child after all. Undefined when its failure was not escalated.
   * Not counted against its budget.
   */
  restartEscalated(name: string): RestartingChild | undefined {
    const child = this.#children.get(name);
    if (child?.phase !== "escalated") return undefined;
    child.phase = "starting";
    child.incarnation += 1;
    child.message = "dead-letter";
    return { name, incarnation: child.incarnation };
  }

  /**
   * Asked when the delay of a restart has passed: what becomes of the message in hand; undefined when the child is not
   * to be restarted to that incarnation any more.
   */
  restartDue({ name, incarnation }: RestartingChild): FailedMessageFate | undefined {
    const child = this.#children.get(name);
    return child?.phase === "starting" && child.incarnation === incarnation ? child.message : undefined;
  }

  #restart(child: Child, failure: Failure, { message, retry }: Verdict, nowMs: number, random: number): Decision {
    const { strategy, restartsMax, restartsWithinMs, whenSpent } = this.#policy;
    const budget = strategy === "one-for-one" ? child.budget : this.#groupBudget;
    if (retry === undefined && !budget.take(nowMs)) {
      const reason = `${restartsMax} restarts in ${restartsWithinMs} ms are spent`;
      return whenSpent === "stop" ? this.#stop(child, failure.error) : this.#escalate(child, reason, failure.error);
    }
    child.message = message;
    const group = this.#groupOf(child);
    for (const member of group) {
      if (member !== child && member.phase !== "starting") member.message = "dead-letter";
      member.phase = "starting";
      member.incarnation += 1;
    }
    return {
      kind: "restart",
      children: group.map(({ name, incarnation }) => ({ name, incarnation })),
      delayMs: retry === undefined ? child.backoff.next(nowMs, random) : child.backoff.waitBefore(retry, random),
    };
  }

  #stop(child: Child, error: unknown): Decision {
    const group = this.#groupOf(child).reverse();
    for (const member of group) member.phase = "stopping";
    return { kind: "stop", children: group.map(({ name }) => name), error };
  }

  #escalate(child: Child, reason: string, error: unknown): Decision {
    child.phase = "escalated";
    return { kind: "escalate", error: new EscalatedError(child.name, reason, error) };
  }

  /** Whom the failure of a child moves, in start order. Those being stopped stay out of it. */
  #groupOf(child: Child): Child[] {
    const children = [...this.#children.values()];
    const group = reach[this.#policy.strategy](children, children.indexOf(child));
    return group.filter(({ phase }) => phase !== "stopping");
  }
}

const reach: Readonly<Record<SupervisionPolicy["strategy"], (children: Child[], index: number) => Child[]>> = {
  "one-for-one": (children, index) => children.slice(index, index + 1),
  "rest-for-one": (children, index) => children.slice(index),
  "all-for-one": (children) => children,
};
