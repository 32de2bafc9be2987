import { describe, expect, test } from "vitest";
import { signalKind } from "../../actors/index.ts";
import { VirtualClock } from "../../runtime/index.ts";
import type { Checkpoint } from "../store/checkpoint-store.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { Reservations } from "./reservations.ts";
import { reservationIn } from "./stored-reservation.ts";

/** A store whose commits wait until they are let go, or fail. */
class HeldStore extends MemoryStore {
  readonly #waiting: (() => void)[] = [];
  failures = 0;

  override async commit(checkpoint: Checkpoint): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error("no space left");
    }
    await super.commit(checkpoint);
  }

  get underWay(): number {
    return this.#waiting.length;
  }

  async letGo(): Promise<void> {
    this.#waiting.shift()?.();
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await Promise.resolve();
}

const address = { path: "millrace://test/job/source/0", host: 0 };
const cells = { a: { key: "a", address }, b: { key: "b", address } };

function open(store: MemoryStore | undefined, lostIfKilled = () => 0) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const logger = { log: (level: string, message: string) => void told.push(`${level}: ${message}`) };
  const reservations = new Reservations({ clock, logger }, store, {
    tell: (cell, [kind, seq]) => {
      told.push(kind === signalKind.reserved ? `${cell.key} ${seq}` : `halt ${cell.key}`);
      if (kind === signalKind.halt)
        reservations.halted(cell, { standing: { position: 0, skipCount: 4 }, unsureEvents: 0 });
    },
    fail: (error) => void told.push(`failed: ${(error as { code?: string }).code}`),
    lostIfKilled,
  });
  return { reservations, told, clock };
}

const reserve = (reservations: Reservations, cell: "a" | "b", seq: number, position: number) =>
  reservations.reserve(cells[cell], { seq, standing: { position, skipCount: 2 }, unsureEvents: 10 });

