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
