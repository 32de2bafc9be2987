/** Rows that run out: they are deleted so long behind the last event of their key, and whatever knows of them is told. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import { mergedEntries } from "../epochs/merged-state.ts";
import { encodeDelta } from "../epochs/state-delta.ts";
import { timersPerKeyMax } from "../limits.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import type { Change } from "./change.ts";
import { changedRows, type TableLife, tableRows } from "./table-rows.ts";

interface Reading {
  readonly degrees: number | null;
}

/** A table of readings, made again from its state whenever a test says so. */
class Rows {
  readonly #life: TableLife;
  readonly #clock = new VirtualClock(0);
  readonly #deltas: Uint8Array[] = [];
  #told: string[] = [];
  harness!: OperatorHarness<Reading, Change<Reading>>;

  static async open(life: TableLife): Promise<Rows> {
    const rows = new Rows(life);
    await rows.#open();
    return rows;
  }

  private constructor(life: TableLife) {
    this.#life = life;
  }

  give(key: string, degrees: number | null, time?: number): void {
    const value = { degrees };
    this.harness.feed([time === undefined ? { key, value } : { key, value, time }]);
  }

  async restart(): Promise<void> {
    this.#told = this.told();
    this.#deltas.push(encodeDelta("table", await this.harness.barrier(this.#deltas.length + 1)));
    const { watermarkTime } = this.harness.context;
    await this.#open();
    this.harness.context.watermarkTime = watermarkTime;
    await this.harness.step();
  }

  /** `insert a @ 1000`, in order. */
  told(): string[] {
    const results = this.harness.results().main ?? [];
    return [
      ...this.#told,
      ...results.map(({ value, time }) => `${kindAndKey(value)}${time === undefined ? "" : ` @ ${time}`}`),
    ];
  }

