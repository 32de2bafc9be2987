import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SourceSpec } from "../source.ts";
import { SourceHarness } from "../testing/source-harness.ts";
import { fromIterable } from "./from-iterable.ts";
import { generate } from "./generate.ts";
import { type ShareStanding, sharedOut, sourceAt } from "./source-shares.ts";

/** Reads so many batches of each instance; returns what was read and where all stand then. */
async function readOn(spec: SourceSpec<unknown>, from: readonly ShareStanding[], polls: readonly number[]) {
  const events: unknown[] = [];
  const standings: ShareStanding[] = [];
  for (const [instance, { position, ended }] of from.entries()) {
    if (ended) {
      standings.push({ position, ended });
      continue;
    }
    const options = { instance, parallelism: from.length, position };
    const harness = await SourceHarness.open(sourceAt(spec, position), options);
    let hasEnded = false;
    for (let poll = 0; poll < (polls[instance] ?? 0) && !hasEnded; poll += 1) hasEnded = harness.poll(3) === "end";
    events.push(...harness.events);
    standings.push({ position: harness.position(), ended: hasEnded });
    await harness.close();
  }
  return { events, standings };
}

const begin = (parallelism: number) =>
  Array.from({ length: parallelism }, (): ShareStanding => ({ position: undefined, ended: false }));

describe("a source whose parallelism changes again and again", () => {
  test("reads every event once, in the order of each share", async () => {
    const changes = fc.array(
      fc.record({
        parallelism: fc.integer({ min: 1, max: 7 }),
        polls: fc.array(fc.nat(4), { minLength: 7, maxLength: 7 }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), fc.nat(80), changes, async (first, eventCount, steps) => {
        const spec = generate({ count: eventCount });
        let standings = begin(first);
        const read: unknown[] = [];
        for (const { parallelism, polls } of steps) {
          const { events, standings: reached } = await readOn(spec, standings, polls);
          read.push(...events);
          standings = [...sharedOut(reached, parallelism)];
        }
        const { events, standings: last } = await readOn(
          spec,
          standings,
          standings.map(() => 1_000),
        );
        read.push(...events);

        expect(last.every(({ ended }) => ended)).toBe(true);
        expect([...read].sort((left, right) => Number(left) - Number(right))).toEqual(
          Array.from({ length: eventCount }, (_, index) => index),
        );
        for (let share = 0; share < first; share += 1) {
          const own = read.filter((index) => Number(index) % first === share).map(Number);
          expect(own).toEqual([...own].sort((left, right) => left - right));
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("reads as at first when there are as many instances as at first", async () => {
    const spec = fromIterable([0, 1, 2, 3, 4, 5, 6, 7]);
    const { standings } = await readOn(spec, begin(2), [1, 1]);

    const back = sharedOut(sharedOut(standings, 5), 2);

    expect(back).toEqual(standings);
  });
});

describe("instances without a share", () => {
  test("have ended from the start", () => {
    const standings = sharedOut(
      [
        { position: 4, ended: false },
        { position: 5, ended: true },
      ],
      3,
    );

    expect(standings.map(({ ended }) => ended)).toEqual([false, true, true]);
  });
});

test("an instance tells how much of its shares was read, and closes all of them", async () => {
  const [standing] = sharedOut((await readOn(generate({ count: 10 }), begin(2), [1, 0])).standings, 1);
  const harness = await SourceHarness.open(sourceAt(generate({ count: 10 }), standing?.position), {
    instance: 0,
    parallelism: 1,
    position: standing?.position,
  });

  harness.poll(1);
  harness.poll(1);

  expect(harness.events).toEqual([6, 1]);
  expect(harness.progress()).toEqual({ done: 5, total: 10, unit: "events" });
  await harness.close();
});

test("an instance tells the input of each of its shares what was taken of it", async () => {
  const told: unknown[] = [];
  const spec: SourceSpec<number> = {
    ...{ kind: "log", bounded: false, replayable: true, acknowledging: true },
    create: () => {
      let own = -1;
      let next = 0;
      return {
        open({ instance }, position) {
          own = instance;
          next = (position as number | undefined) ?? 0;
        },
        poll(output) {
          output.emit(next);
          next += 1;
          return "waiting";
        },
        position: () => next,
        acknowledge: async (position) => void told.push([own, position]),
      };
    },
  };
  const [standing] = sharedOut((await readOn(spec, begin(2), [1, 3])).standings, 1);
  const reader = sourceAt(spec, standing?.position).create();
  const { context } = await SourceHarness.open(spec, { instance: 0, parallelism: 1 });
  await reader.open(context, standing?.position);

  await reader.acknowledge?.(standing?.position);

  expect(told).toEqual([
    [0, 1],
    [1, 3],
  ]);
});
