import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MillraceError } from "../errors/millrace-error.ts";
import { HostSlots, mainHostNumber, type SlotAction } from "./host-slots.ts";

class TestDeath extends MillraceError {
  readonly code = "ERR_RT_TEST_DEATH";
}

const death = new TestDeath("died in a test");
const generous = { replacementsMax: 1_000, windowMs: 1_000 };

function kinds(actions: readonly SlotAction[]): string[] {
  return actions.map((action) => ("host" in action ? `${action.kind} ${action.host}` : action.kind));
}

function runningSlots(hostCount: number, budget = generous): HostSlots {
  const slots = new HostSlots(hostCount, budget);
  for (const action of slots.start()) if (action.kind === "acquire") slots.onAcquired(action.host);
  return slots;
}

describe("start", () => {
  test("asks for a thread per host, and links each to those that run before it", () => {
    const slots = new HostSlots(2, generous);

    expect(kinds(slots.start())).toEqual(["acquire 1", "acquire 2"]);
    expect(slots.onAcquired(2)).toEqual([{ kind: "adopt", host: 2, incarnation: 0, peers: [0] }]);
    expect(slots.onAcquired(1)).toEqual([
      { kind: "adopt", host: 1, incarnation: 0, peers: [0, 2] },
      { kind: "all-running" },
    ]);
  });

  test("replaces a host that dies before all are running, and is complete afterwards", () => {
    const slots = new HostSlots(2, generous);
    slots.start();
    slots.onAcquired(1);

    expect(kinds(slots.onDied(1, death, 0))).toEqual(["leave 0", "lost 1", "acquire 1"]);
    expect(kinds(slots.onAcquired(2))).toEqual(["adopt 2"]);
    expect(kinds(slots.onAcquired(1))).toEqual(["adopt 1", "replaced 1", "all-running"]);
  });

  test("fails when no thread can be had", () => {
    const slots = new HostSlots(2, generous);
    slots.start();

    expect(slots.onAcquireFailed(1, death)).toEqual([{ kind: "failed", error: death }]);
    expect(slots.onAcquireFailed(2, death)).toEqual([]);
    expect(kinds(slots.stop())).toEqual(["all-stopped"]);
  });
});

describe("death", () => {
  test("is told to every running host before the replacement is adopted", () => {
    const slots = runningSlots(3);

    expect(slots.onDied(2, death, 0)).toEqual([
      { kind: "leave", host: 0, peer: 2, incarnation: 0 },
      { kind: "leave", host: 1, peer: 2, incarnation: 0 },
      { kind: "leave", host: 3, peer: 2, incarnation: 0 },
      { kind: "lost", host: 2, error: death },
      { kind: "acquire", host: 2 },
    ]);
    expect(slots.onAcquired(2)).toEqual([
      { kind: "adopt", host: 2, incarnation: 1, peers: [0, 1, 3] },
      { kind: "replaced", host: 2, incarnation: 1 },
    ]);
  });

  test("of a second host is not told to the first one, and they are linked when both are back", () => {
    const slots = runningSlots(2);
    slots.onDied(1, death, 0);

    expect(kinds(slots.onDied(2, death, 0))).toEqual(["leave 0", "lost 2", "acquire 2"]);
    expect(slots.onAcquired(2)[0]).toMatchObject({ kind: "adopt", peers: [0] });
    expect(slots.onAcquired(1)[0]).toMatchObject({ kind: "adopt", peers: [0, 2] });
  });

  test("beyond the budget fails the group once, and replaces nothing any more", () => {
    const slots = runningSlots(3, { replacementsMax: 1, windowMs: 1_000 });
    slots.onDied(1, death, 0);
    slots.onAcquired(1);

    const spent = slots.onDied(1, death, 999);
    const after = slots.onDied(2, death, 5_000);

    expect(kinds(spent)).toEqual(["leave 0", "leave 2", "leave 3", "lost 1", "failed"]);
    expect(spent.at(-1)).toMatchObject({ error: { code: "ERR_RT_REPLACEMENTS_SPENT", cause: death } });
    expect(kinds(after)).toEqual(["leave 0", "leave 3", "lost 2"]);
    expect([...slots.phases.values()].map(({ kind }) => kind)).toEqual(["stopped", "stopped", "running"]);
  });

  test("counts against the budget only within the window", () => {
    const slots = runningSlots(1, { replacementsMax: 1, windowMs: 1_000 });
    slots.onDied(1, death, 0);
    slots.onAcquired(1);

    expect(kinds(slots.onDied(1, death, 1_000))).toContain("acquire 1");
  });

  test("of a host that is not running changes nothing", () => {
    const slots = runningSlots(1);
    slots.onDied(1, death, 0);

    expect(slots.onDied(1, death, 1)).toEqual([]);
  });
});

