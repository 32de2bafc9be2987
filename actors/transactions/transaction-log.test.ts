import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergedEntries } from "../epochs/merged-state.ts";
import { encodeDelta, type StateEntry } from "../epochs/state-delta.ts";
import { TransactionLog } from "./transaction-log.ts";

const form = { kind: "transactions", version: 1, owner: "any" } as const;

/** The state entry with these transactions. */
function holding(
  isFirstCommitted: boolean,
  ...transactions: readonly (readonly [string, number, number, unknown])[]
): StateEntry[] {
  return [["transactions", 3, true, { operator: "sink", history: "h", isFirstCommitted, transactions }, form]];
}

const newLog = () => new TransactionLog("sink", 3, "h");
const restored = (entries: readonly StateEntry[], epoch: number) =>
  TransactionLog.restored(entries[0] as StateEntry, epoch);

describe("a log of transactions", () => {
  test("says what is due when its epoch is complete, in order, one at a time", () => {
    const log = newLog();
    log.prepared("a");
    log.prepared("b");
    log.close(1);
    log.prepared("c");
    log.close(2);
    expect(log.due).toBeUndefined();

    log.complete(1);
    expect(log.due).toEqual({ operator: "sink", instance: 3, history: "h", epoch: 1, part: 0, handle: "a" });
    log.committed();
    expect(log.due).toMatchObject({ epoch: 1, part: 1, handle: "b" });
    log.committed();

    expect(log.due).toBeUndefined();
    expect(log.newest?.handle).toBe("b");
    expect(log.uncommittedCount).toBe(1);
  });

  test("keeps a handle in the snapshots until it is committed, and the newest for good", () => {
    const log = newLog();
    log.prepared("a");
    expect(log.close(1)).toEqual(holding(false, ["sink", 1, 0, "a"]));
    log.prepared("b");
    expect(log.close(2)).toEqual(holding(false, ["sink", 1, 0, "a"], ["sink", 2, 0, "b"]));

    log.complete(2);
    log.committed();
    log.committed();

    expect(log.close(3)).toEqual(holding(true, ["sink", 2, 0, "b"]));
    expect(log.close(4)).toEqual([]);
  });

  test("commits again what the checkpoint holds and was not confirmed, under the names it was prepared with", () => {
    const entries = holding(true, ["former", 1, 0, "a"], ["sink", 2, 0, "b"]);

    const log = restored(entries, 2);

    expect(log.newest?.handle).toBe("a");
    expect(log.due).toEqual({ operator: "sink", instance: 3, history: "h", epoch: 2, part: 0, handle: "b" });
    expect(log.close(3)).toEqual([]);
  });

  test("says in its first snapshot whose it is, and in its next one when the sink has another name", () => {
    const log = newLog();
    const first = log.close(1);
    expect(first).toEqual(holding(false));
    expect(log.close(2)).toEqual([]);

    const renamed = restored(first, 2);
    renamed.rename("other");

    expect(renamed.close(3)).toMatchObject([["transactions", 3, true, { operator: "other", transactions: [] }, form]]);
  });

  test("takes a transaction of a cancelled epoch along to the next one that is complete", () => {
    const log = newLog();
    log.prepared("of a cancelled epoch");
    log.close(1);
    log.prepared("of the next");
    log.close(2);

    log.complete(2);

    expect(log.due?.handle).toBe("of a cancelled epoch");
  });
});

/** What happens to a sink: an event, a transaction that was full, a barrier, a complete checkpoint, a commit, its death. */
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom("event", "event", "event", "full", "barrier", "complete", "commit", "crash"),
    isCancelled: fc.boolean(),
  }),
  { maxLength: 80 },
);

/** A sink, its source and its store, of which the sink alone may die. Values are the numbers from 0 on. */
class Model {
  readonly shown: number[] = [];
  readonly #committed = new Set<string>();
  #log = newLog();
  #next = 0;
  #open: number[] = [];
  #epoch = 0;
  /** Deltas of the complete checkpoint, and those acknowledged since. */
  #stored: Uint8Array[] = [];
  #acknowledged: Uint8Array[] = [];
  #checkpoint = { epoch: 0, next: 0 };
  #inFlight: { readonly epoch: number; readonly next: number } | undefined;

  event(): void {
    this.#open.push(this.#next);
    this.#next += 1;
  }

  full(): void {
    if (this.#open.length > 0) this.#log.prepared([...this.#open]);
    this.#open = [];
  }

  barrier(): void {
    if (this.#inFlight !== undefined) return;
    this.full();
    this.#epoch += 1;
    const entries = this.#log.close(this.#epoch);
    if (entries.length > 0) this.#acknowledged.push(encodeDelta("sink", entries));
    this.#inFlight = { epoch: this.#epoch, next: this.#next };
  }

  /** The checkpoint of the epoch in flight is complete, or the epoch is given up. */
  decide(isComplete: boolean): void {
    if (this.#inFlight === undefined) return;
    if (isComplete) {
      this.#checkpoint = this.#inFlight;
      this.#stored.push(...this.#acknowledged);
      this.#acknowledged = [];
      this.#log.complete(this.#inFlight.epoch);
    }
    this.#inFlight = undefined;
  }

  commit(): boolean {
    const { due } = this.#log;
    if (due === undefined) return false;
    expect(due.epoch).toBeLessThanOrEqual(this.#checkpoint.epoch);
    const name = JSON.stringify(due);
    if (!this.#committed.has(name)) this.shown.push(...(due.handle as number[]));
    this.#committed.add(name);
    this.#log.committed();
    return true;
  }

  crash(): void {
    this.#open = [];
    this.#acknowledged = [];
    this.#inFlight = undefined;
    this.#next = this.#checkpoint.next;
    const [entry] = mergedEntries(this.#stored);
    this.#log = entry === undefined ? newLog() : TransactionLog.restored(entry, this.#checkpoint.epoch);
    if (entry === undefined) this.#log.startAt(this.#checkpoint.epoch);
  }

  finish(): number {
    this.decide(true);
    this.barrier();
    this.decide(true);
    while (this.commit());
    return this.#next;
  }
}

test("whatever happens, and whenever the sink dies, each value is shown once and in order", () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (drawn, mayCancel) => {
      const model = new Model();
      for (const { kind, isCancelled } of drawn) {
        if (kind === "complete") model.decide(!(mayCancel && isCancelled));
        else model[kind]();
      }

      const count = model.finish();

      expect(model.shown).toEqual(Array.from({ length: count }, (_, index) => index));
    }),
    { numRuns: 1_000, seed: 1 },
  );
});
