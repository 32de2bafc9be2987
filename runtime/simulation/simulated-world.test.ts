import { describe, expect, test } from "vitest";
import { SystemClock } from "../seams/clock.ts";
import { History } from "./history.ts";
import { SeededRandom } from "./seeded-random.ts";
import { SimulatedTransport } from "./simulated-transport.ts";
import { SimulatedWorld } from "./simulated-world.ts";

function worldOf(seed: number): SimulatedWorld {
  return new SimulatedWorld(new SeededRandom(seed), new History(true));
}

async function untilNothingHappens(world: SimulatedWorld): Promise<void> {
  while (await world.step());
}

async function afterPromises(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) await null;
}

const seeds = Array.from({ length: 50 }, (_, seed) => seed);

test("what is posted to a lane arrives in order, nothing before its time; lanes overtake each other", async () => {
  const orders = new Set<string>();
  for (const seed of seeds) {
    const world = worldOf(seed);
    const arrived: string[] = [];
    const [left, right] = ["left", "right"].map((name) => world.createLane(name, world.main));
    for (const [number, delayMs] of [0, 30, 10, 0].entries()) {
      for (const lane of [left, right]) {
        if (lane === undefined) continue;
        world.post(lane, "a parcel", () => arrived.push(`${lane.name}${number} ${world.nowMs >= delayMs}`), delayMs);
      }
    }

    await untilNothingHappens(world);

    for (const name of ["left", "right"]) {
      const mine = arrived.filter((each) => each.startsWith(name));
      expect(mine).toEqual([0, 1, 2, 3].map((number) => `${name}${number} true`));
    }
    orders.add(arrived.join());
  }
  expect(orders.size).toBeGreaterThan(10);
});

test("timers run in the order they are due, cancelled ones never", async () => {
  for (const seed of seeds) {
    const world = worldOf(seed);
    const ran: string[] = [];
    const { clock } = world.main;
    clock.after(20, () => ran.push("late"));
    const cancel = clock.after(5, () => ran.push("cancelled"));
    clock.after(10, () => ran.push("first"));
    clock.after(10, () => ran.push("second"));
    cancel();

    await untilNothingHappens(world);

    expect(ran).toEqual(["first", "second", "late"]);
    expect(world.nowMs).toBeGreaterThanOrEqual(20);
  }
});

describe("a thread", () => {
  test("that has ended does nothing any more, and nothing reaches it", async () => {
    const world = worldOf(1);
    const thread = world.createThread("thread");
    const ran: string[] = [];
    thread.clock.after(5, () => ran.push("timer"));
    world.post(world.createLane("lane", thread), "a parcel", () => ran.push("parcel"), 5);
    world.main.clock.after(1, () => world.endThread(thread));
    thread.clock.after(0, () => ran.push("in time"));

    await untilNothingHappens(world);

    expect(ran.filter((each) => each !== "in time")).toEqual([]);
  });

  test("that is held goes on when it is over", async () => {
    const world = worldOf(1);
    const thread = world.createThread("thread");
    let ranMs = 0;
    thread.hold(1_000);
    thread.clock.after(0, () => {
      ranMs = world.nowMs;
    });

    await untilNothingHappens(world);

    expect(ranMs).toBeGreaterThanOrEqual(1_000);
  });

  test("gets to the end of its time also when it gets nothing done", async () => {
    const world = worldOf(1);
    const { clock } = world.createThread("thread");
    let looks = 0;
    clock.after(0, () => {
      for (const endMs = clock.monotonicMs() + 5; clock.monotonicMs() < endMs; ) looks += 1;
    });

    await untilNothingHappens(world);

    expect(looks).toBeGreaterThan(0);
  });

  test("has time pass for it as it works", async () => {
    const world = worldOf(1);
    let workDone = 0;
    const { clock } = world.createThread("thread", () => workDone);
    const times: number[] = [];
    clock.after(0, () => {
      times.push(clock.monotonicMs());
      workDone += 1_000;
      times.push(clock.monotonicMs());
    });
    clock.after(0, () => times.push(world.nowMs));
    let setMs = 0;
    let ranMs = 0;
    clock.after(5, () => {
      workDone += 1_000;
      setMs = clock.monotonicMs();
      clock.after(7, () => {
        ranMs = clock.monotonicMs();
      });
    });

    await untilNothingHappens(world);

    // A timer is due by the time of the thread that set it.
    expect(ranMs - setMs).toBeGreaterThanOrEqual(7);

    const [before = 0, after = 0, next = 0] = times;
    // The second look at the clock is counted as well.
    expect(after - before).toBeCloseTo(10.01);
    expect(next).toBeGreaterThanOrEqual(after);
  });

  test("tells what its callbacks throw to its owner; the error of one without is that of the step", async () => {
    const world = worldOf(1);
    const errors: unknown[] = [];
    const owned = world.createThread("owned", undefined, (error) => errors.push(error));
    const boom = new Error("boom");
    owned.clock.after(0, () => {
      throw boom;
    });
    await untilNothingHappens(world);
    world.main.clock.after(0, () => {
      throw boom;
    });

    await expect(untilNothingHappens(world)).rejects.toBe(boom);
    expect(errors).toEqual([boom]);
  });
});