  async #open(): Promise<void> {
    const row = (reading: Reading) => (reading.degrees === null ? null : reading);
    const restore = { entries: mergedEntries(this.#deltas), epoch: this.#deltas.length };
    this.harness = await OperatorHarness.open(tableRows(row, this.#life), {
      clock: this.#clock,
      guarantee: "exactly-once",
      restore,
    });
  }
}

function kindAndKey(value: unknown): string {
  const { kind, key } = value as Change;
  return `${kind} ${key}`;
}

describe.each([false, true])("restarted: %s", (restarts) => {
  const pause = async (rows: Rows) => {
    if (restarts) await rows.restart();
  };

  test("by event time a row is deleted when nothing has written it for so long", async () => {
    const rows = await Rows.open({ ttl: 100, ttlTime: "event" });
    rows.give("a", 1, 1_000);
    rows.give("b", 1, 1_000);
    await pause(rows);
    rows.give("a", 2, 1_060);
    // Out of order, and the same row: neither lets it live shorter.
    rows.give("a", 2, 1_010);
    rows.harness.watermark(1_099);
    await pause(rows);
    expect(rows.told()).toEqual(["insert a @ 1000", "insert b @ 1000", "update a @ 1060"]);

    rows.harness.watermark(1_100);
    rows.harness.watermark(1_159);
    expect(rows.told().slice(3)).toEqual(["delete b @ 1100"]);
    await pause(rows);

    rows.harness.watermark(1_160);
    rows.give("a", 3, 1_170);
    expect(rows.told().slice(4)).toEqual(["delete a @ 1160", "insert a @ 1170"]);
  });

  test("by the wall clock, too, without event time", async () => {
    const rows = await Rows.open({ ttl: "1s" });
    rows.give("a", 1);
    await rows.harness.advance(600);
    rows.give("a", 1);
    await pause(rows);
    await rows.harness.advance(600);
    expect(rows.told()).toEqual(["insert a"]);

    await rows.harness.advance(400);

    expect(rows.told()).toEqual(["insert a", "delete a"]);
  });

  test("a row that was deleted and came again lives for all of its time", async () => {
    const rows = await Rows.open({ ttl: 100, ttlTime: "event" });
    rows.give("a", 1, 1_000);
    rows.give("a", null, 1_010);
    rows.give("a", 1, 1_050);
    await pause(rows);
    rows.harness.watermark(1_149);
    expect(rows.told()).toEqual(["insert a @ 1000", "delete a @ 1010", "insert a @ 1050"]);

    rows.harness.watermark(1_150);
    rows.harness.watermark(1_500);

    expect(rows.told().slice(3)).toEqual(["delete a @ 1150"]);
  });
});

test("a key that is deleted and comes again has one timer, however often that is", async () => {
  const times = timersPerKeyMax + 10;
  const rows = await Rows.open({ ttl: 1_000_000, ttlTime: "event" });
  for (let round = 0; round < times; round += 1) {
    rows.give("a", round, round);
    if (round < times - 1) rows.give("a", null, round);
  }
  expect(rows.harness.deadLetters).toEqual([]);

  rows.harness.watermark(1_000_000 + times - 2);
  expect(rows.told()).toHaveLength(2 * times - 1);
  rows.harness.watermark(1_000_000 + times - 1);
  expect(rows.told().slice(2 * times - 1)).toEqual([`delete a @ ${1_000_000 + times - 1}`]);
});

test("by event time nothing depends on where batches end", async () => {
  const disorder = 40;
  const events = fc.array(
    fc.record({
      key: fc.constantFrom("a", "b"),
      behind: fc.integer({ min: 0, max: disorder }),
      stride: fc.constantFrom(0, 1, 30, 99, 100, 101, 250),
      degrees: fc.constantFrom(1, 2, null),
    }),
    { maxLength: 40, size: "max" },
  );
  const told = async (readings: readonly (readonly [string, number | null, number])[], lengths: readonly number[]) => {
    const rows = await Rows.open({ ttl: 100, ttlTime: "event" });
    let newest = 0;
    for (let from = 0, batch = 0; from < readings.length; batch += 1) {
      const part = readings.slice(from, from + lengths[batch % lengths.length]!);
      from += part.length;
      rows.harness.feed(part.map(([key, degrees, time]) => ({ key, time, value: { degrees } })));
      newest = Math.max(newest, ...part.map(([, , time]) => time));
      rows.harness.watermark(newest - disorder - 1);
    }
    expect(rows.harness.deadLetters).toEqual([]);
    const all = rows.told();
    return ["a", "b"].map((key) => all.filter((text) => text.split(" ")[1] === key));
  };

  await fc.assert(
    fc.asyncProperty(
      events,
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
      async (drawn, lengths) => {
        let newest = 1_000;
        const readings = drawn.map(({ key, behind, stride, degrees }) => {
          newest += stride;
          return [key, degrees, newest - behind] as const;
        });
        expect(await told(readings, lengths)).toEqual(await told(readings, [1]));
        expect(await told(readings, [drawn.length + 1])).toEqual(await told(readings, [1]));
      },
    ),
    { numRuns: 200, seed: 1 },
  );
});

test("a delete by the wall clock is not late in a table with event time", async () => {
  const rows = await Rows.open({ ttl: "1s" });
  rows.give("a", 1, 5_000);
  rows.give("b", 1, 9_000);
  rows.harness.watermark(7_000);

  await rows.harness.advance(1_000);

  expect(rows.told().slice(2)).toEqual(["delete a @ 7001", "delete b @ 9000"]);
});

test("the end of the input lets nothing run out", async () => {
  const rows = await Rows.open({ ttl: 100, ttlTime: "event" });
  rows.give("a", 1, 1_000);

  await rows.harness.end();

  expect(rows.told()).toEqual(["insert a @ 1000"]);
});

test("an event without event time fails where rows live by it, and changes nothing", async () => {
  const rows = await Rows.open({ ttl: 100, ttlTime: "event" });
  rows.give("a", 1);

  expect(rows.harness.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_STATE_TTL" } }]);
  expect(rows.told()).toEqual([]);
});

test.each<object>([{ ttl: 0 }, { ttlTime: "event" }, { ttl: "1s", ttlTime: "wall" }, { ttl: "1s", ttlFrom: "read" }])(
  "%j is refused",
  (life) => {
    expect(() => tableRows((row) => row, life)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
    expect(() => changedRows(life)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  },
);
