/** What is told of a window when the aggregate fails in the middle of its results. */

import { expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import { collect } from "../aggregates/collected.ts";
import { OperatorHarness } from "../testing/index.ts";
import { session, tumbling } from "./window-assigner.ts";
import { windowOperator } from "./window-operator.ts";
import type { KeyedWindowResult } from "./window-result.ts";

test.each([
  ["tumbling", tumbling(10), 0],
  ["tumbling, with an allowed lateness", tumbling(10), 100],
  ["session", session(5), 0],
  ["session, with an allowed lateness", session(5), 100],
  ["session, of gaps that events say", session(() => 5), 0],
] as const)(
  "results in front of the one that fails are put out, and not told again, windows by %s",
  async (_, assigner, allowedLateness) => {
    const all = collect<number>();
    let failures = 1;
    const aggregate = {
      create: () => all.create(),
      add: (values: ReturnType<typeof all.create>, value: number) => all.add(values, value),
      merge: (into: ReturnType<typeof all.create>) => into,
      finish: (values: ReturnType<typeof all.create>) => {
        const found = all.finish(values);
        if (found[0] === 2 && failures-- > 0) throw new Error("not this one");
        return found;
      },
    };
    const harness = await OperatorHarness.open<number, KeyedWindowResult<string, number[]>>(
      windowOperator(assigner, aggregate as never, { allowedLateness }),
      { clock: new VirtualClock(0), guarantee: "exactly-once" },
    );
    harness.feed([1, 2, 3].map((value) => ({ value, time: 5, key: `k${value}` })));

    expect(() => harness.watermark(9)).toThrow("not this one");
    harness.watermark(10);

    expect(
      harness
        .values()
        .map(({ key, revision }) => `${key} ${revision}`)
        .toSorted(),
    ).toEqual(["k1 0", "k2 0", "k3 0"]);
  },
);
