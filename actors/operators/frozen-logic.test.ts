import { expect, test } from "vitest";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { map } from "./map.ts";
import { mapAsync } from "./map-async.ts";
import { process } from "./process.ts";
import type { ProcessContext } from "./process-context.ts";
import { scan } from "./scan.ts";

interface Ride {
  minutes: number;
  readonly stops?: number[];
}

const options = { operator: "rides" };

const mutated = (event: string) =>
  expect.objectContaining({
    code: "ERR_ACT_EVENT_MUTATED",
    message: expect.stringContaining(`"rides" changed an event`),
    details: { operator: "rides", event: expect.stringContaining(event) },
  });

test.each<[string, (ride: Ride) => unknown]>([
  ["assigns to a field", (ride) => (ride.minutes += 1)],
  ["adds a field", (ride) => Object.assign(ride, { hours: 1 })],
  ["adds to a list", (ride) => ride.stops?.push(3)],
  ["sorts a list", (ride) => ride.stops?.sort()],
  ["removes of a list", (ride) => ride.stops?.pop()],
  ["deletes a field", (ride) => delete (ride as Partial<Ride>).minutes],
])("an operator that %s of an event is told which event it was", async (_what, change) => {
  const harness = await OperatorHarness.open(
    map((ride: Ride) => [change(ride)]),
    options,
  );

  expect(() => harness.feedValues([{ minutes: 12, stops: [2, 1] }])).toThrow(mutated("12"));
  expect(harness.deadLetters).toEqual([]);
});

test("an event changed after an await fails the operator, not the event", async () => {
  const spec = mapAsync(async (ride: Ride) => {
    await null;
    ride.minutes = 0;
    return ride;
  });
  const harness = await OperatorHarness.open(spec, options);

  harness.feedValues([{ minutes: 12 }]);

  await expect(harness.settle()).rejects.toEqual(mutated("12"));
  expect(harness.deadLetters).toEqual([]);
});

test("what an operator has handed on is not its own any more", async () => {
  const total = scan(
    () => ({ minutes: 0 }),
    (sum: Ride, ride: Ride) => {
      sum.minutes += ride.minutes;
      return sum;
    },
  );
  class Kept {
    readonly #kept: Ride = { minutes: 0 };
    onEvent(ride: Ride, context: ProcessContext<Ride>): void {
      this.#kept.minutes = ride.minutes;
      context.emit(this.#kept);
    }
  }

  for (const spec of [total, process(Kept)]) {
    const harness = await OperatorHarness.open(spec, options);
    expect(() => harness.feedValues([{ minutes: 1 }, { minutes: 2 }]), spec.kind).toThrow(mutated("2"));
  }
});

test("an operator that leaves its events alone gives the same results, and its own errors stay", async () => {
  const spec = map((ride: Ride) => {
    if (ride.minutes < 0) throw new TypeError("negative");
    return { ...ride, minutes: ride.minutes + 1, bytes: new Uint8Array(2), when: new Map([[1, 2]]) };
  });
  const harness = await OperatorHarness.open(spec, options);
  const cyclic: Ride & { self?: unknown } = { minutes: 1 };
  cyclic.self = cyclic;

  harness.feedValues([cyclic, { minutes: -1 }]);

  expect(harness.values()).toMatchObject([{ minutes: 2 }]);
  expect(harness.deadLetters).toMatchObject([{ error: { message: "negative" } }]);
});

test("who asks for it may leave events unfrozen", async () => {
  const harness = await OperatorHarness.open(
    map((ride: Ride) => {
      ride.minutes = 0;
      return ride;
    }),
    { freeze: false },
  );

  harness.feedValues([{ minutes: 12 }]);

  expect(harness.values()).toEqual([{ minutes: 0 }]);
});
