import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvariantError } from "../assert.ts";
import { type SupervisionOptions, type SupervisionStrategy, supervisionPolicy } from "./supervision-policy.ts";
import { type Decision, SupervisorCore } from "./supervisor-core.ts";

const names = ["a", "b", "c", "d"];

/** A supervisor of running children. */
function supervisorOf(options: SupervisionOptions, children = names): SupervisorCore {
  const core = new SupervisorCore(supervisionPolicy(options));
  for (const name of children) {
    core.add(name);
    core.onStarted(name, 0);
  }
  return core;
}

function fail(
  core: SupervisorCore,
  name: string,
  { error = new Error("bad") as unknown, nowMs = 0, attempt = 1 } = {},
) {
  return core.onFailure(name, core.incarnationOf(name) ?? 0, { error, messageAttempt: attempt }, nowMs, 0.5);
}

/** In short: `restart c1 d1`, `stop d c`, `resume c`, `escalate`, `none`. */
function read(decision: Decision): string {
  switch (decision.kind) {
    case "restart":
      return `restart ${decision.children.map(({ name, incarnation }) => name + incarnation).join(" ")}`;
    case "stop":
      return `stop ${decision.children.join(" ")}`;
    case "resume":
      return `resume ${decision.child}`;
    default:
      return decision.kind;
  }
}

describe("how far a failure reaches", () => {
  test.each<[SupervisionStrategy, "resume" | "restart" | "stop" | "escalate", string]>([
    ["one-for-one", "resume", "resume b"],
    ["one-for-one", "restart", "restart b1"],
    ["one-for-one", "stop", "stop b"],
    ["one-for-one", "escalate", "escalate"],
    ["rest-for-one", "resume", "resume b"],
    ["rest-for-one", "restart", "restart b1 c1 d1"],
    ["rest-for-one", "stop", "stop d c b"],
    ["rest-for-one", "escalate", "escalate"],
    ["all-for-one", "resume", "resume b"],
    ["all-for-one", "restart", "restart a1 b1 c1 d1"],
    ["all-for-one", "stop", "stop d c b a"],
    ["all-for-one", "escalate", "escalate"],
  ])("under %s and %s: %s", (strategy, otherwise, expected) => {
    const core = supervisorOf({ strategy, otherwise });

    expect(read(fail(core, "b"))).toBe(expected);
  });

  test("a child that was added again starts behind the others", () => {
    const core = supervisorOf({ strategy: "rest-for-one" });
    core.remove("b");
    core.add("b", 5);

    expect(core.names).toEqual(["a", "c", "d", "b"]);
    expect(read(fail(core, "c"))).toBe("restart c1 d1 b6");
  });

  test("a child that is being stopped is left alone", () => {
    const core = supervisorOf({ strategy: "all-for-one" });
    core.onStopping("c");

    expect(read(fail(core, "c"))).toBe("none");
    expect(read(fail(core, "b"))).toBe("restart a1 b1 d1");
  });

  test("a failure of one that is no child any more changes nothing", () => {
    const core = supervisorOf({});
    core.remove("b");

    expect(read(fail(core, "b"))).toBe("none");
  });

  test("a failed start cannot be resumed, it is restarted", () => {
    const core = new SupervisorCore(supervisionPolicy({ otherwise: "resume" }));
    core.add("a");

    expect(read(fail(core, "a"))).toBe("restart a1");
    core.onStarted("a", 1);
    expect(read(fail(core, "a"))).toBe("resume a");
  });
});

