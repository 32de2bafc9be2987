import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { CreditWindow } from "./credit-window.ts";
import { Inbox } from "./inbox.ts";

/** Of a sender on the same thread: the window stays as it is. */
const inboxOf = (attempt: number, windowValues: number) => new Inbox(attempt, new CreditWindow(windowValues, true, 0));
const batch = (valueCount: number) => ({ kind: "batch", valueCount, body: new Uint8Array() }) as const;

describe("an inbox whose sender starts over", () => {
  test("reports no credit for events of the attempt before, waiting or in hand", () => {
    // given one batch in hand and one waiting, both of attempt 1
    const inbox = inboxOf(1, 8);
    inbox.accept(1, 0, batch(4));
    inbox.accept(1, 1, batch(4));
    inbox.take();

    // when the channel is opened again and both are consumed
    inbox.reopen(2, false, 0);
    const first = inbox.consumed(4, 0);
    inbox.take();
    const second = inbox.consumed(4, 0);

    // then the new sender, which has sent nothing, is granted nothing
    expect([first, second]).toEqual([undefined, undefined]);
    inbox.accept(2, 0, batch(4));
    inbox.take();
    expect(inbox.consumed(4, 0)).toEqual({ consumedValues: 4, creditValues: 4 });
  });

  test("and sends all again forgets what waits, barriers and the end above all", () => {
    // given a batch in hand, and a barrier and the end waiting
    const inbox = inboxOf(1, 8);
    inbox.accept(1, 0, batch(4));
    inbox.accept(1, 1, batch(2));
    inbox.accept(1, 2, { kind: "barrier", epoch: 7 });
    inbox.accept(1, 3, { kind: "end" });
    inbox.take();

    // when
    inbox.reopen(2, true, 0);

    // then only what comes under the new attempt is taken, and the batch in hand is no credit
    expect(inbox.take()).toBeUndefined();
    expect(inbox.waitingValues).toBe(0);
    expect(inbox.consumed(4, 0)).toBeUndefined();
    inbox.accept(2, 0, { kind: "barrier", epoch: 8 });
    expect(inbox.take()).toEqual({ kind: "barrier", epoch: 8 });
    expect(inbox.ended).toBe(false);
  });

  test("keeps what waits when it is not sent again", () => {
    const inbox = inboxOf(1, 8);
    inbox.accept(1, 0, batch(2));

    inbox.reopen(2, false, 0);

    expect(inbox.take()).toEqual(batch(2));
  });
});

test.each([
  { what: "overtake each other", seqs: [0, 2, 1] },
  { what: "come twice", seqs: [0, 1, 1] },
  { what: "are lost", seqs: [0, 1, 3] },
])("items of one channel that $what are noticed", ({ seqs }) => {
  const inbox = inboxOf(1, 8);
  const take = () => {
    for (const seq of seqs) inbox.accept(1, seq, batch(1));
  };

  expect(take).toThrow("N2: items come in order, without gap or duplicate");
});

test("a watermark that goes back is noticed; under a new attempt they begin anew", () => {
  const inbox = inboxOf(1, 8);
  inbox.accept(1, 0, { kind: "watermark", time: 10, isIdle: false });
  inbox.accept(1, 1, { kind: "watermark", time: 10, isIdle: true });
  expect(() => inbox.accept(1, 2, { kind: "watermark", time: 9, isIdle: false })).toThrow(
    "N4: watermarks do not go back within an attempt",
  );

  inbox.reopen(2, true, 0);

  expect(inbox.accept(2, 0, { kind: "watermark", time: 5, isIdle: false })).toBe(true);
});

test("an inbox in which something always waits holds nothing of what was taken", async () => {
  // given an inbox that never runs empty
  const inbox = inboxOf(1, 8);
  inbox.accept(1, 0, batch(1));

  // when many batches are taken
  const taken: WeakRef<object>[] = [];
  for (let seq = 1; seq <= 100; seq += 1) {
    inbox.accept(1, seq, batch(1));
    taken.push(new WeakRef(inbox.take() as object));
    inbox.consumed(1, 0);
  }
  // What a WeakRef was made of lives as long as the task that made it.
  await new Promise<void>((resolve) => void new SystemClock().after(0, resolve));
  collectGarbage();

  // then they are gone, and the last one waits
  expect(taken.filter((batch) => batch.deref() !== undefined)).toEqual([]);
  expect(inbox.waitingValues).toBe(1);
});

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
