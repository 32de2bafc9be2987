/**
 * Joins of a stream with a table against their rules: random events and versions of rows, in disorder and late, idle inputs, and operators that
 * are thrown away and made again from their state.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { joinSteps } from "../joins/fixtures/join-steps.ts";
import { JoinTrial } from "../joins/fixtures/join-trial.ts";
import type { HarnessResult } from "../testing/harness-output.ts";
import type { Change } from "./change.ts";
import { streamAsOfJoin } from "./stream-as-of-join.ts";
import { streamTableJoin } from "./stream-table-join.ts";

interface Version {
  readonly key: string;
  readonly time: number;
  /** Undefined for a row that was deleted. */
  readonly row: string | undefined;
}

const steps = joinSteps({ keys: ["a", "b"], timeMax: 60, watermarkMax: 70, watermarks: 3, lengthMax: 50 });
const pair = (event: string, row: string | undefined) => `${event} ${row ?? "-"}`;
const shown = (results: readonly HarnessResult[]) => results.map(({ value, time }) => `${value} @${time}`).toSorted();

/** Every fourth version deletes its row. */
function versionOf({
  key,
  time,
  value,
}: {
  readonly key: string;
  readonly time: number;
  readonly value: string;
}): Version {
  return { key, time, row: value.endsWith("3") || value.endsWith("7") ? undefined : value };
}

function changeOf({ key, row }: Version): Change {
  return row === undefined ? { kind: "delete", key, before: "" } : { kind: "insert", key, after: row };
}

test.each(["inner", "left"] as const)("an event meets the row that is there when it comes: %s", async (type) => {
  await fc.assert(
    fc.asyncProperty(steps, async (drawn) => {
      const trial = await JoinTrial.open(streamTableJoin(type, pair));
      const rows = new Map<string, string | undefined>();
      for (const step of drawn) {
        const expected: string[] = [];
        if (step.kind === "event" && step.side === 1) {
          const version = versionOf(step);
          rows.set(step.key, version.row);
          trial.harness.feed([{ value: changeOf(version) as never, key: step.key, time: step.time }], 1);
        } else if (step.kind === "event") {
          const row = rows.get(step.key);
          if (row !== undefined || type === "left") expected.push(`${pair(step.value, row)} @${step.time}`);
          await trial.step(step).then((results) => expect(shown(results)).toEqual(expected));
        } else {
          await trial.step(step);
        }
        expect(trial.take()).toEqual([]);
      }
    }),
    { numRuns: 100, seed: 3 },
  );
});

test.each(["inner", "left"] as const)("an event meets the row as of its own time: %s", async (type) => {
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(0, 5, 30, 1_000), async (drawn, retentionMs) => {
      const trial = await JoinTrial.open(streamAsOfJoin(type, retentionMs, pair));
      const versions: Version[] = [];
      let waiting: { readonly key: string; readonly time: number; readonly value: string }[] = [];
      let watermark = Number.NEGATIVE_INFINITY;
      const late: unknown[] = [];
      let lateBefore: readonly unknown[] = [];
      const joined = ({ key, time, value }: (typeof waiting)[number]) => {
        // The newest at or before its time; of those of one time the one that came last.
        const own = versions.filter((version) => version.key === key && version.time <= time);
        const row = own.toSorted((one, other) => one.time - other.time).at(-1)?.row;
        return row === undefined && type === "inner" ? [] : [`${pair(value, row)} @${time}`];
      };
      for (const step of [...drawn, { kind: "watermark", time: 2_000 } as const]) {
        const expected: string[] = [];
        if (step.kind === "restore") {
          lateBefore = [...lateBefore, ...trial.late];
        } else if (step.kind === "watermark") {
          watermark = Math.max(watermark, step.time);
          for (const event of waiting.filter(({ time }) => time <= watermark)) expected.push(...joined(event));
          waiting = waiting.filter(({ time }) => time > watermark);
        } else if (step.time < watermark - retentionMs) {
          late.push(step.side === 0 ? step.value : changeOf(versionOf(step)));
        } else if (step.side === 1) {
          versions.push(versionOf(step));
        } else if (step.time <= watermark) {
          expected.push(...joined(step));
        } else {
          waiting.push(step);
        }

        let results: readonly HarnessResult[];
        if (step.kind === "event" && step.side === 1) {
          trial.harness.feed([{ value: changeOf(versionOf(step)) as never, key: step.key, time: step.time }], 1);
          results = trial.take();
        } else {
          results = await trial.step(step);
        }

        expect(shown(results)).toEqual(expected.toSorted());
      }
      expect([...lateBefore, ...trial.late]).toEqual(late);
      // What nobody can ask for any more is gone: of each key its newest version is left, unless it says that there is no row.
      const kept = (await trial.entries()).filter(([name]) => name === "versions");
      expect(kept.length).toBeLessThanOrEqual(2);
      for (const [, , , value] of kept) expect((value as readonly unknown[]).length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 150, seed: 3 },
  );
});
