/** SupervisionPolicy: how failures of children are handled; options as users write them, checked and completed. */

import { type Duration, durationMs } from "../duration.ts";
import { OptionError, wholeNumber } from "../errors/option-error.ts";
import { checkNames, type OptionNames } from "../errors/option-names.ts";
import { messageRetriesDefault, messageRetriesMaxLimit, restartsMaxLimit } from "../limits.ts";
import type { BackoffSettings } from "./backoff.ts";
import { Decider, type SupervisionRule, type Verdict } from "./decider.ts";
import { type Directive, directives, type FailedMessageFate, failedMessageFates } from "./directive.ts";

/**
 * Which children a restart or a stop takes along: only the failed one; also those started after it; all.
 */
export type SupervisionStrategy = "one-for-one" | "rest-for-one" | "all-for-one";

export interface SupervisionOptions {
  /** Default `one-for-one`. */
  readonly strategy?: SupervisionStrategy;
  /** The first that matches the error decides. */
  readonly rules?: readonly SupervisionRule[];
  /** The directive when no rule matches, and what becomes of the message in hand. Default `restart`, `dead-letter`. */
  readonly otherwise?: Directive | { readonly directive: Directive; readonly message?: FailedMessageFate };
  /**
   * Restarts within a time: of each child under `one-for-one`, of the group under the other strategies.
   * Default 10 in "1m".
   */
  readonly restarts?: { readonly max?: number; readonly within?: Duration };
  /** What to do when the restarts are spent. Default `escalate`. */
  readonly whenSpent?: "escalate" | "stop";
  /**
   * Waits before restarts: the first is immediate, the second waits `min`, each further one `factor` times longer, at
   * most `max`, plus or minus a share `jitter` by chance; all over again after `resetAfter` without a failure.
   * Default "10ms", "10s", 2, 0.2, "30s".
   */
  readonly backoff?: {
    readonly min?: Duration;
    readonly max?: Duration;
    readonly factor?: number;
    readonly jitter?: number;
    readonly resetAfter?: Duration;
  };
  /** How often a message is tried again by the fate `retry` before it becomes a dead letter. Default 3. */
  readonly messageRetries?: number;
}

export const supervisionOptionNames: OptionNames<SupervisionOptions> = {
  strategy: true,
  rules: true,
  otherwise: true,
  restarts: true,
  whenSpent: true,
  backoff: true,
  messageRetries: true,
};

export interface SupervisionPolicy {
  readonly strategy: SupervisionStrategy;
  readonly decider: Decider;
  readonly restartsMax: number;
  readonly restartsWithinMs: number;
  readonly whenSpent: "escalate" | "stop";
  readonly backoff: BackoffSettings;
}

const strategies: readonly SupervisionStrategy[] = ["one-for-one", "rest-for-one", "all-for-one"];

/** Throws ERR_RT_OPTION for the name of an option that there is not. */
export function checkSupervisionNames(path: string, options: SupervisionOptions): void {
  checkNames(path, options, supervisionOptionNames);
}

/**
 * The policy that the options describe.
 *
 * @param path names the options in errors
 * @throws ERR_RT_OPTION
 */
export function supervisionPolicy(options: SupervisionOptions = {}, path = "supervision"): SupervisionPolicy {
  const { restarts = {} } = options;
  checkNames(`${path}.restarts`, restarts, { max: true, within: true });
  const messageRetriesMax = wholeNumber(
    `${path}.messageRetries`,
    options.messageRetries ?? messageRetriesDefault,
    0,
    messageRetriesMaxLimit,
  );
  const rules = (options.rules ?? []).map((rule, index) => checkRule(rule, `${path}.rules[${index}]`));
  return {
    strategy: oneOf(`${path}.strategy`, options.strategy ?? "one-for-one", strategies),
    decider: new Decider(rules, verdict(options.otherwise ?? "restart", `${path}.otherwise`), messageRetriesMax),
    restartsMax: wholeNumber(`${path}.restarts.max`, restarts.max ?? 10, 0, restartsMaxLimit),
    restartsWithinMs: positiveMs(restarts.within ?? "1m", `${path}.restarts.within`),
    whenSpent: oneOf(`${path}.whenSpent`, options.whenSpent ?? "escalate", ["escalate", "stop"] as const),
    backoff: backoffSettings(options.backoff ?? {}, `${path}.backoff`),
  };
}

function checkRule(rule: SupervisionRule, path: string): SupervisionRule {
  checkNames(path, rule, { when: true, directive: true, message: true, retry: true });
  if (typeof rule.when !== "function" && typeof rule.when !== "string") {
    throw new OptionError(`${path}.when`, rule.when, "an error class, an error code or a predicate");
  }
  oneOf(`${path}.directive`, rule.directive, directives);
  if (rule.message !== undefined) oneOf(`${path}.message`, rule.message, failedMessageFates);
  return rule;
}

function verdict(otherwise: NonNullable<SupervisionOptions["otherwise"]>, path: string): Verdict {
  const full: Exclude<typeof otherwise, Directive> =
    typeof otherwise === "string" ? { directive: otherwise } : otherwise;
  checkNames(path, full, { directive: true, message: true });
  const { directive, message = "dead-letter" } = full;
  return {
    directive: oneOf(path, directive, directives),
    message: oneOf(`${path}.message`, message, failedMessageFates),
  };
}

function backoffSettings(options: NonNullable<SupervisionOptions["backoff"]>, path: string): BackoffSettings {
  checkNames(path, options, { min: true, max: true, factor: true, jitter: true, resetAfter: true });
  const minMs = durationMs(options.min ?? "10ms", `${path}.min`);
  const maxMs = durationMs(options.max ?? Math.max(minMs, 10_000), `${path}.max`);
  if (maxMs < minMs) throw new OptionError(`${path}.max`, options.max, `at least min (${minMs} ms)`);
  return {
    minMs,
    maxMs,
    factor: numberWithin(`${path}.factor`, options.factor ?? 2, 1, 100),
    jitter: numberWithin(`${path}.jitter`, options.jitter ?? 0.2, 0, 1),
    resetAfterMs: positiveMs(options.resetAfter ?? "30s", `${path}.resetAfter`),
  };
}

function oneOf<T extends string>(path: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new OptionError(path, value, allowed.map((item) => `"${item}"`).join(" or "));
}

function numberWithin(path: string, value: number, min: number, max: number): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw new OptionError(path, value, `a number from ${min} to ${max}`);
}

function positiveMs(value: Duration, path: string): number {
  const ms = durationMs(value, path);
  if (ms > 0) return ms;
  throw new OptionError(path, value, "a duration longer than 0");
}
