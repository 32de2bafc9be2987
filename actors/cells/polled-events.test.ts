import { expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import type { SourceReader } from "../source.ts";
import { PolledEvents } from "./polled-events.ts";

test("tells progress at each event, and more than before, wherever a poll ends", () => {
  const progress = new Int32Array([7]);
  const told: number[] = [];
  const polled = new PolledEvents({ clock: new VirtualClock(), progress });
  const reader: SourceReader<string> = {
    open: () => undefined,
    poll(output) {
      for (const value of ["a", "b", "c"]) {
        output.emit(value);
        told.push(progress[0]!);
      }
      return "waiting";
    },
  };

  polled.poll(reader, false);
  polled.poll(reader, false);
  polled.take();
  polled.poll(reader, false);

  expect(told).toHaveLength(9);
  expect(told[0]).toBeGreaterThan(7);
  for (const [index, count] of told.slice(1).entries()) expect(count).toBeGreaterThan(told[index]!);
});

test("takes many events at once, behind and before single ones, with their times", () => {
  const polled = new PolledEvents({ clock: new VirtualClock(), progress: new Int32Array(1) });
  const given = ["b", "c"];
  const reader: SourceReader<string> = {
    open: () => undefined,
    poll(output) {
      output.emit("a", 1);
      output.emitAll(given, [2, 3]);
      output.emit("d", 4);
      return "end";
    },
  };

  polled.poll(reader, false);

  expect(polled.take()).toEqual({ values: ["a", "b", "c", "d"], times: [1, 2, 3, 4], keys: undefined });
  expect(given).toEqual(["b", "c"]);
});

test("hands on events that came at once as they came, and leaves them as they are when more follow", () => {
  const polled = new PolledEvents({ clock: new VirtualClock(), progress: new Int32Array(1) });
  const given = [1, 2];
  const readerOf = (rest: readonly number[]): SourceReader<number> => ({
    open: () => undefined,
    poll(output) {
      output.emitAll(given);
      output.emitAll(rest);
      return "end";
    },
  });

  polled.poll(readerOf([]), false);
  expect(polled.take().values).toBe(given);
  polled.poll(readerOf([3]), false);
  expect(polled.take().values).toEqual([1, 2, 3]);
  expect(given).toEqual([1, 2]);
});

test("refuses times that are not one for each event", () => {
  const polled = new PolledEvents({ clock: new VirtualClock(), progress: new Int32Array(1) });
  const reader: SourceReader<string> = {
    open: () => undefined,
    poll(output) {
      output.emitAll(["a", "b"], [1]);
      return "end";
    },
  };

  expect(() => polled.poll(reader, false)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  expect(polled.count).toBe(0);
});
