import { expect, test } from "vitest";
import { inputsPassedOverMax } from "../limits.ts";
import { VirtualClock } from "../seams/virtual-clock.ts";
import { type Turnable, TurnScheduler } from "./turn-scheduler.ts";

/** A clock whose turns take time: each reading of it is a ms later. */
class TickingClock extends VirtualClock {
  #readings = 0;

  override monotonicMs(): number {
    this.#readings += 1;
    return super.monotonicMs() + this.#readings;
  }
}

function harness(budgetMs: number, clock: VirtualClock = new VirtualClock()) {
  const events: string[] = [];
  const scheduler = new TurnScheduler(clock, budgetMs, {
    afterTurn: () => undefined,
    afterRun: () => void events.push("flush"),
  });
  const cell = (name: string, turns = 1): Turnable => {
    let turnsLeft = turns;
    return {
      queued: false,
      takeTurn() {
        events.push(name);
        turnsLeft -= 1;
        if (turnsLeft > 0) scheduler.schedule(this);
      },
    };
  };
  return { clock, events, scheduler, cell };
}

test("gives turns in the order of readiness, those who ask for more behind the others, and flushes once", () => {
  const { clock, events, scheduler, cell } = harness(8);
  for (const each of [cell("a", 2), cell("b"), cell("c", 3)]) {
    scheduler.schedule(each);
    scheduler.schedule(each);
  }
  expect(events).toEqual([]);

  clock.advance(0);

  expect(events).toEqual(["a", "b", "c", "a", "c", "c", "flush"]);
});

test("yields to the event loop when its budget is spent, and goes on afterwards", () => {
  const { clock, events, scheduler, cell } = harness(3, new TickingClock());
  scheduler.schedule(cell("a", 7));
  clock.soon(() => events.push("event loop"));
  const runs: string[] = [];

  while (clock.nextDelayMs() === 0) clock.advance(0);
  runs.push(events.join(" "));

  expect(runs).toEqual(["a a a flush event loop a a a flush a flush"]);
});

test("runs input at once, but only once in a round of the event loop", () => {
  const { clock, events, scheduler, cell } = harness(8);
  scheduler.schedule(cell("first"));
  scheduler.runSoonest();
  expect(events).toEqual(["first", "flush"]);

  scheduler.schedule(cell("second"));
  scheduler.runSoonest();
  expect(events).toEqual(["first", "flush"]);
  clock.advance(0);
  expect(events).toEqual(["first", "flush", "second", "flush"]);

  scheduler.schedule(cell("third"));
  scheduler.runSoonest();
  expect(events.at(-2)).toBe("third");
});

test("gives turns within its budget in a round of the event loop, and one more, also where input came first", () => {
  const { clock, events, scheduler, cell } = harness(3, new TickingClock());
  scheduler.schedule(cell("a", 6));
  scheduler.runSoonest();
  events.push("input over");

  clock.advance(0);

  expect(events.join(" ")).toBe("a a a flush input over a flush a a flush");
});

test("gives turns again while input goes on and on", () => {
  const { clock, events, scheduler, cell } = harness(8);
  scheduler.runSoonest();
  const input = (count: number) => {
    for (let each = 0; each < count; each += 1) {
      scheduler.schedule(cell("turn"));
      scheduler.runSoonest();
    }
    return events.splice(0).filter((event) => event === "turn").length;
  };

  expect([input(inputsPassedOverMax), input(1), input(inputsPassedOverMax), input(1)]).toEqual([
    0,
    inputsPassedOverMax + 1,
    0,
    inputsPassedOverMax + 1,
  ]);
  clock.advance(0);
  expect(input(1)).toBe(1);
});

test("goes on with the others after a turn that throws", () => {
  const { clock, events, scheduler, cell } = harness(8);
  scheduler.schedule({
    queued: false,
    takeTurn: () => {
      throw new RangeError("a turn");
    },
  });
  scheduler.schedule(cell("other"));

  expect(() => clock.advance(0)).toThrow(RangeError);
  clock.advance(0);

  expect(events).toEqual(["other", "flush"]);
});
