import { describe, expect, test } from "vitest";
import { sparesAfterDeath, sparesAfterDeathMs } from "../limits.ts";
import { SparePlan, type ThreadCounts } from "./spare-plan.ts";

const hosts = 2;
const calm: ThreadCounts = { all: 3, starting: 0, preparing: 0, waiting: 0 };

function planAfterDeath(): SparePlan {
  const plan = new SparePlan(hosts);
  plan.died(0);
  return plan;
}

describe("without a death", () => {
  test.each<[string, Partial<ThreadCounts>, string]>([
    ["threads for the hosts are started at once, together", { all: 1, starting: 1 }, "start"],
    ["a spare waits for threads that start", { all: 2, starting: 1 }, "wait"],
    ["a spare waits for threads that load modules", { all: 2, preparing: 1 }, "wait"],
    ["a spare is started when nothing is loaded", { all: 2 }, "start"],
    ["one spare is enough", {}, "none"],
    ["a host that waits gets a thread, whatever else is loaded", { preparing: 2, waiting: 1 }, "start"],
    ["a thread that starts is for the host that waits", { starting: 1, waiting: 1 }, "none"],
  ])("%s", (_name, counts, next) => {
    expect(new SparePlan(hosts).next({ ...calm, ...counts }, 0, false)).toBe(next);
  });

  test("a spare that has been missing for long does not wait for what others load", () => {
    expect(new SparePlan(hosts).next({ ...calm, all: 2, preparing: 1 }, 0, true)).toBe("start");
  });
});

describe("after a death", () => {
  test("the spare that took over is replaced when what lived there has recovered", () => {
    const plan = planAfterDeath();
    expect(plan.next({ ...calm, all: 2 }, 0, false)).toBe("wait");

    plan.recovered();

    expect(plan.next({ ...calm, all: 2 }, 0, false)).toBe("start");
  });

  test("it is replaced at the latest when it has been missing for long", () => {
    expect(planAfterDeath().next({ ...calm, all: 2 }, 0, true)).toBe("start");
  });

  test("a further spare is kept for a while, and started behind the first", () => {
    const plan = planAfterDeath();
    plan.recovered();

    expect(plan.spares(sparesAfterDeathMs - 1)).toBe(sparesAfterDeath);
    expect(plan.next({ ...calm, preparing: 1 }, 0, false)).toBe("wait");
    expect(plan.next(calm, 0, false)).toBe("start");
    expect(plan.next({ ...calm, all: hosts + sparesAfterDeath }, 0, false)).toBe("none");
    expect(plan.next(calm, sparesAfterDeathMs, false)).toBe("none");
  });

  test("the while begins anew with each death", () => {
    const plan = planAfterDeath();

    plan.died(sparesAfterDeathMs);

    expect(plan.spares(2 * sparesAfterDeathMs - 1)).toBe(sparesAfterDeath);
    expect(plan.spares(2 * sparesAfterDeathMs)).toBe(1);
  });
});
