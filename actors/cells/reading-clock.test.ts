import { expect, test } from "vitest";
import { ReadingClock } from "./reading-clock.ts";

test("stands still while the cell cannot read", () => {
  const clock = new ReadingClock();
  clock.look(true, 100);
  expect(clock.ms(150)).toBe(150);

  clock.look(false, 200);
  clock.look(false, 300);
  expect([clock.ms(300), clock.ms(400)]).toEqual([200, 200]);
  clock.look(true, 500);

  expect([clock.ms(500), clock.ms(550)]).toEqual([200, 250]);
});
