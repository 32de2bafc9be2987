import { expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { rehearse } from "./rehearsal.ts";

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

test("goes through a failure and a restart from a checkpoint to its end", async () => {
  const played = await rehearse(new SystemClock(), () => false);

  // 40 events for each of 100 keys, each counted once.
  expect(played?.counts).toHaveLength(4_000);
  expect(total(played?.counts ?? [])).toBe((100 * 40 * 41) / 2);
  expect(played?.restartCount).toBeGreaterThan(0);
  expect(played?.epoch).toBeGreaterThan(1);
  // 1,000 keys, 40 times.
  expect(played?.stateKeyCount).toBe(40_000);
});

test("is left when the thread is wanted, and nothing goes on behind that", async () => {
  // given
  const clock = new WatchedClock();
  let asked = 0;

  // when
  const played = await rehearse(clock, () => {
    asked += 1;
    return asked > 3;
  });
  const waits = clock.waits;
  for (let round = 0; round < 100; round += 1) await new Promise<void>((resolve) => new SystemClock().soon(resolve));

  // then
  expect(played).toMatchObject({ stateKeyCount: 0 });
  expect(played?.counts.length).toBeLessThan(4_000);
  expect(clock.waits).toBe(waits);
  expect(asked).toBe(4);
});

/** Counts who waits. */
class WatchedClock extends SystemClock {
  waits = 0;

  override soon(callback: () => void): void {
    this.waits += 1;
    super.soon(callback);
  }

  override after(delayMs: number, callback: () => void): () => void {
    this.waits += 1;
    return super.after(delayMs, callback);
  }
}
