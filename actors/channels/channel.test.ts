import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChannelItem } from "./channel-item.ts";
import { CreditWindow } from "./credit-window.ts";
import { Inbox } from "./inbox.ts";
import { Outbox, type Retention } from "./outbox.ts";

/** Batches of this size at most; the window may be overrun by one. */
const batchEventsMax = 4;

type Step = {
  readonly kind: "append" | "deliver" | "open" | "take" | "consume" | "restart-sender" | "restart-receiver";
};

const step: fc.Arbitrary<Step> = fc.oneof(
  ...(
    [
      ["append", 8],
      ["deliver", 12],
      ["open", 6],
      ["take", 10],
      ["consume", 10],
      ["restart-sender", 1],
      ["restart-receiver", 1],
    ] as const
  ).map(([kind, weight]) => ({ weight, arbitrary: fc.constant({ kind }) })),
);

type Signal = readonly [attempt: number, seq: number, item: ChannelItem];

/** Both ends of a channel, with a FIFO each way. What a restarted end had been sent is lost, as with its thread. */
class Channel {
  readonly #retention: Retention;
  readonly #creditEvents: number;
  readonly #eventCount: number;
  #outbox: Outbox;
  #inbox: Inbox;
  #toReceiver: Signal[] = [];
  #toSender: ((outbox: Outbox) => void)[] = [];
  #attempt = 1;
  #nowMs = 0;
  /** The next event to append; a sender that was lost goes on behind what it had appended. */
  #next = 0;
  #ended = false;
  #inHand: readonly number[] | undefined;
  /** Event, by the incarnation of the receiver that took it. */
  taken: number[] = [];
  sawEnd = false;
  receiverRestarts = 0;
  senderRestarts = 0;
  senderLost = 0;

  constructor(retention: Retention, creditEvents: number, eventCount: number) {
    this.#retention = retention;
    this.#creditEvents = creditEvents;
    this.#eventCount = eventCount;
    this.#outbox = new Outbox(retention);
    this.#inbox = this.#newInbox();
    this.#open();
  }

  get lost(): number {
    return this.senderLost + this.#outbox.lostEvents;
  }

  do({ kind }: Step, random: number): void {
    // Now and then slow, so that the window grows and shrinks.
    this.#nowMs += random < 0.9 ? random : 1_000 * random;
    if (kind === "append") this.#append(1 + Math.floor(random * batchEventsMax));
    if (kind === "deliver") this.#deliver();
    if (kind === "open") this.#toSender.shift()?.(this.#outbox);
    if (kind === "take") this.#take();
    if (kind === "consume") this.#consume();
    if (kind === "restart-receiver") this.#restartReceiver();
    if (kind === "restart-sender" && this.#retention === "none") this.#restartSender();
    this.#pump();
    expect(this.#outbox.inFlightEvents).toBeLessThan(this.#creditEvents + batchEventsMax);
  }

  /** Nothing fails any more: everything has to come to its end. */
  finish(): void {
    for (let rounds = 0; rounds < 10_000 && !this.#done; rounds += 1) {
      for (const kind of ["append", "deliver", "open", "take", "consume"] as const) this.do({ kind }, 0.5);
    }
    expect(this.#done).toBe(true);
  }

  get #done(): boolean {
    return this.sawEnd && this.#inHand === undefined && this.#toReceiver.length === 0 && this.#toSender.length === 0;
  }

  #append(eventCount: number): void {
    if (this.#ended) return;
    const values: number[] = [];
    while (values.length < eventCount && this.#next < this.#eventCount) values.push(this.#next++);
    if (values.length > 0) {
      this.#outbox.append({
        kind: "batch",
        valueCount: values.length,
        eventCount: values.length,
        body: { values, times: undefined, keys: undefined },
      });
    }
    if (this.#next < this.#eventCount) return;
    this.#outbox.append({ kind: "end" });
    this.#ended = true;
  }

  #pump(): void {
    for (let sent = this.#outbox.next(); sent !== undefined; sent = this.#outbox.next()) {
      this.#toReceiver.push([sent.attempt, sent.seq, sent.item]);
    }
  }

  #deliver(): void {
    const signal = this.#toReceiver.shift();
    if (signal !== undefined) this.#inbox.accept(...signal);
  }

  #take(): void {
    if (this.#inHand !== undefined) return;
    const taken = this.#inbox.take();
    if (taken?.kind === "end") this.sawEnd = true;
    if (taken?.kind === "batch") this.#inHand = (taken.body as { values: readonly number[] }).values;
  }

  #consume(): void {
    if (this.#inHand === undefined) return;
    this.taken.push(...this.#inHand);
    const consumption = this.#inbox.consumed(this.#inHand.length, this.#nowMs);
    this.#inHand = undefined;
    const { attempt } = this.#inbox;
    if (consumption === undefined) return;
    const { consumedValues, creditValues } = consumption;
    this.#toSender.push((outbox) => outbox.grant(attempt, consumedValues, creditValues));
  }

  #open(): void {
    const { attempt, windowValues } = this.#inbox;
    this.#toSender.push((outbox) => outbox.open(attempt, 0, windowValues));
  }

  #newInbox(): Inbox {
    return new Inbox(this.#attempt, new CreditWindow(this.#creditEvents, false, this.#nowMs));
  }

  #restartReceiver(): void {
    this.receiverRestarts += 1;
    this.#attempt += 1;
    // Its state is that of its last checkpoint: here the beginning. Without one it goes on with what comes.
    if (this.#retention !== "none") this.taken = [];
    this.sawEnd = false;
    this.#inHand = undefined;
    this.#toReceiver = [];
    this.#inbox = this.#newInbox();
    this.#open();
  }

  #restartSender(): void {
    this.senderRestarts += 1;
    this.#attempt += 1;
    this.senderLost += this.#outbox.lostEvents + this.#outbox.unsentEvents + this.#outbox.inFlightEvents;
    this.#outbox = new Outbox(this.#retention);
    this.#ended = false;
    this.#toSender = [];
    this.sawEnd = false;
    this.#inbox.reopen(this.#attempt, this.#retention !== "none", this.#nowMs);
    this.#open();
  }
}

test.each<Retention>(["none", "until-acknowledged"])(
  "a channel with retention %s loses and doubles nothing it may not, keeps order and credit, and comes to its end",
  (retention) => {
    const steps = fc.array(fc.tuple(step, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), {
      minLength: 50,
      maxLength: 300,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 120 }),
        steps,
        (window, eventCount, all) => {
          const channel = new Channel(retention, window, eventCount);

          for (const [each, random] of all) channel.do(each, random);
          channel.finish();

          // In order and none twice; those that are missing have been counted.
          expect(channel.taken.every((event, index) => index === 0 || event > (channel.taken[index - 1] ?? 0))).toBe(
            true,
          );
          if (retention === "none") expect(channel.taken.length + channel.lost).toBeGreaterThanOrEqual(eventCount);
          else expect(channel.taken.length).toBe(eventCount);
          if (channel.receiverRestarts + channel.senderRestarts === 0) expect(channel.lost).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  },
);
