import fc from "fast-check";
import { expect, test } from "vitest";
import { CommitBuffer } from "./commit-buffer.ts";

function recorded() {
  const shown: unknown[] = [];
  return { shown, buffer: new CommitBuffer((events) => void shown.push(...events)) };
}

test("events are shown when the checkpoint of their epoch is complete, in the order they were taken", () => {
  const { shown, buffer } = recorded();
  buffer.add("a");
  buffer.prepare(1);
  buffer.add("b");
  expect(shown).toEqual([]);

  buffer.complete(1);
  expect(shown).toEqual(["a"]);
  expect(buffer.length).toBe(1);

  buffer.prepare(3);
  buffer.complete(3);
  buffer.complete(3);
  expect(shown).toEqual(["a", "b"]);
});

test("an epoch that was left out shows what was prepared for earlier ones, in order", () => {
  const { shown, buffer } = recorded();
  buffer.add("a");
  buffer.prepare(1);
  buffer.add("b");
  buffer.prepare(2);

  buffer.complete(2);

  expect(shown).toEqual(["a", "b"]);
});

test("a sink that starts over shows what its checkpoint holds, and forgets the rest", () => {
  const { shown, buffer } = recorded();
  for (const [epoch, event] of [
    [1, "a"],
    [2, "b"],
  ] as const) {
    buffer.add(event);
    buffer.prepare(epoch);
  }
  buffer.add("c");

  buffer.startOver(1);
  buffer.complete(2);

  expect(shown).toEqual(["a"]);
  expect(buffer.length).toBe(0);
});

test("what is shown is what was taken up to the last complete epoch, whatever is rolled back", () => {
  const step = fc.constantFrom("add", "epoch", "complete", "startOver");
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { shown, buffer } = recorded();
      // The model: what the sink has taken, and how much of it each epoch holds.
      let taken: number[] = [];
      let complete = 0;
      let prepared: { epoch: number; count: number }[] = [];
      let epoch = 0;
      steps.forEach((each, index) => {
        if (each === "add") {
          buffer.add(index);
          taken.push(index);
        } else if (each === "epoch") {
          epoch += 1;
          buffer.prepare(epoch);
          prepared.push({ epoch, count: taken.length });
        } else if (each === "complete" && prepared.length > 0) {
          const part = prepared.shift() as { epoch: number; count: number };
          buffer.complete(part.epoch);
          complete = part.count;
        } else if (each === "startOver") {
          buffer.startOver(Math.max(0, (prepared[0]?.epoch ?? epoch + 1) - 1));
          taken = taken.slice(0, complete);
          prepared = [];
        }
        expect(shown).toEqual(taken.slice(0, complete));
      });
    }),
  );
});
