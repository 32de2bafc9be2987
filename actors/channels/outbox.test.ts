import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AppendedItem, SentBatch } from "./channel-item.ts";
import { Outbox, type Retention } from "./outbox.ts";

/** `a3` is a batch of 3 events, `a3/12` one of 3 values that stand for 12, `|2` the barrier of epoch 2, `w5` a watermark, `$` the end. */
function item(text: string): AppendedItem {
  if (text === "$") return { kind: "end" };
  const number = Number(text.slice(1));
  if (text.startsWith("|")) return { kind: "barrier", epoch: number };
  if (text.startsWith("w")) return { kind: "watermark", time: number, isIdle: false };
  const [valueCount = 0, eventCount = valueCount] = text.slice(1).split("/").map(Number);
  return { kind: "batch", valueCount, eventCount, body: { values: [text], times: undefined, keys: undefined } };
}

function print(sent: AppendedItem): string {
  if (sent.kind === "batch") return String((sent.body as { values: readonly unknown[] }).values[0]);
  if (sent.kind === "barrier") return `|${sent.epoch}`;
  return sent.kind === "watermark" ? `w${sent.time}` : "$";
}

function outboxOf(script: string, retention: Retention = "none"): Outbox {
  const outbox = new Outbox(retention);
  for (const text of script.split(" ")) outbox.append(item(text));
  return outbox;
}

/** Everything that leaves now, as `item@attempt.seq`. */
function sendAll(outbox: Outbox): string {
  const sent: string[] = [];
  for (let next = outbox.next(); next !== undefined; next = outbox.next()) {
    sent.push(`${print(next.item)}@${next.attempt}.${next.seq}`);
  }
  return sent.join(" ");
}

