import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchEventsMax, reservationMs, reservedEventsMax } from "../limits.ts";
import { type Reserved, ReservedEvents } from "./reserved-events.ts";

/** A source whose notes are answered after `answerMs`; each ms it has read `perMs` more events, or one every so many ms. */
function read(perMs: number, answerMs: number, untilMs: number) {
  const reserved = new ReservedEvents();
  const notes: Reserved[] = [];
  const due: { readonly seq: number; readonly ms: number }[] = [];
  let handedOn = 0;
  let blockedMs = 0;
  for (let nowMs = 0; nowMs < untilMs; nowMs += 1) {
    while (due[0] !== undefined && due[0].ms <= nowMs) reserved.answered(due.shift()?.seq ?? -1, handedOn, nowMs);
    let waiting = perMs >= 1 ? perMs : Math.floor((nowMs + 1) * perMs) - Math.floor(nowMs * perMs);
    while (waiting > 0) {
      const taken = Math.min(waiting, batchEventsMax, reserved.room(handedOn));
      handedOn += taken;
      waiting -= taken;
      const note = reserved.next(handedOn, Math.min(waiting, batchEventsMax), true, nowMs);
      if (note !== undefined) {
        notes.push(note);
        due.push({ seq: note.seq, ms: nowMs + answerMs });
      }
      if (taken > 0 || (answerMs === 0 && note !== undefined)) {
        if (answerMs === 0 && note !== undefined) reserved.answered(due.shift()?.seq ?? -1, handedOn, nowMs);
        continue;
      }
      blockedMs += 1;
      // What could not be handed on is read later.
      break;
    }
  }
  return { notes, handedOn, blockedMs };
}

describe("how much is reserved", () => {
  test("is what lasts its time at the rate of the source, which waits for no answer then", () => {
    const { notes, handedOn, blockedMs } = read(100, 3, 2_000);

    expect(notes.at(-1)?.events).toBeGreaterThan((100 * reservationMs) / 2);
    expect(notes.at(-1)?.events).toBeLessThanOrEqual(110 * reservationMs);
    expect(blockedMs).toBeLessThan(40);
    expect(handedOn).toBeGreaterThan(100 * 1_900);
    expect(notes.length).toBeLessThan(100);
  });

  test("is what was read, where a source is slow: nothing else could be left out", () => {
    const { notes } = read(0.01, 0, 10_000);

    expect(notes.slice(1).every(({ events }) => events === 1)).toBe(true);
    expect(notes.length).toBeGreaterThan(50);
  });

  test("is bounded (E2)", () => {
    const { notes } = read(100_000, 0, 50);

    expect(Math.max(...notes.map(({ events }) => events))).toBe(reservedEventsMax);
  });
});

describe("what may be handed on", () => {
  test("is covered by the newest note and by an answer, however they cross (E1)", () => {
    const step = fc.record({
      kind: fc.constantFrom("hand on", "next", "expire", "give back", "answer", "answer late"),
      count: fc.nat(3_000),
      afterMs: fc.nat(80),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const reserved = new ReservedEvents();
        const limits: number[] = [];
        let answeredUpTo = 0;
        let handedOn = 0;
        let nowMs = 0;
        const noted = (note: Reserved | undefined) => {
          if (note !== undefined) limits[note.seq] = handedOn + note.events;
        };
        for (const { kind, count, afterMs } of steps) {
          nowMs += afterMs;
          if (kind === "hand on") handedOn += Math.max(0, Math.min(count, reserved.room(handedOn)));
          if (kind === "next") noted(reserved.next(handedOn, count, count % 3 > 0, nowMs));
          if (kind === "expire") noted(reserved.expire(handedOn, count, nowMs));
          if (kind === "give back") noted(reserved.giveBack(handedOn));
          const seq = limits.length - (kind === "answer late" ? 2 : 1);
          if (kind.startsWith("answer") && seq >= 0) {
            reserved.answered(seq, handedOn, nowMs);
            answeredUpTo = Math.max(answeredUpTo, limits[seq] ?? 0);
          }
          const newest = limits.at(-1) ?? 0;
          expect(handedOn).toBeLessThanOrEqual(newest);
          expect(handedOn + reserved.room(handedOn)).toBeLessThanOrEqual(Math.min(newest, answeredUpTo));
        }
      }),
    );
  });

  test("is given back when it was not used within its time, and at the end (E3)", () => {
    const reserved = new ReservedEvents();
    let handedOn = 0;
    const answer = (note: Reserved | undefined, nowMs: number) => reserved.answered(note?.seq ?? -1, handedOn, nowMs);
    for (let nowMs = 0; nowMs < 5; nowMs += 1) {
      answer(reserved.next(handedOn, 1_000, true, nowMs), nowMs);
      handedOn += reserved.room(handedOn);
      answer(reserved.next(handedOn, 1_000, true, nowMs + 0.5), nowMs + 0.5);
      handedOn += 1_000;
    }
    expect(reserved.room(handedOn)).toBeGreaterThan(0);

    // Some of it was used: what lasts that long at this rate is kept.
    const room = reserved.room(handedOn);
    const less = reserved.expire(handedOn, 0, 100);
    expect(less?.events).toBeLessThan(room);
    answer(less, 100);
    expect(reserved.expire(handedOn, 0, 100 + reservationMs)).toMatchObject({ events: 0 });
    expect(reserved.room(handedOn)).toBe(0);
    expect(reserved.giveBack(handedOn)).toBeUndefined();

    reserved.answered((less?.seq ?? 0) + 1, handedOn, 151);
    const other = reserved.next(handedOn, 10, true, 151);
    expect(reserved.giveBack(handedOn)?.seq).toBe((other?.seq ?? 0) + 1);
    expect(reserved.answered(other?.seq ?? 0, handedOn, 152)).toBe(false);
    expect(reserved.room(handedOn)).toBe(0);
  });
});
