import { describe, expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

describe("VirtualClock", () => {
  test("runs callbacks by due time, and equal ones in the order they were asked for", () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    for (const [name, delayMs] of [
      ["c", 30],
      ["a", 10],
      ["b1", 20],
      ["b2", 20],
      ["now", 0],
    ] as const) {
      clock.after(delayMs, () => ran.push(`${name}@${clock.monotonicMs()}`));
    }
    clock.soon(() => ran.push(`soon@${clock.monotonicMs()}`));

    clock.advance(25);

    expect(ran).toEqual(["now@0", "soon@0", "a@10", "b1@20", "b2@20"]);
    expect(clock.monotonicMs()).toBe(25);
    clock.advance(5);
    expect(ran.at(-1)).toBe("c@30");
  });

  test("runs what is asked for on the way, at its own due time", () => {
    const clock = new VirtualClock();
    const ranAtMs: number[] = [];
    const tick = () => {
      ranAtMs.push(clock.monotonicMs());
      if (ranAtMs.length < 4) clock.after(10, tick);
    };
    clock.after(10, tick);

    clock.advance(100);

    expect(ranAtMs).toEqual([10, 20, 30, 40]);
  });

  test("does not run a cancelled callback, and does not count it as the next", () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const cancel = clock.after(10, () => ran.push("cancelled"));
    clock.after(40, () => ran.push("kept"));

    cancel();

    expect(clock.nextDelayMs()).toBe(40);
    clock.advance(50);
    expect(ran).toEqual(["kept"]);
    expect(clock.nextDelayMs()).toBeUndefined();
  });

  test("wall time starts where it was told to and passes with the rest", () => {
    const clock = new VirtualClock(1_700_000_000_000);

    clock.advance(1_500);

    expect(clock.wallMs()).toBe(1_700_000_001_500);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses to advance by %s", (durationMs) => {
    expect(() => new VirtualClock().advance(durationMs)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  });
});