test("a process that ends takes its threads, timers and packets along, and nothing from outside", async () => {
  const world = worldOf(1);
  const ran: string[] = [];
  const before = world.main;
  before.clock.after(5, () => ran.push("main"));
  world.createThread("thread").clock.after(5, () => ran.push("thread"));
  world.outside.clock.after(1, () => world.endProcess());
  world.outside.clock.after(10, () => ran.push("outside"));

  await untilNothingHappens(world);

  expect(ran).toEqual(["outside"]);
  expect(world.main).not.toBe(before);
});

test("what follows from promises does not wait for a timer that is far away", async () => {
  for (const seed of seeds) {
    const world = worldOf(seed);
    const arrivedMs: number[] = [];
    world.outside.clock.after(60_000, () => undefined);
    const lane = world.createLane("lane", world.main);
    void Promise.resolve().then(() => world.post(lane, "a parcel", () => arrivedMs.push(world.nowMs)));

    await untilNothingHappens(world);

    expect(arrivedMs).toEqual([0]);
  }
});

test("nor does it where the platform runs the world in a tick, as it does for messages of other processes", async () => {
  const arrivedMs: number[] = [];
  await new Promise<void>((resolve) => {
    // By a tick of the platform.
    new SystemClock().afterPromises(() => {
      const world = worldOf(1);
      world.outside.clock.after(60_000, () => undefined);
      const lane = world.createLane("lane", world.main);
      void afterPromises(20).then(() => world.post(lane, "a parcel", () => arrivedMs.push(world.nowMs)));
      void untilNothingHappens(world).then(resolve);
    });
  });

  expect(arrivedMs).toEqual([0]);
});

test("a wall clock jumps, and no timer does", async () => {
  const world = worldOf(1);
  const { clock } = world.main;
  const wallMs = clock.wallMs();
  const monotonicMs = clock.monotonicMs();

  world.jumpWall(-3_600_000);

  expect(clock.wallMs()).toBe(wallMs - 3_600_000);
  expect(clock.monotonicMs() - monotonicMs).toBeCloseTo(0.01);
});

describe("a link", () => {
  test("delivers what was sent before its sender died, and nothing after it was closed", async () => {
    const world = worldOf(1);
    const { left, right } = new SimulatedTransport(world).createLink();
    const thread = world.createThread("thread");
    left.moveTo(thread);
    const received: number[] = [];
    right.onPacket((packet) => received.push((packet as Uint8Array)[0] ?? -1));
    left.post(new Uint8Array([1]));
    world.endThread(thread);
    left.post(new Uint8Array([2]));

    await untilNothingHappens(world);
    expect(received).toEqual([1]);

    const other = new SimulatedTransport(world).createLink();
    other.right.onPacket((packet) => received.push((packet as Uint8Array)[0] ?? -1));
    other.left.post(new Uint8Array([3]));
    other.right.close();
    await untilNothingHappens(world);
    expect(received).toEqual([1]);
  });

  test("keeps packets until somebody takes them, and delays them on demand", async () => {
    const world = worldOf(1);
    const { left, right } = new SimulatedTransport(world).createLink();
    const received: number[] = [];
    right.delay(100);
    left.post(new Uint8Array([1]));
    await untilNothingHappens(world);
    expect(received).toEqual([]);

    right.onPacket((packet) => received.push((packet as Uint8Array)[0] ?? -1));
    await untilNothingHappens(world);

    expect(received).toEqual([1]);
    expect(world.nowMs).toBeGreaterThanOrEqual(100);
  });
});

test("a history has a line for each step, and a hash that tells it from any other", async () => {
  const histories = await Promise.all(
    [1, 1, 2].map(async (seed) => {
      const world = worldOf(seed);
      for (const delayMs of [1, 2, 3]) world.main.clock.after(delayMs + world.random.next(), () => undefined);
      await untilNothingHappens(world);
      return world.history;
    }),
  );

  expect(histories[0]?.lines).toHaveLength(3);
  expect(histories[0]?.lines?.[0]).toMatch(/^\d+\.\d{3} host 0: timer$/);
  expect(histories[1]?.hash).toBe(histories[0]?.hash);
  expect(histories[2]?.hash).not.toBe(histories[0]?.hash);
});

test("what a step makes happen stands at the end of its line, and in the hash whether lines are kept or not", () => {
  const [kept, hashed, other] = [new History(true), new History(false), new History(true)];

  for (const history of [kept, hashed]) {
    history.add(1, "host 1", "timer");
    history.note("count/0 takes 3");
    history.note("of two\nlines");
    history.add(2, "host 2", "timer");
  }
  other.add(1, "host 1", "timer");
  other.add(2, "host 2", "timer");

  expect(kept.lines).toEqual(["1.000 host 1: timer; count/0 takes 3; of two lines", "2.000 host 2: timer"]);
  expect([hashed.lines, hashed.hash]).toEqual([undefined, kept.hash]);
  expect(other.hash).not.toBe(kept.hash);
});