describe("failures during a restart", () => {
  test("join it when they are of the incarnation it ends", () => {
    const core = supervisorOf({ strategy: "all-for-one", restarts: { max: 1 } });
    const decision = fail(core, "b");

    const late = ["a", "b", "b", "d"].map((name) =>
      core.onFailure(name, 0, { error: new Error("late"), messageAttempt: 1 }, 1, 0.5),
    );

    expect(late.map(read)).toEqual(["none", "none", "none", "none"]);
    expect(decision.kind === "restart" && decision.children.map((child) => core.restartDue(child))).toEqual(
      Array(4).fill("dead-letter"),
    );
  });

  test("say what becomes of their own message", () => {
    const core = supervisorOf({
      strategy: "all-for-one",
      rules: [{ when: "E_AGAIN", directive: "restart", message: "retry" }],
    });
    fail(core, "b");
    const error = Object.assign(new Error("again"), { code: "E_AGAIN" });

    core.onFailure("c", 0, { error, messageAttempt: 1 }, 1, 0.5);

    expect(["a", "b", "c"].map((name) => core.restartDue({ name, incarnation: 1 }))).toEqual([
      "dead-letter",
      "dead-letter",
      "retry",
    ]);
  });

  test("say so for good, also when the restart is extended", () => {
    const core = supervisorOf({ strategy: "rest-for-one", otherwise: { directive: "restart", message: "retry" } });
    fail(core, "c");
    core.onFailure("d", 0, { error: new Error("late"), messageAttempt: 1 }, 1, 0.5);

    fail(core, "b");

    expect(core.restartDue({ name: "d", incarnation: 2 })).toBe("retry");
  });

  test("change nothing once the new incarnation runs", () => {
    const core = supervisorOf({ rules: [{ when: TypeError, directive: "stop" }] });
    fail(core, "b");
    core.onStarted("b", 1);

    const late = core.onFailure("b", 0, { error: new TypeError("late"), messageAttempt: 1 }, 1, 0.5);

    expect(read(late)).toBe("none");
    expect(core.phaseOf("b")).toBe("running");
  });

  test("extend it when they reach further, and cancel what they take along", () => {
    const core = supervisorOf({ strategy: "rest-for-one" });
    fail(core, "c");

    const wider = fail(core, "b");

    expect(read(wider)).toBe("restart b1 c2 d2");
    expect(core.restartDue({ name: "c", incarnation: 1 })).toBeUndefined();
    expect(core.restartDue({ name: "c", incarnation: 2 })).toBe("dead-letter");
  });

  test("count again when they are of the new incarnation", () => {
    const core = supervisorOf({ restarts: { max: 2 } });

    expect([0, 1, 2].map(() => read(fail(core, "b")))).toEqual(["restart b1", "restart b2", "escalate"]);
  });

  test("still escalate when an assertion of the runtime failed", () => {
    const core = supervisorOf({ strategy: "all-for-one" });
    fail(core, "b");

    const late = core.onFailure("c", 0, { error: new InvariantError("broken"), messageAttempt: undefined }, 1, 0.5);

    expect(read(late)).toBe("escalate");
  });

  test("leave a child out that was stopped or removed before the restart was due", () => {
    const core = supervisorOf({ strategy: "all-for-one" });
    fail(core, "b");
    core.onStopping("a");
    core.remove("c");

    expect(names.map((name) => core.restartDue({ name, incarnation: 1 }))).toEqual([
      undefined,
      "dead-letter",
      undefined,
      "dead-letter",
    ]);
  });
});

describe("when the restarts are spent", () => {
  test("the failure is escalated with its cause", () => {
    const core = supervisorOf({ restarts: { max: 1, within: "1m" } });
    fail(core, "b");
    const error = new TypeError("again");

    const decision = fail(core, "b", { error });

    expect(decision).toMatchObject({ kind: "escalate", error: { code: "ERR_RT_ESCALATED", cause: error } });
    expect(decision.kind === "escalate" && decision.error.message).toContain("1 restarts in 60000 ms are spent");
    expect(read(fail(core, "b"))).toBe("none");
  });

  test("the child is stopped where the policy says so", () => {
    const core = supervisorOf({ restarts: { max: 0 }, whenSpent: "stop" });

    expect(read(fail(core, "b"))).toBe("stop b");
    expect(core.phaseOf("b")).toBe("stopping");
  });

  test("by one child, another still has its own under one-for-one", () => {
    const core = supervisorOf({ restarts: { max: 1 } });

    expect(["a", "a", "b"].map((name) => read(fail(core, name)))).toEqual(["restart a1", "escalate", "restart b1"]);
  });

  test("by one child, the group's are spent under all-for-one", () => {
    const core = supervisorOf({ strategy: "all-for-one", restarts: { max: 1 } });

    expect(["a", "b"].map((name) => read(fail(core, name)))).toEqual(["restart a1 b1 c1 d1", "escalate"]);
  });

  test("there are new ones when time has passed", () => {
    const core = supervisorOf({ restarts: { max: 1, within: "1s" } });

    expect([0, 1_000, 2_000].map((nowMs) => read(fail(core, "b", { nowMs })))).toEqual([
      "restart b1",
      "restart b2",
      "restart b3",
    ]);
  });
});

