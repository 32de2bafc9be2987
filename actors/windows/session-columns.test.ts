/** Sessions of many keys, of which most come once: their numbers are given anew, and what is stored of them is gone when they are. */

import { expect, test } from "vitest";
import { count } from "../aggregates/totals.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { withObjectKeysMax } from "../state/packed/object-keys.ts";
import { OperatorHarness } from "../testing/index.ts";
import { session } from "./window-assigner.ts";
import { windowOperator } from "./window-operator.ts";
import type { KeyedWindowResult } from "./window-result.ts";

type Result = KeyedWindowResult<string, number>;

const rounds = 60;
const keysPerRound = 200;
const gapMs = 150;
const roundMs = 100;

/** In each round come keys that are new, and some that always come. */
function roundOf(round: number) {
  return Array.from({ length: keysPerRound }, (_, index) => {
    const isRegular = index % 20 === 0;
    return {
      value: index,
      time: round * roundMs + (index % roundMs),
      key: isRegular ? `regular ${index}` : `once ${round} ${index}`,
    };
  });
}

/** What a run has told, and what is stored at its end. */
async function run(objectKeysMax: number): Promise<{ told: readonly string[]; stored: ReadonlyMap<unknown, unknown> }> {
  return withObjectKeysMax(objectKeysMax, async () => {
    const spec = windowOperator(session(gapMs), count());
    let harness = await OperatorHarness.open<number, Result>(spec, { guarantee: "exactly-once" });
    const stored = new Map<string, StateEntry>();
    const told: string[] = [];
    const storedSessions = () => [...stored.values()].filter(([name]) => name === "sessions");
    for (let round = 0; round < rounds; round += 1) {
      harness.feed(roundOf(round));
      harness.watermark(round * roundMs);
      for (const entry of await harness.barrier(round + 1)) {
        if (entry[2]) stored.set(`${entry[0]} ${String(entry[1])}`, entry);
        else expect(stored.delete(`${entry[0]} ${String(entry[1])}`)).toBe(true);
      }
      if (round % 25 !== 24) continue;
      told.push(...harness.values().map(textOf));
      const restore = { entries: [...stored.values()], epoch: round + 1 };
      harness = await OperatorHarness.open<number, Result>(spec, { guarantee: "exactly-once", restore });
    }
    const { results } = await harness.end();
    told.push(...results.main!.map(({ value }) => textOf(value as Result)));
    return { told: told.toSorted(), stored: new Map(storedSessions().map(([, key, , value]) => [key, value])) };
  });
}

function textOf({ key, value, window: { start, end } }: Result): string {
  return `${key}: ${value} from ${start} to ${end}`;
}

test("keys that come once are told, and gone from the state, and those that stay are one session", async () => {
  const { told, stored } = await run(16_384);

  const lastTime = (rounds - 1) * roundMs;
  const regular = Array.from({ length: 10 }, (_, index) => 20 * index);
  const once = Array.from({ length: rounds }, (_, round) => roundOf(round).filter(({ key }) => key.startsWith("once")));
  expect(told).toEqual(
    [
      ...regular.map(
        (index) => `regular ${index}: ${rounds} from ${index % roundMs} to ${lastTime + (index % roundMs) + gapMs}`,
      ),
      ...once.flat().map(({ key, time }) => `${key}: 1 from ${time} to ${time + gapMs}`),
    ].toSorted(),
  );
  // Of those that came last none is over.
  expect(stored.size).toBeLessThan(3 * keysPerRound);
});

test.each([0, 5, 100])("it is the same where columns have no room for all of them: %i", async (objectKeysMax) => {
  const { told, stored } = await run(objectKeysMax);
  const all = await run(16_384);

  expect(told).toEqual(all.told);
  expect(new Map([...stored].toSorted())).toEqual(new Map([...all.stored].toSorted()));
});

test("what a key has again within an epoch is told behind what is gone, wherever either was kept", async () => {
  // Columns have room for one key.
  await withObjectKeysMax(0.25, async () => {
    const harness = await OperatorHarness.open<number>(windowOperator(session(10), count()), {
      guarantee: "exactly-once",
    });
    const feed = (...events: readonly (readonly [key: string, time: number])[]) =>
      harness.feed(events.map(([key, time]) => ({ value: 0, key, time })));
    const lastOfKeys = async (epoch: number) => {
      const entries = (await harness.barrier(epoch)).filter(([name]) => name === "sessions");
      return Object.fromEntries(entries.map(([, key, isPresent]) => [key, isPresent]));
    };

    feed(["in columns", 0], ["in a cell", 1]);
    expect(await lastOfKeys(1)).toEqual({ "in columns": true, "in a cell": true });
    harness.watermark(20);
    feed(["in a cell", 30], ["in columns", 30]);
    expect(await lastOfKeys(2)).toEqual({ "in columns": true, "in a cell": true });
    harness.watermark(50);
    expect(await lastOfKeys(3)).toEqual({ "in columns": false, "in a cell": false });
  });
});
