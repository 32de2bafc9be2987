import { expect, test } from "vitest";
import { SystemClock, serviceToken } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { OperatorContext, OperatorLogic, OperatorSpec, Output } from "../operator.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { OperatorHarness } from "./operator-harness.ts";

const spec = (logic: OperatorLogic): OperatorSpec => ({ kind: "test", outputs: ["main"], create: () => logic });
const broken = (text: string) =>
  expect.objectContaining({ code: "ERR_RT_INVARIANT", message: expect.stringContaining(text) });

test("an event that is handled without a beginning breaks O1", async () => {
  const harness = await OperatorHarness.open(spec({ onBatch: () => undefined }));

  expect(() => harness.feedValues([1])).toThrow(broken("O1: begin is called for each event taken"));
});

test("an event that begins out of order breaks O1", async () => {
  const harness = await OperatorHarness.open(spec({ onBatch: (_batch, _from, to, output) => output.begin(to - 1) }));

  expect(() => harness.feedValues([1, 2])).toThrow(broken("O1: events begin in order"));
});

test("a result outside a call, or on an output that there is not, breaks O2", async () => {
  let kept: Output | undefined;
  const harness = await OperatorHarness.open(
    spec({
      onBatch: (_batch, from, _to, output) => {
        kept = output;
        output.begin(from);
      },
      onMessage: (_message, output) => output.emitTo(1, "on a second output"),
    }),
  );
  harness.feedValues([1]);

  expect(() => kept!.emit("late")).toThrow(broken("O2: results come only while the operator is called"));
  expect(() => harness.tell("emit")).toThrow(broken("O2: results come only on declared outputs"));
});

test("events left by an operator that never says it is not ready break O3", async () => {
  const takesNone = { onBatch: (_batch: Batch, from: number) => from };
  const withoutReady = await OperatorHarness.open(spec(takesNone));
  const withReady = await OperatorHarness.open(spec({ ...takesNone, ready: () => true }));

  expect(() => withoutReady.feedValues([1])).toThrow(broken("O3: only an operator with `ready` leaves events"));
  expect(() => withReady.feedValues([1])).toThrow(broken("O3: an operator that takes none is not ready"));
});

test("what an operator does after it was closed breaks O4", async () => {
  let context: OperatorContext | undefined;
  const harness = await OperatorHarness.open(
    spec({
      open: (given) => {
        context = given;
      },
      onBatch: () => undefined,
    }),
  );
  await harness.close();

  expect(() => context!.wake()).toThrow(broken("nothing happens after close, but wake was called"));
  expect(() => context!.deadLetter(1, new Error("late"))).toThrow(broken("deadLetter"));
});

test("a failure of the operator, rather than of an event, is thrown to the test", async () => {
  const failure = new Error("connection lost");
  let context: OperatorContext | undefined;
  const harness = await OperatorHarness.open(
    spec({
      open: (given) => {
        context = given;
      },
      onBatch: () => undefined,
      quiet: () => false,
    }),
  );

  context!.fail(failure);

  await expect(harness.settle()).rejects.toBe(failure);
  await expect(harness.until(() => false)).rejects.toBe(failure);
  expect(harness.failures).toEqual([failure]);
});

test("work outside the process is waited for without time passing", async () => {
  let isDone = false;
  const harness = await OperatorHarness.open(
    spec({
      open: (context) =>
        new SystemClock().soon(() => {
          isDone = true;
          context.wake();
        }),
      onBatch: () => undefined,
      quiet: () => isDone,
    }),
  );
  const startMs = harness.clock.wallMs();

  await harness.settle();

  expect([harness.quiet, harness.clock.wallMs()]).toEqual([true, startMs]);
});

test("an operator of one's own is run by its class, with services and a place", async () => {
  const rate = serviceToken<number>("rate");
  class Convert {
    onEvent(event: number, context: ProcessContext<string>): void {
      if (event < 0) throw new RangeError("negative");
      context.emit(`${context.instance}: ${event * context.services.get(rate)}`);
      context.emitTo("raw", event);
    }
  }
  const harness = await OperatorHarness.openProcess(Convert, {
    outputs: ["raw"],
    instance: 1,
    parallelism: 2,
    services: [{ token: rate, value: 3 }],
  });

  harness.feed([
    { value: 1, time: 10 },
    { value: -1, time: 11 },
    { value: 2, time: 12 },
  ]);
  const run = await harness.end();

  expect(harness.values()).toEqual(["1: 3", "1: 6"]);
  expect(run.results.raw).toEqual([
    { value: 1, time: 10 },
    { value: 2, time: 12 },
  ]);
  expect(run.deadLetters).toEqual([{ value: -1, error: expect.any(RangeError) }]);
});

test("an operator whose outputs lack credit is neither offered events nor woken, while time passes", async () => {
  class Later {
    onEvent(event: number, context: ProcessContext<string>): void {
      context.emit(`${event} at ${context.clock.monotonicMs()}`);
    }
  }
  const harness = await OperatorHarness.openProcess(Later);

  harness.lackCredit();
  harness.feedValues([1, 2]);
  await harness.advance(1_000);
  expect([harness.values(), harness.waitingCount]).toEqual([[], 2]);

  harness.grantCredit();
  expect(harness.values()).toEqual(["1 at 1000", "2 at 1000"]);
});
