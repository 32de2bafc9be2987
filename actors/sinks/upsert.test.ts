import { describe, expect, test } from "vitest";
import { commitBackoffMsMax } from "../limits.ts";
import { OperatorHarness, type OperatorHarnessOptions } from "../testing/operator-harness.ts";
import type { CommitInfo } from "../transactions/transactional-writer.ts";
import { type UpsertOptions, upsert } from "./upsert.ts";

interface Total {
  readonly city: string;
  readonly count: number;
}

/** A table outside that remembers the newest call it has seen, and drops those that it has. */
class Outside {
  readonly rows = new Map<string, number>();
  readonly calls: string[] = [];
  #history = "";
  #newest: readonly [epoch: number, part: number] = [0, 0];
  /** Calls whose answer is lost, though they take effect. */
  lostAnswers = 0;

  async write(rows: readonly Total[], { history, epoch, part }: CommitInfo): Promise<void> {
    const [newestEpoch, newestPart] = this.#newest;
    const isNews = history !== this.#history || epoch > newestEpoch || (epoch === newestEpoch && part > newestPart);
    this.calls.push(`${epoch}.${part} ${isNews ? "new" : "again"}`);
    if (isNews) {
      this.#history = history;
      this.#newest = [epoch, part];
      for (const { city, count } of rows) this.rows.set(city, (this.rows.get(city) ?? 0) + count);
    }
    if (this.lostAnswers > 0) {
      this.lostAnswers -= 1;
      throw new Error("timed out");
    }
  }
}

function open(outside: Outside, options: OperatorHarnessOptions = {}, more: Partial<UpsertOptions<Total>> = {}) {
  const write = (rows: readonly Total[], about: CommitInfo) => outside.write(rows, about);
  const logger = { log: () => undefined };
  const spec = upsert<Total>({ key: ({ city }) => city, write, ...more });
  return OperatorHarness.open(spec, { guarantee: "exactly-once", logger, ...options });
}

const ulm = (count: number) => ({ city: "Ulm", count });
const bonn = (count: number) => ({ city: "Bonn", count });

describe("an upsert", () => {
  test("writes the newest event of each key, when the checkpoint is complete", async () => {
    const outside = new Outside();
    const harness = await open(outside);

    harness.feedValues([ulm(1), bonn(2), ulm(3)]);
    await harness.barrier(1);
    expect(outside.calls).toEqual([]);
    harness.complete(1);
    await harness.settle();

    expect([...outside.rows]).toEqual([
      ["Ulm", 3],
      ["Bonn", 2],
    ]);
  });

  test("writes again what may not have arrived, under the same name, so that the target can drop it", async () => {
    const outside = new Outside();
    outside.lostAnswers = 2;
    const harness = await open(outside);
    harness.feedValues([ulm(1)]);
    await harness.barrier(1);
    harness.complete(1);

    await harness.advance(commitBackoffMsMax);

    expect(outside.calls).toEqual(["1.0 new", "1.0 again", "1.0 again"]);
    expect(outside.rows.get("Ulm")).toBe(1);
  });

  test("writes what is in the checkpoint again after a restart, also when it had been written", async () => {
    const outside = new Outside();
    const dead = await open(outside);
    dead.feedValues([ulm(1)]);
    const entries = await dead.barrier(1);
    dead.complete(1);
    await dead.settle();

    const harness = await open(outside, { restore: { entries, epoch: 1 } });
    harness.feedValues([ulm(10)]);
    await harness.barrier(2);
    harness.complete(2);
    await harness.settle();

    expect(outside.calls).toEqual(["1.0 new", "1.0 again", "2.0 new"]);
    expect(outside.rows.get("Ulm")).toBe(11);
  });

  test("counts from the beginning under another name when it starts without a checkpoint", async () => {
    const outside = new Outside();
    for (const id of ["first", "second"]) {
      const harness = await open(outside, { random: { next: () => 0, id: () => id } });
      harness.feedValues([ulm(1)]);
      await harness.barrier(1);
      harness.complete(1);
      await harness.settle();
    }

    expect(outside.calls).toEqual(["1.0 new", "1.0 new"]);
  });

  test("makes several calls of an epoch that has more events than go into one", async () => {
    const outside = new Outside();
    const harness = await open(outside, {}, { eventsMax: 2 });

    harness.feedValues([ulm(1), ulm(2), bonn(3)]);
    await harness.barrier(1);
    harness.complete(1);
    await harness.settle();

    expect(outside.calls).toEqual(["1.0 new", "1.1 new"]);
  });

  test("an event without a key fails alone", async () => {
    const outside = new Outside();
    const harness = await open(outside);

    harness.feedValues([{ count: 1 } as never, ulm(1)]);
    await harness.barrier(1);
    harness.complete(1);
    await harness.settle();

    expect(harness.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_KEY" } }]);
    expect(outside.rows.get("Ulm")).toBe(1);
  });
});

test.each([
  ["key", { key: "city" }],
  ["write", { write: undefined }],
  ["eventsMax", { eventsMax: 0.5 }],
])("refuses %s that is not allowed, naming it", (name, wrong) => {
  const options = { key: () => 1, write: () => undefined, ...wrong };
  expect(() => upsert(options as never)).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining(`upsert: ${name}`) }),
  );
});
