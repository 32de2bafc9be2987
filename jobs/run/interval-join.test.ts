import { describe, expect, test } from "vitest";
import { generate, type JoinType } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulatedExactlyOnce } from "../fixtures/simulated-exactly-once.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";

interface Reading {
  readonly key: number;
  readonly time: number;
  readonly id: string;
}

interface JoinParams {
  readonly type: JoinType;
  readonly parallelism: number;
}

const eventCount = 600;
const keyCount = 7;
const disorderMs = 40;

/** In disorder, up to `disorderMs` apart, and in places with nobody near. */
function reading(side: "l" | "r", number: number): Reading {
  const stride = side === "l" ? 13 : 17;
  return {
    key: (number * stride) % keyCount,
    time: number * 10 + ((number * stride) % 5) * 10,
    id: `${side}${number}`,
  };
}

const all = (side: "l" | "r") => Array.from({ length: eventCount }, (_, number) => reading(side, number));

const job = defineJob("readings", (job, { type, parallelism }: JoinParams) => {
  const [left, right] = (["l", "r"] as const).map((side) =>
    job
      .source(`source-${side}`, generate({ count: eventCount }))
      .map(`reading-${side}`, (number) => reading(side, number))
      .eventTime(`time-${side}`, { time: ({ time }) => time, outOfOrderness: disorderMs })
      .keyBy(({ key }) => key),
  );
  const joined = left!.intervalJoin(
    "joined",
    right!,
    { lower: -25, upper: 45 },
    (one, other) => `${one?.id ?? "-"} ${other?.id ?? "-"}`,
    { type, parallelism },
  );
  joined.collect("all");
  joined.late().collect("late");
});

function expected(type: JoinType): readonly string[] {
  const rights = all("r");
  const matched = new Set<Reading>();
  const results: string[] = [];
  for (const left of all("l")) {
    const partners = rights.filter(
      ({ key, time }) => key === left.key && time >= left.time - 25 && time <= left.time + 45,
    );
    for (const right of partners) matched.add(right);
    results.push(...partners.map((right) => `${left.id} ${right.id}`));
    if (partners.length === 0 && (type === "left" || type === "full")) results.push(`${left.id} -`);
  }
  if (type === "right" || type === "full") {
    results.push(...rights.filter((right) => !matched.has(right)).map((right) => `- ${right.id}`));
  }
  return results.sort();
}

const plans: Readonly<Record<string, readonly PlannedFault[]>> = {
  "without a fault": [],
  "when it throws and threads are lost": [
    crash("joined", 0).after(150),
    crash(host(1)).at(30),
    crash("joined", 0).after(500),
    crash(host(2)).at(60),
  ],
  "when the process is killed": [killProcess().at(20), killProcess().at(45)],
};

describe.each(["inner", "left", "right", "full"] satisfies JoinType[])("the %s join of two streams", (type) => {
  test.each(
    Object.entries(plans).flatMap(([name, faults]) => [1, 4].map((parallelism) => ({ name, faults, parallelism }))),
  )("is that of their events, $name, on $parallelism instances", async ({ faults, parallelism }) => {
    const simulation = await simulatedExactlyOnce(job, { seed: 11, faults, params: { type, parallelism } });

    expect(simulation.collected("late")).toEqual([]);
    expect([...simulation.collected<string>("all")].sort()).toEqual(expected(type));
  });
});

test("under at-least-once nothing is missing, and under at-most-once nothing comes twice", async () => {
  const simulated = (guarantee: "at-least-once" | "at-most-once") =>
    simulate(job, {
      seed: 5,
      faults: [crash("joined", 1).after(150), crash(host(1)).at(30)],
      params: { type: "inner", parallelism: 2 },
      guarantee,
      epochInterval: 10,
      creditEvents: 64,
    });
  const pairs = expected("inner");

  const atLeast = await simulated("at-least-once");
  const atMost = await simulated("at-most-once");

  expect([atLeast.status, atMost.status]).toEqual(["completed", "completed"]);
  expect([...new Set(atLeast.collected<string>("all"))].sort()).toEqual(pairs);
  const collected = atMost.collected<string>("all");
  expect(new Set(collected).size).toBe(collected.length);
  expect(collected.filter((pair) => !pairs.includes(pair))).toEqual([]);
});
