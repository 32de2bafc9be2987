import { expect, test } from "vitest";
import type { SourceContext, SourceReader, SourceSpec } from "../source.ts";
import { fromIterable } from "../sources/from-iterable.ts";
import { SourceHarness } from "./source-harness.ts";

const spec = (reader: SourceReader<number>): SourceSpec<number> => ({
  kind: "test",
  bounded: true,
  replayable: false,
  create: () => reader,
});
const broken = (text: string) =>
  expect.objectContaining({ code: "ERR_RT_INVARIANT", message: expect.stringContaining(text) });

test("a poll that emits more than it was asked for breaks S1", async () => {
  const harness = await SourceHarness.open(
    spec({
      open: () => undefined,
      poll: (output) => {
        output.emit(1);
        output.emit(2);
        return "more";
      },
    }),
  );

  expect(() => harness.poll(1)).toThrow(broken("S1: a poll emits at most as many events as it was asked for"));
});

test("what a source does after it was closed breaks S3", async () => {
  let context: SourceContext | undefined;
  const harness = await SourceHarness.open(
    spec({
      open: (given) => {
        context = given;
      },
      poll: () => "end",
    }),
  );
  await harness.close();

  expect(context!.signal.aborted).toBe(true);
  expect(() => context!.wake()).toThrow(broken("nothing happens after close, but wake was called"));
});

test("a failure that the source reports is thrown to the test instead of waiting for ever", async () => {
  const failure = new Error("connection lost");
  const harness = await SourceHarness.open(spec({ open: (context) => context.fail(failure), poll: () => "waiting" }));

  await expect(harness.toEnd()).rejects.toBe(failure);
  await expect(harness.toCount(1)).rejects.toBe(failure);
});

test("the next incarnation goes on at the position of the one before", async () => {
  const first = await SourceHarness.open(fromIterable([1, 2, 3, 4]));
  await first.toCount(3);
  await first.close();

  const second = await SourceHarness.readAll(fromIterable([1, 2, 3, 4]), { position: first.position() });

  expect([first.events, second.events]).toEqual([[1, 2, 3], [4]]);
});
