/** Joins of many keys, whose rows are packed, are as those of few, whose rows are objects: at each step and in each checkpoint. */

import { expect, test } from "vitest";
import { SeededRandom } from "../../runtime/index.ts";
import { changedEntries } from "../epochs/state-delta.ts";
import type { OperatorSpec } from "../operator.ts";
import { MapChange } from "../state/map-change.ts";
import { withObjectKeysMax } from "../state/packed/object-keys.ts";
import { TestContext } from "../testing/test-context.ts";
import { session, sliding, tumbling } from "../windows/window-assigner.ts";
import type { JoinStep } from "./fixtures/join-reference.ts";
import { JoinTrial } from "./fixtures/join-trial.ts";
import { intervalJoin } from "./interval-join.ts";
import type { JoinOptions } from "./join-logic.ts";
import { windowJoin } from "./window-join.ts";

type SpecOf = (options: JoinOptions) => OperatorSpec;

const pair = (left: unknown, right: unknown): unknown => {
  if (left === "poison" || right === "poison") throw new RangeError("no pair");
  return [left, right];
};

const joins: readonly (readonly [string, SpecOf])[] = [
  ["intervals", (options) => intervalJoin({ lower: -5, upper: 9 }, pair, options)],
  ["intervals of one moment", (options) => intervalJoin({ lower: 0, upper: 0 }, pair, options)],
  ["no bounds", () => intervalJoin({ lower: -Infinity, upper: Infinity }, pair, { rowsPerKeyMax: 150 })],
  ["windows", (options) => windowJoin(tumbling(10), pair, options)],
  ["windows that overlap", (options) => windowJoin(sliding(12, 5), pair, options)],
  ["sessions", (options) => windowJoin(session(4), pair, options)],
];

const long = "€".repeat(12_000);
/** What a row may be: one has more bytes than are packed. */
const valuesOf = [1.5, "text", { of: "plain data", at: [1, 2] }, 12n, new Date(5), null, "poison", long] as const;
const types = ["inner", "left", "right", "full"] as const;

/** What comes, so that most keys have a row or two, some none, and one has more than are packed. */
function stepsOf(random: SeededRandom): readonly (JoinStep | { readonly kind: "type"; readonly type: number })[] {
  const steps: (JoinStep | { readonly kind: "type"; readonly type: number })[] = [];
  let now = 0;
  const event = (key: string): JoinStep => {
    const value = valuesOf[Math.floor(random.next() * valuesOf.length)] as string;
    return {
      kind: "event",
      side: random.next() < 0.5 ? 0 : 1,
      key,
      time: now + Math.floor(random.next() * 20) - 3,
      value,
    };
  };
  for (let count = 0; count < 150; count += 1) {
    const luck = random.next();
    if (luck < 0.8) steps.push(event(`k${Math.floor(random.next() * 20)}`));
    else if (luck < 0.92) {
      now += Math.floor(random.next() * 6);
      steps.push({ kind: "watermark", time: now, isIdle: false });
    } else if (luck < 0.97) steps.push({ kind: "restore" });
    else if (luck < 0.98) steps.push({ kind: "type", type: Math.floor(random.next() * types.length) });
  }
  for (let more = 0; more < 135; more += 1)
    steps.splice(60, 0, { kind: "event", side: 0, key: "much", time: 30, value: "much" });
  return [...steps, { kind: "watermark", time: now + 100, isIdle: false }];
}

for (const keysMax of [0, 1, 5]) {
  test.each(joins)(`of %s: rows packed from ${keysMax} keys on are as objects, over restarts`, async (_, specOf) => {
    for (let seed = 1; seed <= 2; seed += 1) {
      const random = new SeededRandom(seed * 31 + keysMax);
      let type = types[seed % types.length]!;
      const inForm = <R>(form: number, run: () => Promise<R>) => (form === 0 ? withObjectKeysMax(keysMax, run) : run());
      const open = () => JoinTrial.open(specOf({ type, rowsPerKeyMax: 150 }));
      const trials = [await inForm(0, open), await inForm(1, open)] as const;
      for (const step of stepsOf(random)) {
        const seen: unknown[] = [];
        for (const [form, trial] of trials.entries()) {
          seen.push(
            await inForm(form, async () => {
              if (step.kind === "event" || step.kind === "watermark") return shown(await trial.step(step), trial);
              const before = [trial.late, shown([], trial)];
              const entries = await trial.entries();
              if (step.kind === "type") type = types[step.type]!;
              await trial.restore(specOf({ type, rowsPerKeyMax: 150 }));
              return [before, new Map(entries.map((entry) => [`${entry[0]} ${String(entry[1])}`, entry]))];
            }),
          );
        }
        expect(seen[0]).toEqual(seen[1]);
      }
    }
  });
}

/** What has come of a step, those of one moment in any order; and what was given up last. */
function shown(results: Awaited<ReturnType<JoinTrial["step"]>>, { harness }: JoinTrial): unknown {
  const { deadLetters } = harness;
  const lines = results.map(({ value, time }) => `${time} ${JSON.stringify(value, plain)}`);
  return [lines.sort(), deadLetters.length, String(deadLetters.at(-1)?.error)];
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  return value === long ? long.length : value;
}

test.each(joins)(
  "of %s: rows of many keys leave the heap and are counted; a snapshot says what changed",
  async (_, specOf) => {
    await withObjectKeysMax(8, async () => {
      const logic = specOf({}).create();
      await logic.open?.(new TestContext());
      logic.restore?.([], 0);
      const keys = Array.from({ length: 500 }, (_, index) => `key ${index}`);
      const values = keys.map((key) => ({ key, text: "some text" }));
      const output = { begin: () => {}, emit: () => {} } as never;
      logic.onBatch({ values, keys, times: keys.map(() => 5) }, 0, 500, output);
      expect(logic.stateSize?.().pieces).toBeGreaterThanOrEqual(500);
      logic.snapshot?.(1);
      // A time has nine bytes, a value some twenty.
      expect(logic.stateSize?.().packedBytes).toBeGreaterThan(500 * 30);
      logic.onBatch({ values: ["more"], keys: ["key 7"], times: [6] }, 0, 1, output);
      const told = changedEntries(logic.snapshot?.(2) ?? []).map(([name, key, , value]) => [name, key, value]);
      expect(told).toEqual([["left rows", "key 7", new MapChange(new Set(), new Map([[1, [6, "more"]]]))]]);
    });
  },
);
