import { expect, test } from "vitest";
import { deadLettersPerFlushMax } from "../limits.ts";
import { VirtualClock } from "../seams/virtual-clock.ts";
import type { Fact } from "../system/fact.ts";
import { DeadLetterOutlet } from "./dead-letter-outlet.ts";

function outlet(refuse: (fact: Fact) => boolean = () => false) {
  const published: Extract<Fact, { kind: "dead-letters" }>[] = [];
  const made = new DeadLetterOutlet(new VirtualClock(5), (fact) => {
    if (refuse(fact)) throw new RangeError("too large");
    if (fact.kind === "dead-letters") published.push(fact);
  });
  return { published, outlet: made };
}

test("sends values that can cross as they are, others as a text, with error and time", () => {
  const { published, outlet: out } = outlet();
  out.add("a", { plain: 1 }, new RangeError("no"));
  out.add("a", () => undefined, new RangeError("no"));

  out.flush();
  out.flush();

  expect(published).toHaveLength(1);
  expect(published[0]?.letters).toMatchObject([
    { to: "a", value: { plain: 1 }, error: { name: "RangeError", message: "no" }, atMs: 5 },
    { value: "function (anonymous)" },
  ]);
});

test("counts all of a flood, and lets the first of each flush travel", () => {
  const { published, outlet: out } = outlet();
  for (let index = 0; index < deadLettersPerFlushMax + 3; index += 1) out.add("a", index, new Error("x"));

  out.flush();

  expect(published[0]).toMatchObject({ unsampledCount: 3 });
  expect(published[0]?.letters).toHaveLength(deadLettersPerFlushMax);
});

test("describes values that are too large to travel together", () => {
  const { published, outlet: out } = outlet((fact) => JSON.stringify(fact).length > 100_000);
  for (let index = 0; index < 3; index += 1) out.add("a", "x".repeat(50_000), "thrown");

  out.flush();

  expect(published[0]?.letters).toHaveLength(3);
  expect(published[0]?.letters[0]?.value).toMatch(/^"x+\.\.\."$/);
});
