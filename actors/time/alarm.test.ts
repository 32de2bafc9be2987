import { expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import { Alarm } from "./alarm.ts";

const startMs = 1_000;

function alarmAt(wakes: number[]): { readonly alarm: Alarm; readonly clock: VirtualClock } {
  const clock = new VirtualClock(startMs);
  return { clock, alarm: new Alarm({ clock, wake: () => wakes.push(clock.wallMs()) }) };
}

test("wakes once, at the time that it is set for", () => {
  const wakes: number[] = [];
  const { alarm, clock } = alarmAt(wakes);

  alarm.set(startMs + 10);
  clock.advance(100);

  expect(wakes).toEqual([startMs + 10]);
});

test("wakes at once where the time has passed", () => {
  const wakes: number[] = [];
  const { alarm, clock } = alarmAt(wakes);

  alarm.set(startMs - 10);
  clock.advance(0);

  expect(wakes).toEqual([startMs]);
});

test("goes by the earlier of two times, whichever was set first, and starts no second timer", () => {
  const wakes: number[] = [];
  const { alarm, clock } = alarmAt(wakes);

  alarm.set(startMs + 20);
  alarm.set(startMs + 10);
  alarm.set(startMs + 30);
  clock.advance(100);

  expect(wakes).toEqual([startMs + 10]);
});

test("can be set again when it has rung, also for a later time", () => {
  const wakes: number[] = [];
  const { alarm, clock } = alarmAt(wakes);

  alarm.set(startMs + 10);
  clock.advance(10);
  alarm.set(startMs + 30);
  clock.advance(100);

  expect(wakes).toEqual([startMs + 10, startMs + 30]);
});

test.each([
  ["is cancelled", (alarm: Alarm) => alarm.cancel()],
  ["is set for never", (alarm: Alarm) => alarm.set(Number.POSITIVE_INFINITY)],
])("leaves no timer behind when it %s, and can be set again", (_, end) => {
  const wakes: number[] = [];
  const { alarm, clock } = alarmAt(wakes);

  alarm.set(startMs + 10);
  end(alarm);
  const left = clock.nextDelayMs();
  alarm.set(startMs + 20);
  clock.advance(100);

  expect(left).toBeUndefined();
  expect(wakes).toEqual([startMs + 20]);
});
