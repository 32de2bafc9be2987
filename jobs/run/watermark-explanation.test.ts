import { expect, test } from "vitest";
import { fromIterable } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

interface Reading {
  readonly device: string;
  readonly at: number;
}

const noon = Date.UTC(2026, 0, 1, 12);
const minute = 60_000;

/** Two sources of which the slow one has stopped at an early time, without having ended. */
function meeting(goOn: Promise<void>, arrived: () => void) {
  async function* slow() {
    yield { device: "a", at: noon };
    yield { device: "b", at: noon + minute };
    await goOn;
  }
  async function* fast() {
    for (let step = 0; step < 10; step += 1) yield { device: "c", at: noon + step * minute };
    await goOn;
  }
  return defineJob("meeting", (job) => {
    const time = ({ at }: Reading) => at;
    const left = job
      .source("slow", fromIterable(slow))
      .eventTime("slow-time", { time, splitBy: ({ device }) => device, idleAfter: false });
    const right = job.source("fast", fromIterable(fast)).eventTime("fast-time", { time, idleAfter: false });
    left
      .union(right)
      .keyBy(({ device }) => device)
      .process("together", () => ({
        onEvent: () => undefined,
        onWatermark: (watermark) => {
          if (watermark === noon - 1) arrived();
        },
      }));
  });
}

async function during(look: (run: Awaited<ReturnType<ActorSystem["submit"]>>) => Promise<void>): Promise<void> {
  const [end, here] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using system = await ActorSystem.start();
  const run = await system.submit(meeting(end.promise, here.resolve));
  await here.promise;
  await look(run);
  end.resolve();
  await run.completed;
  expect(await run.explainWatermark("together")).toMatchObject({
    watermark: Number.POSITIVE_INFINITY,
    text: 'event time is over at "together": its input has ended',
  });
}

test("event time is held up by the slowest split of the slowest input", async () => {
  await during(async (run) => {
    const explanation = await run.explainWatermark("together");

    expect(explanation).toMatchObject({
      operator: "together",
      watermark: noon - 1,
      heldBy: [
        { operator: "together", instance: 0, watermark: noon - 1, isIdle: false },
        { operator: "slow-time", instance: 0, isIdle: false },
      ],
      split: { split: "a", time: noon },
    });
    expect(explanation.text).toMatch(
      /^event time at "together" is 2026-01-01T11:59:59.999Z, held by "together" instance 0 <- "slow-time" instance 0, whose split "a" has had no event for \d+\.\d s, its newest is 2026-01-01T12:00:00.000Z$/,
    );
    const together = (await run.report()).operators.find(({ name }) => name === "together");
    expect(together?.instances).toMatchObject([{ watermark: noon - 1 }]);
  });
});

test("where nobody tells event time, the source is named", async () => {
  const [end, here] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using system = await ActorSystem.start();
  const run = await system.submit(
    defineJob("timeless", (job) => {
      async function* numbers() {
        yield 1;
        await end.promise;
      }
      job
        .source("numbers", fromIterable(numbers))
        .keyBy((number) => number)
        .process("seen", () => ({ onEvent: () => here.resolve() }));
    }),
  );
  await here.promise;

  const { text, watermark, heldBy } = await run.explainWatermark("seen");

  expect(watermark).toBe(Number.NEGATIVE_INFINITY);
  expect(heldBy.map(({ operator }) => operator)).toEqual(["seen", "numbers"]);
  expect(text).toContain("put eventTime(...) behind its source");
  end.resolve();
  await run.completed;
});

test("an operator that is not there is refused", async () => {
  await during(async (run) => {
    await expect(run.explainWatermark("nowhere")).rejects.toMatchObject({ code: "ERR_JOB_OPERATOR_UNKNOWN" });
  });
});