describe("an outbox", () => {
  test("sends nothing, not even control items, before it is opened", () => {
    const outbox = outboxOf("w1 a2 $");

    expect(sendAll(outbox)).toBe("");
    outbox.open(1, 0, 10);
    expect(sendAll(outbox)).toBe("w1@1.0 a2@1.1 $@1.2");
  });

  test("lets batches wait for credit, and what is behind them", () => {
    const outbox = outboxOf("a2 b2 w1 c2");
    outbox.open(1, 0, 3);

    expect(sendAll(outbox)).toBe("a2@1.0 b2@1.1 w1@1.2");
    expect(outbox.empty).toBe(false);
    outbox.grant(1, 2, 2);
    expect(sendAll(outbox)).toBe("c2@1.3");
    expect(outbox.empty).toBe(true);
  });

  test("ignores an open that is not newer, and credit of another attempt", () => {
    const outbox = outboxOf("a2 b2");
    expect(outbox.open(2, 0, 1)).toBe(true);
    sendAll(outbox);

    expect([outbox.open(2, 0, 100), outbox.open(1, 0, 100)]).toEqual([false, false]);
    outbox.grant(1, 2, 2);
    expect(sendAll(outbox)).toBe("");
  });

  test("refuses credit for more than was sent", () => {
    const outbox = outboxOf("a2");
    outbox.open(1, 0, 10);
    sendAll(outbox);

    expect(() => outbox.grant(1, 3, 3)).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
  });

  test("counts what was put together as one by credit, and by its events in what waits, is in flight and is lost", () => {
    const outbox = outboxOf("a2/500 b1/300 c1");
    outbox.open(1, 0, 3);
    expect(outbox.unsentEvents).toBe(801);

    expect(sendAll(outbox)).toBe("a2/500@1.0 b1/300@1.1");
    expect([outbox.inFlightEvents, outbox.unsentEvents]).toEqual([800, 1]);
    outbox.grant(1, 2, 2);
    expect(sendAll(outbox)).toBe("c1@1.2");
    expect(outbox.inFlightEvents).toBe(301);

    outbox.open(2, 0, 3);
    expect([outbox.inFlightEvents, outbox.lostEvents]).toEqual([0, 301]);
  });

  test("refuses credit for a part of a batch", () => {
    const outbox = outboxOf("a2/500");
    outbox.open(1, 0, 10);
    sendAll(outbox);

    expect(() => outbox.grant(1, 1, 1)).toThrow("O6: what is consumed are whole batches");
  });

  test("takes nothing behind the end", () => {
    expect(() => outboxOf("$ a1")).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
  });

  test("without retention forgets what it sent, counts what was in flight as lost, and tells only the end again", () => {
    const outbox = outboxOf("a3 b2 $");
    outbox.open(1, 0, 10);
    sendAll(outbox);
    outbox.grant(1, 3, 3);

    outbox.open(2, 0, 10);

    expect(sendAll(outbox)).toBe("$@2.0");
    expect(outbox.lostEvents).toBe(2);
    expect(outbox.inFlightEvents).toBe(0);
  });

  test("with retention sends again what follows the barrier it is opened from, and counts nothing as lost", () => {
    const outbox = outboxOf("a1 |1 b1 |2 c1 $", "until-acknowledged");
    outbox.open(1, 0, 10);
    sendAll(outbox);

    outbox.acknowledge(1);
    outbox.open(2, 1, 10);
    expect(sendAll(outbox)).toBe("b1@2.0 |2@2.1 c1@2.2 $@2.3");

    outbox.open(3, 2, 10);
    expect(outbox.unsentEvents).toBe(1);
    expect(sendAll(outbox)).toBe("c1@3.0 $@3.1");
    expect(outbox.lostEvents).toBe(0);
  });

  test("whose ends start over together forgets what it sent, the end too, and is opened once, under its attempt", () => {
    const outbox = new Outbox("with-receiver", 3);
    for (const text of ["a1", "|1", "b1", "$"]) outbox.append(item(text), 10);

    // For an incarnation before.
    expect(outbox.open(2, 0, 10)).toBe(false);
    expect(sendAll(outbox)).toBe("");
    expect(outbox.open(3, 0, 10)).toBe(true);
    expect(sendAll(outbox)).toBe("a1@3.0 |1@3.1 b1@3.2 $@3.3");

    expect([outbox.isKeeping, outbox.retainedBytes, outbox.lostEvents, outbox.empty]).toEqual([false, 0, 0, true]);
    outbox.acknowledge(1);
    expect(() => outbox.open(4, 1, 10)).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
  });

  test("counts what would come again, also where it does not keep it", () => {
    const outbox = new Outbox("with-receiver", 1);
    const bytesBehind = (script: string): number => {
      for (const text of script.split(" ")) outbox.append(item(text), text.startsWith("a") ? 10 : 0);
      return outbox.replayBytes;
    };
    outbox.open(1, 0, 100);

    expect(bytesBehind("a1 |1 a1 a1")).toBe(30);
    expect(bytesBehind("|2 a1 |3 a1")).toBe(50);
    outbox.acknowledge(2);
    expect([outbox.replayBytes, outbox.retainedBytes]).toEqual([20, 0]);
    outbox.acknowledge(2);
    expect(outbox.replayBytes).toBe(20);
    outbox.acknowledge(3);
    expect([outbox.replayBytes, bytesBehind("a1")]).toEqual([10, 20]);
  });

  test("is not opened by what was meant for the incarnation before (O9)", () => {
    const outbox = new Outbox("until-acknowledged", 4);
    for (const text of ["a1", "|2", "b2"]) outbox.append(item(text), 10);

    expect(outbox.open(3, 1, 10)).toBe(false);
    expect(sendAll(outbox)).toBe("");
    expect(outbox.open(4, 1, 10)).toBe(true);
    expect(sendAll(outbox)).toBe("a1@4.0 |2@4.1 b2@4.2");
  });

  test("whose ends are to start over together is not opened under a later attempt than theirs", () => {
    const outbox = new Outbox("with-receiver", 3);

    expect(() => outbox.open(4, 0, 10)).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
  });

  test("keeps nothing any more from when it is told so, unless that was meant for an incarnation before", () => {
    const outbox = new Outbox("until-acknowledged");
    for (const text of ["a1", "b2"]) outbox.append(item(text), 10);
    outbox.open(5, 0, 1);
    expect(sendAll(outbox)).toBe("a1@5.0");

    outbox.keepNothing(4);
    expect([outbox.isKeeping, outbox.retainedBytes]).toEqual([true, 20]);
    outbox.keepNothing(5);
    expect([outbox.isKeeping, outbox.retainedBytes, outbox.unsentEvents]).toEqual([false, 0, 2]);
    expect(outbox.replayBytes).toBe(20);

    outbox.grant(5, 1, 1);
    expect(sendAll(outbox)).toBe("b2@5.1");
    expect(() => outbox.open(6, 0, 10)).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
  });

  test("copies what is encoded, and has it as it was until it is forgotten (O10)", () => {
    const outbox = new Outbox("until-acknowledged");
    const pool = new Uint8Array(4);
    outbox.open(1, 0, 100);
    for (const letter of [1, 2, 3]) {
      outbox.append({ kind: "batch", valueCount: 1, eventCount: 1, body: pool.fill(letter) });
      outbox.append({ kind: "barrier", epoch: letter });
    }
    const sent = () => {
      const bytes: number[] = [];
      for (let next = outbox.next(); next !== undefined; next = outbox.next()) {
        if (next.item.kind === "batch") bytes.push(...(next.item.body as Uint8Array));
      }
      return bytes;
    };
    expect(sent()).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);

    outbox.acknowledge(1);
    outbox.append({ kind: "batch", valueCount: 1, eventCount: 1, body: pool.fill(9) });
    outbox.open(2, 1, 100);

    expect(sent()).toEqual([2, 2, 2, 2, 3, 3, 3, 3, 9, 9, 9, 9]);
  });

  test("does what a list with two positions does, whatever happens in whatever order", () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant("batch" as const),
          values: fc.integer({ min: 1, max: 9 }),
          more: fc.nat(500),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("barrier" as const) }) },
      {
        weight: 5,
        arbitrary: fc.record({ kind: fc.constant("next" as const), times: fc.integer({ min: 1, max: 90 }) }),
      },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("grant" as const), stale: fc.boolean() }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("acknowledge" as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("open" as const), credit: fc.nat(30), rise: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("end" as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("keep-nothing" as const) }) },
    );
    const retentions = fc.constantFrom<Retention>("none", "until-acknowledged");
    fc.assert(
      fc.property(retentions, fc.array(step, { minLength: 30, maxLength: 200 }), (retention, steps) => {
        const outbox = new Outbox(retention);
        const model = new NaiveOutbox(retention);
        const append = (appended: AppendedItem) => {
          outbox.append(appended, bytesOf(appended));
          model.append(appended);
        };
        for (const each of steps) {
          if (each.kind === "batch" && !model.ended) append(item(`a${each.values}/${each.values + each.more}`));
          if (each.kind === "barrier" && !model.ended) append(item(`|${model.epoch + 1}`));
          if (each.kind === "end" && !model.ended) append(item("$"));
          if (each.kind === "grant") {
            const granted = model.oldestInFlight();
            outbox.grant(model.attempt - (each.stale ? 1 : 0), valuesOf(granted), valuesOf(granted));
            if (!each.stale) model.grant(granted);
          }
          if (each.kind === "keep-nothing" && model.retention === "until-acknowledged" && model.attempt > 0) {
            outbox.keepNothing(model.attempt);
            model.retention = "with-receiver";
          }
          if (each.kind === "acknowledge" && retention !== "none") {
            const epoch = model.newestSentBarrier();
            if (epoch !== undefined) {
              outbox.acknowledge(epoch);
              model.acknowledge(epoch);
            }
          }
          if (each.kind === "open" && model.retention !== "with-receiver") {
            const attempt = Math.max(1, model.attempt + each.rise);
            const opened = outbox.open(attempt, model.acknowledged, each.credit);
            expect(opened).toBe(attempt > model.attempt);
            if (opened) model.open(attempt, each.credit);
          }
          for (let times = 0; each.kind === "next" && times < each.times; times += 1) {
            const [sent, expected] = [outbox.next(), model.next()];
            expect(sent?.item).toBe(expected);
            if (sent !== undefined) expect([sent.attempt, sent.seq]).toEqual([model.attempt, model.seq - 1]);
          }
          expect(outbox.retainedBytes).toBe(model.retained());
          expect([outbox.unsentEvents, outbox.lostEvents, outbox.inFlightEvents, outbox.empty]).toEqual([
            model.unsent(),
            model.lost,
            eventsOf(model.inFlight),
            model.sent === model.items.length,
          ]);
        }
      }),
      { numRuns: 100 },
    );
  });
});

