import { expect, test } from "vitest";
import { pathMark, readInHand, tellCell, tellNoParts, tellParts, textOf } from "./in-hand.ts";
import { inHandMax, progressField, progressLength } from "./progress-field.ts";

const [reader, parse, clean] = ["reader", "parse", "clean"].map((name) => `millrace://s/job/${name}/0`) as [
  string,
  string,
  string,
];
const marks = (...paths: string[]) => Int32Array.from(paths, pathMark);
const pathOf = (mark: number) => [reader, parse, clean].find((path) => pathMark(path) === mark);

function thread(counter = 0) {
  const progress = new Int32Array(progressLength);
  progress[progressField.counter] = counter;
  const begin = (events: number) => {
    progress[progressField.counter] = progress[progressField.counter]! + events;
  };
  return { progress, begin, read: () => readInHand(progress, pathOf) };
}

test("nothing is in hand between turns, nor when nobody lives there that is known", () => {
  const { progress, read } = thread();
  expect(read()).toBeUndefined();
  tellCell(progress, pathMark(reader));
  expect(textOf(read()!)).toBe(`${reader}, or what shares a cell with it, does not return`);
  tellCell(progress, 0);
  expect(read()).toBeUndefined();
  tellCell(progress, pathMark("millrace://s/job/gone/0"));
  expect(read()).toBeUndefined();
});

test("names an operator, and which of its events it has", () => {
  const { progress, begin, read } = thread(2 ** 31 - 3);
  tellCell(progress, pathMark(parse));
  tellParts(progress, marks(parse), 50_000);
  expect(read()).toMatchObject({ path: parse, isExact: true, event: undefined });
  begin(5);
  expect(read()).toMatchObject({ path: parse, event: 50_005, eventsOf: parse });
  expect(textOf(read()!)).toBe(`${parse} does not return from event 50005 of those that it took on this thread`);
  tellNoParts(progress);
  expect(read()).toMatchObject({ path: parse, isExact: false });
});

test("names the operator of several in one loop that has the event, and whose events were counted", () => {
  const { progress, begin, read } = thread(7);
  tellCell(progress, pathMark(parse));
  tellParts(progress, marks(parse, clean), 100);
  const seen = [1, 1, 1, 1].map((events) => {
    begin(events);
    const { path, event, eventsOf } = read()!;
    return [path, event, eventsOf];
  });
  expect(seen).toEqual([
    [parse, 101, parse],
    [clean, 101, parse],
    [parse, 102, parse],
    [clean, 102, parse],
  ]);
});

test("names the source, until it has handed over an event, and then both", () => {
  const { progress, begin, read } = thread();
  tellCell(progress, pathMark(reader));
  tellParts(progress, marks(parse), 0, true);
  expect(textOf(read()!)).toBe(`${reader} does not return`);
  begin(3);
  expect(textOf(read()!)).toBe(
    `${parse} does not return from event 3 of those that it took on this thread ` +
      `(or ${reader}, which hands it events one by one)`,
  );
});

test("says nothing of events where an operator has none in hand, and nothing of operators where they are too many", () => {
  const { progress, begin, read } = thread();
  tellCell(progress, pathMark(parse));
  tellParts(progress, marks(clean), -1);
  begin(1);
  expect(textOf(read()!)).toBe(`${clean} does not return`);
  tellCell(progress, pathMark(parse));
  tellParts(progress, new Int32Array(inHandMax + 1), 0);
  expect(read()).toMatchObject({ path: parse, isExact: false });
});