test("restarts wait longer the more of them follow each other", () => {
  const core = supervisorOf({ backoff: { jitter: 0 } });

  const delaysMs = [0, 0, 0, 0].map((nowMs) => {
    const decision = fail(core, "b", { nowMs });
    return decision.kind === "restart" ? decision.delayMs : undefined;
  });

  expect(delaysMs).toEqual([0, 10, 20, 40]);
});

test("a message is retried at most so often", () => {
  const core = supervisorOf({ otherwise: { directive: "resume", message: "retry" }, messageRetries: 2 });

  const fates = [1, 2, 3].map((attempt) => {
    const decision = fail(core, "b", { attempt });
    return decision.kind === "resume" ? decision.message : undefined;
  });

  expect(fates).toEqual(["retry", "retry", "dead-letter"]);
});

test("whatever happens, no child is lost, order is kept, incarnations rise and the budget holds", () => {
  const name = fc.constantFrom(...names);
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("fail"), name, stale: fc.boolean(), gapMs: fc.nat(400) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("started"), name }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("add"), name }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove"), name }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("stopping"), name }) },
  );
  const strategy = fc.constantFrom<SupervisionStrategy>("one-for-one", "rest-for-one", "all-for-one");
  const otherwise = fc.constantFrom("resume" as const, "restart" as const);
  const withinMs = 1_000;

  fc.assert(
    fc.property(strategy, otherwise, fc.nat(3), fc.array(step, { maxLength: 80 }), (how, directive, max, steps) => {
      const core = supervisorOf({ strategy: how, otherwise: directive, restarts: { max, within: withinMs } });
      const restarts: { readonly budget: object | string; readonly atMs: number }[] = [];
      let lives = new Map<string, object>(names.map((child) => [child, {}]));
      let nowMs = 0;

      for (const event of steps) {
        const before = new Map(core.names.map((child) => [child, core.incarnationOf(child) ?? -1]));
        if (event.kind === "started") core.onStarted(event.name, before.get(event.name) ?? 0);
        if (event.kind === "stopping") core.onStopping(event.name);
        if (event.kind === "remove") core.remove(event.name);
        if (event.kind === "add" && !core.has(event.name)) {
          core.add(event.name);
          lives = new Map(lives).set(event.name, {});
        }
        if (!("gapMs" in event)) continue;
        nowMs += event.gapMs;
        const phase = core.phaseOf(event.name);
        const incarnation = (before.get(event.name) ?? 0) - (event.stale ? 1 : 0);
        const failure = { error: new Error("bad"), messageAttempt: 1 };
        const decision = core.onFailure(event.name, incarnation, failure, nowMs, 0.5);

        const isDecided = phase === undefined || phase === "stopping" || phase === "escalated" || event.stale;
        expect(decision.kind === "none").toBe(isDecided);
        expect(core.names).toEqual([...before.keys()]);
        if (decision.kind === "restart") {
          const order = decision.children.map((child) => core.names.indexOf(child.name));
          expect(order).toEqual([...order].sort((left, right) => left - right));
          expect(decision.children.map((child) => child.name)).toContain(event.name);
          for (const child of decision.children) {
            expect(child.incarnation).toBe((before.get(child.name) ?? 0) + 1);
            expect(core.restartDue(child)).toBe("dead-letter");
          }
          restarts.push({ budget: how === "one-for-one" ? (lives.get(event.name) ?? "") : "group", atMs: nowMs });
        }
      }

      for (const { budget, atMs } of restarts) {
        const inWindow = restarts.filter(
          (other) => other.budget === budget && other.atMs >= atMs && other.atMs < atMs + withinMs,
        );
        expect(inWindow.length).toBeLessThanOrEqual(max);
      }
    }),
    { numRuns: 2_000 },
  );
});

describe("what was escalated and is handled by a restart after all", () => {
  test("is restarted in a new incarnation, and fails again like any other", () => {
    const core = supervisorOf({ otherwise: "escalate" });
    fail(core, "b");

    const restarting = core.restartEscalated("b");

    expect(restarting).toEqual({ name: "b", incarnation: 1 });
    expect(core.phaseOf("b")).toBe("starting");
    expect(restarting && core.restartDue(restarting)).toBe("dead-letter");
    core.onStarted("b", 1);
    expect(read(fail(core, "b"))).toBe("escalate");
  });

  test("is nobody who runs, stops or is unknown", () => {
    const core = supervisorOf({});
    core.onStopping("b");

    expect(["a", "b", "x"].map((name) => core.restartEscalated(name))).toEqual([undefined, undefined, undefined]);
  });
});
