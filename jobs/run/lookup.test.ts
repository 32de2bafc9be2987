import { expect, test } from "vitest";
import { fromIterable, generate, type LookupCacheFigures } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import { simulatedExactlyOnce } from "../fixtures/simulated-exactly-once.ts";
import { crash, host, killProcess } from "../simulation/fault.ts";

const eventCount = 500;
const userCount = 9;

const job = defineJob("lookups", (job, { parallelism }: { parallelism: number }) => {
  job
    .source("numbers", generate({ count: eventCount }))
    .keyBy((number) => number % userCount)
    .lookup("user", async (number) => (number % userCount === 0 ? undefined : `user ${number % userCount}`), {
      cache: { ttl: "1h" },
      parallelism,
    })
    .map("text", ({ event, found }) => `${event} ${found ?? "nobody"}`)
    .collect("all");
});

const expected = Array.from({ length: eventCount }, (_, number) => {
  const user = number % userCount;
  return `${number} ${user === 0 ? "nobody" : `user ${user}`}`;
});

test.each([1, 4])(
  "every event is put out with what was found, once, whatever fails, on %i instances",
  async (parallelism) => {
    const simulation = await simulatedExactlyOnce(job, {
      seed: 3,
      params: { parallelism },
      faults: [crash("user", 0).after(40), crash(host(1)).at(20), killProcess().at(45)],
    });

    expect([...simulation.collected<string>("all")].sort()).toEqual(expected.toSorted());
  },
);

test("an operator tells how its cache does", async () => {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* numbers() {
    for (let number = 0; number < 20; number += 1) yield number;
    await ended;
  }
  const asked = defineJob("asked", (job) => {
    job
      .source("numbers", fromIterable(numbers(), { bounded: false }))
      .lookup("found", async (number) => number, { cache: { ttl: "1h", key: (number) => number % 4 } })
      .output("all");
  });
  await using system = await ActorSystem.start({ threads: 0 });
  await using run = await system.submit(asked, { guarantee: "at-most-once" });
  const results = run.output("all")[Symbol.asyncIterator]();
  for (let count = 0; count < 20; count += 1) await results.next();

  const figures = (await run.actor("found", 0).ask("cache", { timeout: "10s" })) as LookupCacheFigures;
  end();

  expect(figures.size).toBe(4);
  expect([figures.hits + figures.misses, figures.misses - figures.shared]).toEqual([20, 4]);
});