function bytesOf(appended: AppendedItem): number {
  return appended.kind === "batch" ? 10 * appended.eventCount : 0;
}

function valuesOf(batches: readonly SentBatch[]): number {
  return batches.reduce((sum, { valueCount }) => sum + valueCount, 0);
}

function eventsOf(batches: readonly SentBatch[]): number {
  return batches.reduce((sum, { eventCount }) => sum + eventCount, 0);
}

/** Keeps everything for ever, and says by positions what of it still counts. */
class NaiveOutbox {
  readonly items: AppendedItem[] = [];
  retention: Retention;
  attempt = 0;
  seq = 0;
  sent = 0;
  inFlight: readonly SentBatch[] = [];
  lost = 0;
  epoch = 0;
  acknowledged = 0;
  #credit = 0;
  #keptFrom = 0;

  constructor(retention: Retention) {
    this.retention = retention;
  }

  get ended(): boolean {
    return this.items.at(-1)?.kind === "end";
  }

  append(appended: AppendedItem): void {
    this.items.push(appended);
    if (appended.kind === "barrier") this.epoch = appended.epoch;
  }

  oldestInFlight(): readonly SentBatch[] {
    return this.inFlight.slice(0, Math.ceil(this.inFlight.length / 2));
  }

  grant(consumed: readonly SentBatch[]): void {
    this.#credit += valuesOf(consumed);
    this.inFlight = this.inFlight.slice(consumed.length);
  }

