import { expect, test } from "vitest";
import { TextTail } from "./text-tail.ts";

test("a text that fits is kept as it is", () => {
  const tail = new TextTail(10);
  tail.add("one\n");
  tail.add("two");

  expect(tail.text).toBe("one\ntwo");
});

test("of a longer one the last whole lines are kept", () => {
  const tail = new TextTail(10);
  for (const piece of ["first\nsec", "ond\nthi", "rd\n"]) tail.add(piece);

  expect(tail.text).toBe("third\n");
});

test("of one long line its end is kept", () => {
  const tail = new TextTail(4);
  tail.add("abcdefgh");

  expect(tail.text).toBe("efgh");
});
