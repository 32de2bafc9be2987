import { describe, expect, test } from "vitest";
import type { BeamEvent } from "./event.ts";
import { beamEventStream, disorderMs, type EventAt, eventStream, type StreamSettings } from "./event-stream.ts";
import { JavaRandom } from "./java-random.ts";
import { streamChecksum, streamChecksums } from "./stream-checksums.ts";

describe("numbers are those of java.util.Random", () => {
  test.each([
    [42, [-1170105035, 234785527]],
    [0, [-1155484576]],
  ])("of seed %i", (seed, expected) => {
    const random = new JavaRandom().seed(seed);

    expect(expected.map(() => random.nextInt32())).toEqual(expected);
  });
});

/** What is quickly made; the command checks all of it. */
const quickEvents = 20_000;

describe("the stream is that which others have made", () => {
  test.each(streamChecksums.filter(({ events }) => events <= quickEvents))("$name", (one) => {
    expect(streamChecksum(one)).toBe(one.sha256);
  });
});

test("an event can be made without those before it", () => {
  const at = eventStream({ events: 20_000, rate: 200 });
  const inOrder = Array.from({ length: 100 }, (_, index) => at(19_900 + index));

  const alone = eventStream({ events: 20_000, rate: 200 });

  expect(alone(19_950)).toEqual(inOrder[50]);
});

test.each<StreamSettings>([
  { events: 20_000, rate: 200, outOfOrderGroupSize: 1_000 },
  { events: 3_000, rate: 10_000, outOfOrderGroupSize: 100 },
  { events: 1_000, rate: 10_000 },
])("events are as late as is said, and no later: %o", (settings) => {
  expect(latenessMs(eventStream(settings), settings.events)).toBeLessThanOrEqual(disorderMs(settings));
});

test("shuffled, the stream holds the same events", () => {
  const textsOf = (outOfOrderGroupSize: number) => {
    const at = beamEventStream({ events: 3_000, outOfOrderGroupSize });
    return Array.from({ length: 3_000 }, (_, index) => JSON.stringify(at(index)));
  };

  const shuffled = textsOf(1_000);

  expect(shuffled).not.toEqual(textsOf(1));
  expect(shuffled.toSorted()).toEqual(textsOf(1).toSorted());
});

function latenessMs(at: EventAt<BeamEvent>, count: number): number {
  let newest = 0;
  let lateness = 0;
  for (let index = 0; index < count; index += 1) {
    const { dateTime } = at(index);
    newest = Math.max(newest, dateTime);
    lateness = Math.max(lateness, newest - dateTime);
  }
  return lateness;
}
