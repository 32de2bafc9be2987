/** State with a time to live, over instances that fail and processes that are lost, in simulated time. */

import { describe, expect, test } from "vitest";
import { generate, type ProcessContext, type ProcessOperator, type ValueState } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulatedExactlyOnce } from "../fixtures/simulated-exactly-once.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";

interface Visit {
  readonly user: number;
  readonly time: number;
}

interface Session {
  readonly user: number;
  readonly start: number;
  readonly visits: number;
}

const visitCount = 2_000;
const ttlMs = 150;

function visitOf(number: number): Visit {
  const hash = Math.imul(number + 1, 2_654_435_761) >>> 0;
  return { user: (hash >>> 4) % 16, time: number * 10 };
}

/** Tells after each visit how many there were without a pause between; the state runs out in a pause. */
class Sessions implements ProcessOperator<Visit, Session> {
  #session!: ValueState<Session>;

  open({ state }: ProcessContext): void {
    this.#session = state.value("session", { ttl: ttlMs, ttlTime: "event" });
  }

  onEvent({ user, time }: Visit, context: ProcessContext<Session>): void {
    const before = this.#session.get() ?? { user, start: time, visits: 0 };
    const session = { ...before, visits: before.visits + 1 };
    this.#session.set(session);
    context.emit(session);
  }
}

const job = defineJob("sessions", (builder) => {
  builder
    .source("visits", generate({ count: visitCount, from: visitOf }))
    .eventTime("time", { time: ({ time }) => time })
    .keyBy(({ user }) => user)
    .process("sessions", Sessions, { parallelism: 4 })
    .collect("found");
});

const plans: readonly (readonly [string, readonly PlannedFault[]])[] = [
  ["without faults", []],
  ["when instances throw", [crash("sessions", 0).after(150), crash("sessions", 3).after(300)]],
  ["when threads and the process are lost", [crash(host(1)).at(15), killProcess().at(30)]],
];

describe("state that lives by event time runs out at the same events", () => {
  const expected = model();

  test.each(plans)("%s", async (_, faults) => {
    const simulation = await simulatedExactlyOnce(job, { seed: 7, faults });

    expect(printed(simulation.collected<Session>("found"))).toEqual(printed(expected));
    expect(expected.filter(({ visits }) => visits === 1).length).toBeGreaterThan(100);
    expect(expected.filter(({ visits }) => visits > 2).length).toBeGreaterThan(100);
  });
});

function model(): Session[] {
  const last = new Map<number, Visit & Session>();
  return Array.from({ length: visitCount }, (_, number): Session => {
    const { user, time } = visitOf(number);
    const before = last.get(user);
    const isOver = before === undefined || time - before.time >= ttlMs;
    const session = isOver
      ? { user, start: time, visits: 1 }
      : { user, start: before.start, visits: before.visits + 1 };
    last.set(user, { ...session, time });
    return session;
  });
}

function printed(sessions: readonly Session[]): string[] {
  return sessions.map(({ user, start, visits }) => `${user} ${start} ${visits}`).toSorted();
}
