import { expect, test } from "vitest";
import { armedPoints, atFaultPoints, faultPoint } from "./fault-points.ts";

function crashesAt(setting: string | undefined, names: readonly string[]): readonly number[] {
  const crashes: number[] = [];
  let passed = 0;
  const point = armedPoints(setting, () => crashes.push(passed));
  for (const name of names) {
    passed += 1;
    point(name);
  }
  return crashes;
}

test("nothing happens when nothing is set", () => {
  expect(crashesAt(undefined, ["a", "b"])).toEqual([]);
  expect(crashesAt("", ["a", "b"])).toEqual([]);
});

test("a point is passed until it is reached for the given time, and passed again behind it", () => {
  expect(crashesAt("b:2", ["a", "b", "a", "b", "b"])).toEqual([4]);
});

test("several points are counted each by itself, the first time where none is given", () => {
  expect(crashesAt("a:2,b", ["a", "b", "a"])).toEqual([2, 3]);
});

test("while a function runs, points are passed on to whoever listens, innermost first, and to nobody behind it", () => {
  const heard: string[] = [];
  const listen = (who: string) => (name: string) => void heard.push(`${who} ${name}`);

  atFaultPoints(listen("outer"), () => {
    faultPoint("a");
    atFaultPoints(listen("inner"), () => faultPoint("b"));
    faultPoint("c");
  });
  faultPoint("d");

  expect(heard).toEqual(["outer a", "inner b", "outer c"]);
});

test("what a listener throws leaves the point, and ends the listening", () => {
  const die = () => {
    throw new RangeError("died");
  };

  expect(() => atFaultPoints(die, () => faultPoint("a"))).toThrow(RangeError);
  expect(() => faultPoint("a")).not.toThrow();
});