describe("stop", () => {
  test("stops what runs, forgets what is being replaced, and is over when the last one ended", () => {
    const slots = runningSlots(3);
    slots.onDied(2, death, 0);

    expect(kinds(slots.stop())).toEqual(["stop 1", "stop 3"]);
    expect(slots.onAcquired(2)).toEqual([]);
    expect(slots.onStopped(1)).toEqual([]);
    expect(kinds(slots.onDied(3, death, 0))).toEqual(["all-stopped"]);
    expect(slots.stop()).toEqual([]);
  });

  test("before the start lets nothing start", () => {
    const slots = new HostSlots(2, generous);

    expect(kinds(slots.stop())).toEqual(["all-stopped"]);
    expect(slots.start()).toEqual([]);
  });
});

test("S1 to S3 hold whatever dies when", () => {
  const steps = fc.array(fc.record({ host: fc.integer({ min: 1, max: 4 }), die: fc.boolean() }), { maxLength: 100 });

  fc.assert(
    fc.property(steps, (script) => {
      const slots = new HostSlots(4, generous);
      const world = new World();
      world.follow(slots.start());
      for (const { host, die } of script) {
        if (die) world.follow(slots.onDied(host, death, 0));
        else if (world.acquiring.delete(host)) world.follow(slots.onAcquired(host));
        world.check();
      }
      for (const host of world.acquiring) world.follow(slots.onAcquired(host));
      expect([...world.incarnations.keys()].sort()).toEqual([1, 2, 3, 4]);
    }),
  );
});

/** What the hosts know of each other when every action is carried out. */
class World {
  readonly acquiring = new Set<number>();
  readonly running = new Set([mainHostNumber]);
  readonly incarnations = new Map<number, number>();
  readonly #links = new Set<string>();

  follow(actions: readonly SlotAction[]): void {
    for (const action of actions) {
      if (action.kind === "acquire") this.acquiring.add(action.host);
      if (action.kind === "lost") this.running.delete(action.host);
      if (action.kind === "leave") expect(this.#links.delete(linkOf(action.host, action.peer))).toBe(true);
      if (action.kind === "adopt") this.#adopt(action);
    }
  }

  check(): void {
    const hosts = [...this.running];
    const wanted = hosts.flatMap((left) => hosts.filter((right) => right > left).map((right) => linkOf(left, right)));
    expect([...this.#links].sort()).toEqual(wanted.sort());
  }

  #adopt({ host, incarnation, peers }: Extract<SlotAction, { kind: "adopt" }>): void {
    expect(incarnation).toBe((this.incarnations.get(host) ?? -1) + 1);
    this.incarnations.set(host, incarnation);
    this.running.add(host);
    for (const peer of peers) {
      expect(this.#links.has(linkOf(host, peer))).toBe(false);
      this.#links.add(linkOf(host, peer));
    }
  }
}

function linkOf(one: number, other: number): string {
  return `${Math.min(one, other)}-${Math.max(one, other)}`;
}