describe("reservations", () => {
  test("without a storage are confirmed at once, and end with the run", () => {
    const { reservations, told } = open(undefined);

    reserve(reservations, "a", 0, 10);

    expect(told).toEqual(["a 0"]);
    expect(reservations.standingOf("a")).toEqual({ position: 10, skipCount: 2 });
  });

  test("are confirmed when they are stored, those that came meanwhile together (V1, V3)", async () => {
    const store = new HeldStore();
    const { reservations, told } = open(store);
    reserve(reservations, "a", 0, 10);
    reserve(reservations, "a", 1, 20);
    reserve(reservations, "b", 0, 7);
    expect([store.underWay, told]).toEqual([1, []]);

    await store.letGo();
    expect([store.underWay, told]).toEqual([1, ["a 0"]]);
    await store.letGo();

    expect([store.underWay, told]).toEqual([0, ["a 0", "a 1", "b 0"]]);
    expect(reservationIn(store, "a")).toMatchObject({ position: 20, skipCount: 2, unsureEvents: 10 });
    expect(open(store).reservations.standingOf("b")).toEqual({ position: 7, skipCount: 2 });
  });

  test("of a source lost with its thread are not confirmed to the next one (V2)", async () => {
    const store = new HeldStore();
    const { reservations, told } = open(store);
    reserve(reservations, "a", 5, 60);

    expect(reservations.lose(cells.a)).toBe(10);
    await store.letGo();
    reserve(reservations, "a", 0, 70);
    await store.letGo();

    expect(told).toEqual(["a 0"]);
  });

  test("that waited for a write when their source was lost are stored, and release nothing of the next one (V2)", async () => {
    const store = new HeldStore();
    const { reservations, told } = open(store);
    reserve(reservations, "b", 0, 7);
    reserve(reservations, "a", 17, 60);
    reservations.lose(cells.a);

    // The write of what waited is under way when the successor reserves for the first time.
    await store.letGo();
    reserve(reservations, "a", 0, 70);
    await store.letGo();
    expect(reservationIn(store, "a")).toMatchObject({ position: 60, skipCount: 2, unsureEvents: 0 });
    expect(told).toEqual(["b 0", "a -1"]);
    await store.letGo();

    expect(reservationIn(store, "a")).toMatchObject({ position: 70, skipCount: 2, unsureEvents: 10 });
    expect(told).toEqual(["b 0", "a -1", "a 0"]);
  });

  test("tell the next process how many events may be missing, at the most those of the newest reservation", async () => {
    const store = new MemoryStore();
    const before = open(store).reservations;
    for (const seq of [0, 1, 2, 3]) reserve(before, "a", seq, 10 * (seq + 1));
    await settled();

    const { reservations, told } = open(store);

    expect([reservations.skippedBefore("a"), reservations.skippedBefore("b")]).toEqual([10, 0]);
    expect(told).toEqual(["warn: a source goes on behind events that it may not have handed on"]);
  });

  test("that the input does not have are taken back, of what this run has counted, and left out no more (V5)", async () => {
    const store = new MemoryStore();
    const before = open(store).reservations;
    reserve(before, "a", 0, 10);
    await settled();
    const { reservations } = open(store);
    expect(reservations.skippedBefore("a")).toBe(10);
    const standing = { position: 10, skipCount: 30 };
    reservations.reserve(cells.a, { seq: 0, standing, unsureEvents: 20 });
    expect(reservations.lose(cells.a)).toBe(20);

    expect(reservations.absent(cells.a, 25)).toBe(25);
    expect(reservations.standingOf("a")).toEqual({ position: 10, skipCount: 5 });
    expect(reservations.absent(cells.a, 5)).toBe(5);
    expect(reservations.standingOf("a")).toEqual({ position: 10, skipCount: 0 });
  });

  test("that an earlier run has counted are not taken back of another one's losses (V5)", async () => {
    const store = new MemoryStore();
    const before = open(store).reservations;
    reserve(before, "a", 0, 10);
    await before.end([]);
    const next = open(store).reservations;
    next.halted(cells.a, { standing: { position: 10, skipCount: 12 }, unsureEvents: 0 });
    await next.end([]);

    expect(open(store).reservations.absent(cells.a, 12)).toBe(0);
  });

  test("at an orderly end say where the source stands, to the event", async () => {
    const store = new MemoryStore();
    const { reservations } = open(store);
    reserve(reservations, "a", 0, 10);
    reserve(reservations, "b", 0, 10);
    reservations.handedOn(cells.b);

    await reservations.end([cells.a]);

    const next = open(store).reservations;
    expect(next.standingOf("a")).toEqual({ position: 0, skipCount: 4 });
    expect(next.standingOf("b")).toEqual({ position: 10, skipCount: 2 });
    expect([next.skippedBefore("a"), next.skippedBefore("b")]).toEqual([0, 0]);
  });

  test("hold what is in flight when they are put together, which the newest one tells the next process (V4)", async () => {
    const store = new HeldStore();
    let inFlight = 3;
    const before = open(store, () => inFlight).reservations;
    reserve(before, "a", 0, 10);
    reserve(before, "b", 0, 10);
    inFlight = 12;
    await store.letGo();
    inFlight = 7;
    await store.letGo();

    const { reservations, told } = open(store);

    expect(reservations.lostBefore(["a", "b", "other"])).toBe(12);
    expect(told).toEqual(["warn: events were in flight when the process before ended"]);
  });

  test("take over what the process before has lost: it is unsure no more, for any of its sources", async () => {
    const store = new MemoryStore();
    const before = open(store).reservations;
    reserve(before, "a", 0, 10);
    reserve(before, "b", 0, 10);
    await settled();
    const second = open(store, () => 20).reservations;
    for (const cell of ["a", "b"]) second.standingOf(cell);

    reserve(second, "a", 0, 30);
    await settled();

    const last = open(store).reservations;
    expect([last.skippedBefore("a"), last.skippedBefore("b"), last.lostBefore(["a", "b"])]).toEqual([10, 0, 20]);
  });

  test("at the end leave behind what was lost, until somebody knows of it", async () => {
    const store = new MemoryStore();
    let inFlight = 5;
    const { reservations } = open(store, () => inFlight);
    reserve(reservations, "a", 0, 10);
    await settled();
    inFlight = 9;

    await reservations.end([]);
    expect(reservations.isReportDue).toBe(true);
    expect(open(store).reservations.lostBefore(["a"])).toBe(9);
    await reservations.reported();

    expect(reservations.isReportDue).toBe(false);
    expect(open(store).reservations.lostBefore(["a"])).toBe(0);
    expect(open(store).reservations.standingOf("a")).toEqual({ position: 10, skipCount: 2 });
  });

  test("wait for a storage that fails for a while", async () => {
    const store = new HeldStore();
    store.failures = 2;
    const { reservations, told, clock } = open(store);
    reserve(reservations, "a", 0, 10);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await store.letGo();
      clock.advance(60_000);
      await settled();
    }

    const failed = "warn: reservations could not be stored";
    expect(told).toEqual([failed, failed, "a 0"]);
  });

  test("fail the run when the storage fails for good", async () => {
    const store = new HeldStore();
    store.failures = 1_000;
    const { reservations, told, clock } = open(store);
    reserve(reservations, "a", 0, 10);
    while (store.underWay > 0) {
      await store.letGo();
      clock.advance(60_000);
      await settled();
    }

    expect(told.at(-1)).toBe("failed: ERR_JOB_STORAGE");
  });

  test("that cannot be stored at the end are told of, and the end comes all the same", async () => {
    const store = new HeldStore();
    store.failures = 1_000;
    const { reservations, told } = open(store);
    reserve(reservations, "a", 0, 10);

    const end = reservations.end([]);
    await store.letGo();
    await store.letGo();
    await end;

    expect(told).toEqual(["error: where sources stand could not be stored: the next start may skip events"]);
  });
});
