import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ThreadHangError, Watchdog } from "./watchdog.ts";

const times = { limitMs: 1_000, tickMs: 50 };
const frozen = () => at(0);

function at(counter: number) {
  return { counter, isExcused: false };
}

/** Ticks at the given interval until something hangs or the time is over. */
function runUntilHang(watchdog: Watchdog, untilMs: number, counterAt: (nowMs: number, host: number) => number) {
  for (let nowMs = 0; nowMs <= untilMs; nowMs += times.tickMs) {
    const hangs = watchdog.tick(nowMs, (host) => at(counterAt(nowMs, host)));
    if (hangs.length > 0) return { nowMs, hangs };
  }
  return undefined;
}

test("finds a host that makes no progress for the limit, at the limit", () => {
  const watchdog = new Watchdog(times);
  watchdog.watch(1, 0);

  expect(runUntilHang(watchdog, 5_000, () => 0)).toEqual({ nowMs: 1_000, hangs: [{ host: 1, silentMs: 1_000 }] });
});

test("counts from the last change of the counter", () => {
  const watchdog = new Watchdog(times);
  watchdog.watch(1, 0);

  const found = runUntilHang(watchdog, 5_000, (nowMs) => Math.min(nowMs, 700));

  expect(found?.nowMs).toBe(1_700);
});

test("lets a host live whose counter changes once in a while, also when it wraps or falls", () => {
  const watchdog = new Watchdog(times);
  watchdog.watch(1, 2 ** 31 - 1);

  expect(runUntilHang(watchdog, 20_000, (nowMs) => 2 ** 31 - 1 - Math.floor(nowMs / 900))).toBeUndefined();
});

test("lets a host live that stands still for a good reason, and counts from its end", () => {
  const watchdog = new Watchdog(times);
  watchdog.watch(1, 0);
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 50) {
    expect(watchdog.tick(nowMs, () => ({ counter: 0, isExcused: true }))).toEqual([]);
  }

  const ticks = Array.from({ length: 20 }, (_, index) => watchdog.tick(10_050 + index * 50, frozen).length);

  expect(ticks.indexOf(1)).toBe(19);
});

test("allows a host that loads modules more time, and no more than that", () => {
  const watchdog = new Watchdog({ ...times, loadLimitMs: 3_000 });
  watchdog.watch(1, 0);
  watchdog.watch(2, 0);
  const found: Record<number, number> = {};

  for (let nowMs = 0; nowMs <= 5_000; nowMs += times.tickMs) {
    for (const { host } of watchdog.tick(nowMs, (host) => ({ ...at(0), isLoading: host === 1 }))) found[host] = nowMs;
  }

  expect(found).toEqual({ 1: 3_000, 2: 1_000 });
});

test("finds only the hosts that hang, and each once", () => {
  const watchdog = new Watchdog(times);
  for (const host of [1, 2, 3]) watchdog.watch(host, 0);
  const counterAt = (nowMs: number, host: number) => (host === 2 ? nowMs : 0);

  expect(runUntilHang(watchdog, 5_000, counterAt)?.hangs.map(({ host }) => host)).toEqual([1, 3]);
  expect(runUntilHang(watchdog, 5_000, counterAt)).toBeUndefined();
});

test("forgets the silence of a host whose thread was replaced", () => {
  const watchdog = new Watchdog(times);
  watchdog.watch(1, 0);
  for (let nowMs = 0; nowMs < 1_000; nowMs += 50) watchdog.tick(nowMs, frozen);

  watchdog.watch(1, 0);

  expect(watchdog.tick(1_000, frozen)).toEqual([]);
});

test("says nothing of hosts that are no longer watched", () => {
  const watchdog = new Watchdog(times);
  watchdog.watch(1, 0);
  watchdog.unwatch(1);

  expect(runUntilHang(watchdog, 5_000, () => 0)).toBeUndefined();
});

describe("when the watching thread was kept away", () => {
  test("the missed time is not held against a host", () => {
    const watchdog = new Watchdog(times);
    watchdog.watch(1, 0);
    watchdog.tick(0, frozen);

    expect(watchdog.tick(60_000, frozen)).toEqual([]);
    expect(watchdog.tick(120_000, frozen)).toEqual([]);
  });

  test("a host that does hang is still found, later", () => {
    const watchdog = new Watchdog(times);
    watchdog.watch(1, 0);
    let nowMs = 0;
    let ticks = 0;

    while (watchdog.tick(nowMs, frozen).length === 0) {
      nowMs += 500;
      ticks += 1;
    }

    expect(ticks).toBe(14);
  });
});

test("never finds a host that moved in each limit, and always one that stands, however late the ticks are", () => {
  const delays = fc.array(fc.integer({ min: 50, max: 3_000 }), { minLength: 1, maxLength: 200 });

  fc.assert(
    fc.property(delays, (lateTicks) => {
      const watchdog = new Watchdog(times);
      watchdog.watch(1, -1);
      watchdog.watch(2, -1);
      let nowMs = 0;
      let found = false;
      for (const delayMs of [...lateTicks, ...Array.from({ length: 21 }, () => 50)]) {
        nowMs += delayMs;
        const hangs = watchdog.tick(nowMs, (host) => at(host === 1 ? Math.floor(nowMs / 500) : 0));
        expect(hangs.some(({ host }) => host === 1)).toBe(false);
        found ||= hangs.some(({ host }) => host === 2);
      }
      expect(found).toBe(true);
    }),
  );
});

test("the error names the host, the silence and the limit", () => {
  expect(new ThreadHangError(3, 2_049.6, 2_000, undefined)).toMatchObject({
    code: "ERR_RT_THREAD_HANG",
    message: expect.stringMatching(/host 3 .* 2050 ms.* 2000 ms/),
    details: { host: 3, limitMs: 2_000 },
  });
});