  open(attempt: number, credit: number): void {
    this.attempt = attempt;
    this.seq = 0;
    this.#credit = credit;
    if (this.retention === "none") {
      this.lost += eventsOf(this.inFlight);
      if (this.items[this.sent - 1]?.kind === "end") this.sent -= 1;
    } else this.sent = this.#keptFrom;
    this.inFlight = [];
  }

  next(): AppendedItem | undefined {
    const next = this.items[this.sent];
    if (next === undefined || this.attempt === 0) return undefined;
    if (next.kind === "batch") {
      if (this.#credit <= 0) return undefined;
      this.#credit -= next.valueCount;
      this.inFlight = [...this.inFlight, next];
    }
    this.sent += 1;
    this.seq += 1;
    return next;
  }

  newestSentBarrier(): number | undefined {
    const barrier = this.items.slice(this.#keptFrom, this.sent).findLast(({ kind }) => kind === "barrier");
    return barrier?.kind === "barrier" ? barrier.epoch : undefined;
  }

  acknowledge(epoch: number): void {
    this.#keptFrom = this.items.findIndex((each) => each.kind === "barrier" && each.epoch === epoch) + 1;
    this.acknowledged = epoch;
  }

  /** O7 */
  retained(): number {
    if (this.retention !== "until-acknowledged") return 0;
    return this.items.slice(this.#keptFrom).reduce((sum, each) => sum + bytesOf(each), 0);
  }

  unsent(): number {
    return eventsOf(this.items.slice(this.sent).filter((each) => each.kind === "batch"));
  }
}
