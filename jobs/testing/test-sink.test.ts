import { expect, test } from "vitest";
import { OperatorHarness } from "../../actors/testing/index.ts";
import { TestSink } from "../simulation/test-sink.ts";

const options = { guarantee: "exactly-once" } as const;

test("what was shown is shown once, also when an incarnation commits it again", async () => {
  const sink = new TestSink<number>();
  const first = await OperatorHarness.open<number>(sink, options);
  first.feedValues([1, 2]);
  const entries = await first.barrier(1);
  expect(sink.received).toEqual([]);
  first.complete(1);
  await first.settle();
  expect(sink.received).toEqual([1, 2]);

  const second = await OperatorHarness.open<number>(sink, { ...options, restore: { entries, epoch: 1 } });
  await second.settle();

  expect(sink.received).toEqual([1, 2]);
});

test("a sink that holds is not ready, takes what is requested, and everything once it is released", async () => {
  const sink = new TestSink<number>();
  const harness = await OperatorHarness.open<number>(sink, options);

  sink.hold();
  harness.feedValues([1, 2, 3, 4]);
  expect([harness.ready, sink.takenCount]).toEqual([false, 0]);

  sink.request(3);
  await harness.step();
  expect([harness.ready, sink.takenCount, harness.waitingCount]).toEqual([false, 3, 1]);

  sink.release();
  await harness.step();
  expect([harness.ready, sink.takenCount, harness.waitingCount]).toEqual([true, 4, 0]);
  expect(() => sink.request(0)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});
