/** Messages to operators while threads, operators and the process die: those of one sender arrive in order, each at most once, and each ask ends. */

import { expect, test } from "vitest";
import { forEach, generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { guarantees } from "../epochs/guarantee.ts";
import { crash, fail, hang, host, killProcess } from "./fault.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { SimulatedSystem } from "./simulated-system.ts";

interface Arrival {
  readonly place: string;
  readonly number: number;
}

const isOver: ReadonlySet<string> = new Set(["completed", "failed", "stopped", "cancelled"]);

/** Asks of a life of the process end with it. */
interface Asked {
  readonly life: number;
  /** By what it has ended. */
  readonly ends: string[];
}

async function run(seed: number) {
  const arrivals: Arrival[] = [];
  const asked: Asked[] = [];
  let next = 0;
  let lives = 0;
  const job = defineJob("asked", (job) => {
    job
      .source("numbers", generate({ count: 4_000, rate: 20_000 }), { parallelism: 2 })
      .keyBy((number) => number % 7)
      .process<number>(
        "told",
        () => ({
          onEvent: (number, context) => context.emit(number),
          onMessage: (message, { instance }) => {
            const number = message as number;
            arrivals.push({ place: `${instance}`, number });
            return number;
          },
        }),
        { parallelism: 3 },
      )
      .sink(
        "out",
        forEach(() => undefined),
      );
  });
  const faults = [
    crash(host(1 + (seed % 2))).at(20 + (seed % 50)),
    crash(host(1 + (seed % 3))).at(60 + (seed % 90)),
    hang(host(2))
      .for("1s")
      .at(90 + (seed % 40)),
    fail("told", seed % 3).after(100 + seed),
    fail("told", (seed + 1) % 3).after(200 + seed),
    ...(seed % 4 === 0 ? [killProcess("10ms").at(100 + (seed % 60))] : []),
  ];
  const guarantee = guarantees[seed % 3]!;
  const submit = SimulatedSystem.prototype.submit;
  const options = { seed, threads: 3, hangLimit: 200, guarantee, faults, quietAfter: "2s", epochInterval: 10 } as const;
  SimulatedSystem.prototype.submit = async function (...given: Parameters<typeof submit>) {
    const submitted = await submit.apply(this, given);
    lives += 1;
    const life = lives;
    const send = () => {
      if (life !== lives || isOver.has(submitted.status)) return;
      const actor = submitted.actor<number, number>("told", next % 3);
      for (let each = 0; each < 3; each += 1) {
        const number = next;
        next += 1;
        if (number % 2 === 0) actor.tell(number);
        else {
          const ask: Asked = { life, ends: [] };
          asked.push(ask);
          actor.ask(number, { timeout: "300ms" }).then(
            (answer) => ask.ends.push(answer === number ? "answer" : `${answer} to ${number}`),
            (error: { code?: string }) => ask.ends.push(error.code ?? String(error)),
          );
        }
      }
      simulated.after(2, send);
    };
    send();
    return submitted;
  };
  const simulated = new SimulatedProcess(job, options);
  try {
    simulated.start();
    while (await simulated.step());
  } finally {
    SimulatedSystem.prototype.submit = submit;
  }
  return { simulation: await simulated.ended(), arrivals, asked, lives };
}

test("messages of one sender arrive in order, each once at most, and each ask ends once, by an answer or an error with a code", async () => {
  const ends = new Map<string, number>();
  for (let seed = 0; seed < 20; seed += 1) {
    const { simulation, arrivals, asked, lives } = await run(seed);
    expect([seed, simulation.status, simulation.violations]).toEqual([seed, "completed", []]);
    for (const [place, own] of Map.groupBy(arrivals, (arrival) => arrival.place)) {
      const numbers = own.map(({ number }) => number);
      expect(numbers, `seed ${seed}, instance ${place}`).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    }
    for (const { life, ends: own } of asked) {
      if (life === lives) expect(own, `seed ${seed}`).toHaveLength(1);
      for (const end of own) ends.set(end, (ends.get(end) ?? 0) + 1);
    }
  }
  const { answer = 0, ...errors } = Object.fromEntries(ends);

  expect(answer).toBeGreaterThan(1_000);
  // None has to wait for its deadline.
  expect(errors).toHaveProperty("ERR_RT_HOST_LOST");
  expect(Object.keys(errors).filter((code) => !/^ERR_RT_(HOST_LOST|ACTOR_STOPPED)$/.test(code))).toEqual([]);
});
