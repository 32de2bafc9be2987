import { describe, expect, test } from "vitest";
import { InvariantError } from "../assert.ts";
import { OptionError } from "../errors/option-error.ts";
import { fromWire, toWire } from "../errors/wire-error.ts";
import { EscalatedError } from "./escalated-error.ts";
import { type SupervisionOptions, supervisionPolicy } from "./supervision-policy.ts";

const decide = (options: SupervisionOptions, error: unknown, messageAttempt?: number) =>
  supervisionPolicy(options).decider.decide({ error, messageAttempt });

test("without options a policy is the documented one", () => {
  const { decider, ...policy } = supervisionPolicy();

  expect(policy).toEqual({
    strategy: "one-for-one",
    restartsMax: 10,
    restartsWithinMs: 60_000,
    whenSpent: "escalate",
    backoff: { minMs: 10, maxMs: 10_000, factor: 2, jitter: 0.2, resetAfterMs: 30_000 },
  });
  expect(decider.decide({ error: new Error("any"), messageAttempt: 1 })).toEqual({
    directive: "restart",
    message: "dead-letter",
  });
});

describe("options that are not allowed are refused by their path", () => {
  test.each([
    [{ strategy: "none-for-all" }, "supervision.strategy"],
    [{ otherwise: "ignore" }, "supervision.otherwise"],
    [{ otherwise: { directive: "restart", message: "lose" } }, "supervision.otherwise.message"],
    [{ restarts: { max: -1 } }, "supervision.restarts.max"],
    [{ restarts: { within: 0 } }, "supervision.restarts.within"],
    [{ restarts: { within: "soon" } }, "supervision.restarts.within"],
    [{ whenSpent: "retry" }, "supervision.whenSpent"],
    [{ backoff: { min: "1s", max: "10ms" } }, "supervision.backoff.max"],
    [{ backoff: { factor: 0.5 } }, "supervision.backoff.factor"],
    [{ backoff: { jitter: 2 } }, "supervision.backoff.jitter"],
    [{ backoff: { jitter: Number.NaN } }, "supervision.backoff.jitter"],
    [{ messageRetries: 1.5 }, "supervision.messageRetries"],
    [{ rules: [{ when: 5, directive: "stop" }] }, "supervision.rules[0].when"],
    [{ rules: [{ when: "E", directive: "halt" }] }, "supervision.rules[0].directive"],
    [{ rules: [{ when: "E", directive: "stop", message: "lose" }] }, "supervision.rules[0].message"],
  ])("%o", (options, path) => {
    const making = () => supervisionPolicy(options as SupervisionOptions);

    expect(making).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION", details: expect.objectContaining({ path }) }),
    );
  });
});

describe("a decider", () => {
  const rules = [
    { when: OptionError, directive: "stop" },
    { when: "ERR_POISON", directive: "resume", message: "drop" },
    { when: (error) => error === "late", directive: "escalate" },
    { when: TypeError, directive: "restart", message: "retry" },
    { when: Error, directive: "resume" },
  ] as const satisfies NonNullable<SupervisionOptions["rules"]>;

  test.each([
    ["a class", new OptionError("a", 1, "2"), "stop", "dead-letter"],
    ["a code", Object.assign(new Error("poison"), { code: "ERR_POISON" }), "resume", "drop"],
    ["a predicate", "late", "escalate", "dead-letter"],
    ["the first of two that match", new TypeError("bad"), "restart", "retry"],
    ["a base class", new RangeError("bad"), "resume", "dead-letter"],
    ["none", "something else", "restart", "dead-letter"],
  ] as const)("follows the rule by %s, also for an error of another thread", (_, error, directive, message) => {
    expect(decide({ rules }, error, 1)).toEqual({ directive, message });
    if (error instanceof Error) expect(decide({ rules }, fromWire(toWire(error)), 1)).toEqual({ directive, message });
  });

  test("retries a message so often, then makes it a dead letter", () => {
    const fates = [1, 2, 3].map(
      (attempt) => decide({ rules, messageRetries: 2 }, new TypeError("bad"), attempt).message,
    );

    expect(fates).toEqual(["retry", "retry", "dead-letter"]);
  });

  test("has no message to decide about when none was in hand", () => {
    expect(decide({ rules }, new TypeError("bad")).message).toBe("drop");
  });

  test("matches what an escalated failure was caused by, but not the causes of other errors", () => {
    const root = new OptionError("a", 1, "2");

    expect(decide({ rules }, new EscalatedError("b", "c", new EscalatedError("a", "b", root))).directive).toBe("stop");
    expect(decide({ rules }, new Error("other", { cause: root })).directive).toBe("resume");
  });

  test("escalates a failed assertion whatever the rules say, through every supervisor", () => {
    const error = new InvariantError("broken");
    const options: SupervisionOptions = { rules: [{ when: Error, directive: "resume" }], otherwise: "resume" };

    expect(decide(options, error).directive).toBe("escalate");
    expect(decide(options, fromWire(toWire(error))).directive).toBe("escalate");
    expect(decide(options, fromWire(toWire(new EscalatedError("a", "b", error)))).directive).toBe("escalate");
  });
});
