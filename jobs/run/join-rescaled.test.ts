import { expect, test } from "vitest";
import {
  encodeDelta,
  instanceOfKey,
  intervalJoin,
  mergedEntries,
  type OperatorSpec,
  sliding,
  windowJoin,
} from "../../actors/index.ts";
import { OperatorHarness } from "../testing/index.ts";
import { regroupedState } from "../upgrade/regrouped-state.ts";

const join = (left: string | undefined, right: string | undefined) => `${left ?? "-"} ${right ?? "-"}`;
const keys = Array.from({ length: 40 }, (_, number) => `key ${number}`);
const standing = { position: undefined, ended: false, watermark: Number.NEGATIVE_INFINITY };

async function opened(spec: OperatorSpec, parallelism: number, deltas: readonly (readonly Uint8Array[])[] = []) {
  const starts = Array.from({ length: parallelism }, (_, instance) => mergedEntries(deltas[instance] ?? []));
  return Promise.all(
    starts.map((entries) =>
      OperatorHarness.open<string>(spec, { guarantee: "exactly-once", restore: { entries, epoch: 1 } }),
    ),
  );
}

type Instances = Awaited<ReturnType<typeof opened>>;

function feed(instances: Instances, side: "left" | "right", time: number): void {
  for (const key of keys) {
    const instance = instances[instanceOfKey(key, instances.length)];
    instance?.feed([{ value: `${side} ${key} ${time}`, time, key }], side === "left" ? 0 : 1);
  }
}

const results = (instances: Instances) =>
  instances.flatMap((instance) => instance.values().map((value) => JSON.stringify(value)));

/** All results, with the parallelism changed between the events of the left side and those of the right one. */
async function run(spec: OperatorSpec, before: number, now: number): Promise<readonly string[]> {
  const first = await opened(spec, before);
  feed(first, "left", 100);
  feed(first, "right", 105);
  for (const instance of first) instance.watermark(112);
  const stored = await Promise.all(
    first.map(async (instance) => ({ ...standing, deltas: [encodeDelta("join", await instance.barrier(1))] })),
  );

  const second = await opened(spec, now, regroupedState("join", stored, now));
  for (const instance of second) instance.watermark(112);
  feed(second, "right", 115);
  feed(second, "left", 150);
  for (const instance of second) await instance.end();
  return [...results(first), ...results(second)].sort();
}

test.each<[string, OperatorSpec]>([
  ["interval", intervalJoin({ lower: -5, upper: 20 }, join, { type: "full" })],
  ["sliding window", windowJoin(sliding(20, 10), join, { type: "full" })],
])("the results of a join by %s are those of one instance, however many go on from a checkpoint", async (_, spec) => {
  const expected = await run(spec, 1, 1);

  expect(expected.length).toBeGreaterThan(2 * keys.length);
  for (const [before, now] of [
    [1, 4],
    [4, 1],
    [2, 7],
    [7, 3],
  ] as const) {
    expect(await run(spec, before, now)).toEqual(expected);
  }
});
