import fc from "fast-check";
import { expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { type AsyncOrder, type CallPhase, CallQueue, type QueuedEvent } from "./call-queue.ts";

function event(value: number, key?: Key): QueuedEvent {
  return { value, key, time: undefined, phase: { kind: "waiting" } as CallPhase };
}

test.each<AsyncOrder>(["ordered", "per-key", "unordered"])(
  '"%s": every event leaves once, in the order promised, whatever finishes or fails when',
  (order) => {
    const steps = fc.array(fc.record({ pick: fc.nat(), fails: fc.boolean(), adds: fc.nat(3) }), { maxLength: 80 });
    fc.assert(
      fc.property(steps, (script) => {
        const queue = new CallQueue<QueuedEvent>(order);
        const running: QueuedEvent[] = [];
        const finished: number[] = [];
        const failed: number[] = [];
        const left: number[] = [];
        let added = 0;
        const start = (next: QueuedEvent | undefined) => next !== undefined && running.push(next);

        const endOne = (pick: number, fails: boolean) => {
          const [ended] = running.splice(pick % running.length, 1);
          if (ended === undefined) return;
          (fails ? failed : finished).push(Number(ended.value));
          start(fails ? queue.fail(ended) : queue.finish(ended, "result"));
          for (let done = queue.takeDone(); done !== undefined; done = queue.takeDone()) {
            left.push(Number(done.event.value));
          }
          if (order === "per-key") expect(new Set(running.map(({ key }) => key)).size).toBe(running.length);
        };
        for (const { pick, fails, adds } of script) {
          for (let count = 0; count < adds; count += 1) {
            const next = event(added, added % 3);
            added += 1;
            if (queue.add(next)) running.push(next);
          }
          endOne(pick, fails);
        }
        while (running.length > 0) endOne(0, false);

        expect(queue.size).toBe(0);
        expect([...left, ...failed].sort((a, b) => a - b)).toEqual(Array.from({ length: added }, (_, index) => index));
        if (order === "ordered") expect(left).toEqual([...left].sort((a, b) => a - b));
        else expect(left).toEqual(finished);
        for (let key = 0; order === "per-key" && key < 3; key += 1) {
          const ofKey = left.filter((value) => value % 3 === key);
          expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
        }
      }),
      { seed: 1 },
    );
  },
);

test("asserts that only running calls end", () => {
  const queue = new CallQueue<QueuedEvent>("per-key");
  const first = event(1, "a");
  const second = event(2, "a");
  const notRunning = expect.objectContaining({ code: "ERR_RT_INVARIANT" });

  expect([queue.add(first), queue.add(second)]).toEqual([true, false]);

  expect(() => queue.finish(second, "x")).toThrow(notRunning);
  expect(() => queue.fail(second)).toThrow(notRunning);
  queue.finish(first, "x");
  expect(() => queue.finish(first, "x")).toThrow(notRunning);
});
