import { expect, test } from "vitest";
import { type Envelope, Mailbox } from "./mailbox.ts";

function envelope(message: string): Envelope {
  return { to: "millrace://test/a", message, from: undefined, ask: undefined, failureCount: 0 };
}

test("gives back user messages in their order, and system messages apart from them in theirs", () => {
  const mailbox = new Mailbox(10);
  for (const message of ["a", "b"]) mailbox.offer(envelope(message));
  for (const name of ["s", "t"]) mailbox.pushSystem({ kind: "timer", name });

  expect(mailbox.length).toBe(4);
  expect([mailbox.takeSystem(), mailbox.takeSystem(), mailbox.takeSystem()]).toEqual([
    { kind: "timer", name: "s" },
    { kind: "timer", name: "t" },
    undefined,
  ]);
  expect([mailbox.takeUser()?.message, mailbox.takeUser()?.message, mailbox.takeUser()]).toEqual(["a", "b", undefined]);
});

test("refuses user messages beyond its bound, but neither system messages nor what is put back", () => {
  const mailbox = new Mailbox(2);
  expect(["a", "b", "c"].map((message) => mailbox.offer(envelope(message)))).toEqual([true, true, false]);

  mailbox.pushSystem({ kind: "timer", name: "s" });
  mailbox.putBack([envelope("x"), envelope("y")]);

  expect(mailbox.offer(envelope("d"))).toBe(false);
  expect(mailbox.drain().map(({ message }) => message)).toEqual(["x", "y", "a", "b"]);
  expect(mailbox.length).toBe(0);
});
