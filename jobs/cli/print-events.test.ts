import { expect, test } from "vitest";
import { eventText, printEvents } from "./print-events.ts";

test.each<readonly [unknown, string]>([
  ["text", "text"],
  [{ a: [1, null] }, '{"a":[1,null]}'],
  [7, "7"],
  [null, "null"],
  [undefined, "undefined"],
  [10n, "10n"],
  [{ big: 10n }, "{ big: 10n }"],
])("the event %o is printed as %j", (event, text) => {
  expect(eventText(event)).toBe(text);
});

test("a slow reader slows the events down", async () => {
  const written: string[] = [];
  const drained = Promise.withResolvers<void>();
  const events = (async function* () {
    yield* [1, 2, 3];
  })();

  const printed = printEvents(events, {
    write: (text) => written.push(text) !== 2,
    drained: () => drained.promise,
  });
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();

  expect(written).toEqual(["1\n", "2\n"]);
  drained.resolve();
  await printed;
  expect(written).toEqual(["1\n", "2\n", "3\n"]);
});

test("a reader that has gone fails the printing", async () => {
  const events = (async function* () {
    while (true) yield 1;
  })();
  const stream = { write: () => false, drained: () => Promise.reject(new Error("EPIPE")) };

  await expect(printEvents(events, stream)).rejects.toThrow("EPIPE");
});
