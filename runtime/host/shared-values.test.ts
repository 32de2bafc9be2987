import { expect, test } from "vitest";
import { SharedValues } from "./shared-values.ts";

test("a value is made by its first user, and disposed once, when the last has released it", async () => {
  const events: string[] = [];
  const values = new SharedValues();
  const acquire = (key: string) =>
    values.acquire(
      key,
      () => {
        events.push(`make ${key}`);
        return { key };
      },
      ({ key: made }) => void events.push(`dispose ${made}`),
    );

  const [first, second, other] = [acquire("a"), acquire("a"), acquire("b")];
  expect(first.value).toBe(second.value);
  await first.release();
  await first.release();
  expect(events).toEqual(["make a", "make b"]);
  await second.release();
  acquire("a");
  await other.release();

  expect(events).toEqual(["make a", "make b", "dispose a", "make a", "dispose b"]);
});

test("a value that cannot be made leaves nothing behind", () => {
  const values = new SharedValues();
  const fails = () =>
    values.acquire(
      "a",
      () => {
        throw new RangeError("cannot");
      },
      () => undefined,
    );

  expect(fails).toThrow(RangeError);
  expect(
    values.acquire(
      "a",
      () => 7,
      () => undefined,
    ).value,
  ).toBe(7);
});
