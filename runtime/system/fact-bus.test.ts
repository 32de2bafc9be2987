import { expect, test } from "vitest";
import { toWire } from "../errors/wire-error.ts";
import { deadLettersKeptMax } from "../limits.ts";
import { DeadLetters } from "./dead-letters.ts";
import type { DeadLetter, Fact } from "./fact.ts";
import { FactBus } from "./fact-bus.ts";

const replaced: Fact = { kind: "host-replaced", host: 1, incarnation: 1, threadId: 5 };

function bus() {
  const logged: string[] = [];
  return { logged, facts: new FactBus({ log: (_level, message) => void logged.push(message) }) };
}

function letters(count: number, first = 0): DeadLetter[] {
  const error = toWire(new Error("x"));
  return Array.from({ length: count }, (_, index) => ({ to: "a", value: first + index, error, atMs: 0 }));
}

test("a subscriber hears of its kind of fact until it ends that, and one that throws harms no other", () => {
  const { facts, logged } = bus();
  const heard: string[] = [];
  facts.on("host-replaced", () => {
    throw new Error("a bad subscriber");
  });
  const off = facts.on("host-replaced", ({ threadId }) => void heard.push(`thread ${threadId}`));
  facts.on("host-lost", () => void heard.push("lost"));

  facts.publish(replaced);
  off();
  facts.publish(replaced);

  expect(heard).toEqual(["thread 5"]);
  expect(logged).toEqual(["a subscriber of facts threw", "a subscriber of facts threw"]);
});

test("dead letters are all counted, and the newest kept", () => {
  const { facts } = bus();
  const deadLetters = new DeadLetters(facts);
  const seen: unknown[] = [];
  const off = deadLetters.subscribe(({ value }) => void seen.push(value));

  facts.publish({ kind: "dead-letters", letters: letters(2), unsampledCount: 40 });
  off();
  facts.publish({ kind: "dead-letters", letters: letters(deadLettersKeptMax, 2), unsampledCount: 0 });

  expect(seen).toEqual([0, 1]);
  expect(deadLetters.count).toBe(42 + deadLettersKeptMax);
  expect(deadLetters.newest()).toHaveLength(deadLettersKeptMax);
  expect(deadLetters.newest()[0]).toMatchObject({ value: 2 });
});
