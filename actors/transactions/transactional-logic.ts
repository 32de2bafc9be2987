/**
 * TransactionalLogic: a sink whose events become visible with the checkpoint of their epoch. They are written to a transaction
 * that is prepared at the barrier and committed with the checkpoint; the next snapshot waits for that, which bounds them.
 *
 * Steps are made one at a time, outside of turns where they take a while. A step that shows something, or cleans up, is
 * tried again for ever; one before that fails the sink, which goes back to the checkpoint.
 *
 * Under at-most-once there are no epochs: what came within `transactionIntervalMs` is one transaction, committed at once.
 *
 * Not here: which step is next (transaction-step.ts), which handles wait (transaction-logs.ts), how a step is made
 * (writer-calls.ts) and tried again (step-retry.ts).
 */

import { type CancelTimer, faultPoint, settledWithin } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import type { Guarantee } from "../guarantee.ts";
import { stepSlowMs, transactionIntervalMs, writerCloseLimitMs } from "../limits.ts";
import type { OperatorContext, OperatorLogic, Output } from "../operator.ts";
import { CallAbandonedError } from "../operators/call-abandoned-error.ts";
import { StepRetry } from "./step-retry.ts";
import { TransactionLogs } from "./transaction-logs.ts";
import { nextStep, stepText, type WorkStep } from "./transaction-step.ts";
import { checkWriter, type TransactionalWriter } from "./transactional-writer.ts";
import { WaitingRows } from "./waiting-rows.ts";
import { WriterCalls } from "./writer-calls.ts";

export interface TransactionalSettings {
  /** What it is, for errors. */
  readonly what: string;
  readonly create: () => TransactionalWriter<unknown, unknown, unknown>;
  /** Makes of an event what is written; what it throws is a failure of that event alone. */
  readonly encode: (event: unknown) => unknown;
  /** Events of one transaction. */
  readonly eventsMax: number;
}

export class TransactionalLogic implements OperatorLogic {
  readonly #settings: TransactionalSettings;
  readonly #hasEpochs: boolean;
  #context!: OperatorContext;
  #logs!: TransactionLogs;
  #writer: WriterCalls | undefined;
  #retry: StepRetry | undefined;
  readonly #waiting = new WaitingRows();
  /** Without epochs: the events of the transaction under way, until it is committed. */
  #uncommitted: unknown[] = [];
  #open: { readonly transaction: unknown; readonly eventCount: number } | undefined;
  #underWay: { readonly step: WorkStep; readonly sinceMs: number; readonly done: PromiseLike<void> } | undefined;
  #isClosing = false;
  /** It has failed, and does nothing until it is told to go on, if ever. */
  #failed: { readonly canResume: boolean } | undefined;
  #isClosed = false;
  #hasEnded = false;
  #transactionCount = 0;
  #cancelInterval: CancelTimer | undefined;
  #beforeCommit: (() => void) | undefined;

  constructor(settings: TransactionalSettings, guarantee: Guarantee) {
    this.#settings = settings;
    this.#hasEpochs = guarantee !== "at-most-once";
  }

  /** For faults on purpose: called before each commit, which fails with what it throws. */
  beforeCommit(listener: () => void): void {
    this.#beforeCommit = listener;
  }

  async open(context: OperatorContext): Promise<void> {
    this.#context = context;
    this.#logs = new TransactionLogs(context.operator, context.instance, context.random.id());
    this.#retry = new StepRetry(context, () => this.#goOnLater());
    const writer = checkWriter(this.#settings.create(), this.#settings.what);
    this.#writer = new WriterCalls(context, writer);
    await writer.open?.(context);
    if (!this.#hasEpochs && context.incarnation > 0) this.#goOn();
  }

  restore(state: readonly StateGroup[], epoch: number): void {
    this.#logs.restore(state, epoch);
    if (epoch > 0 || this.#context.incarnation > 0) this.#goOn();
  }

  /** Where there is nothing to go on from, nothing is touched before. */
  onBegin(): void {
    this.#goOn();
  }

  ready(): boolean {
    return !this.#waiting.isFull;
  }

  quiet(): boolean {
    if (this.#underWay !== undefined || !this.#logs.isRecovered || this.#logs.due !== undefined) return false;
    if (!this.#hasEpochs) return !this.#isClosing;
    return this.#waiting.length === 0 && !(this.#isClosing && this.#open !== undefined);
  }

  heldEvents(): number {
    return this.#hasEpochs ? 0 : this.#waiting.length + this.#uncommitted.length;
  }

  onBatch({ values }: Batch, from: number, to: number, output: Output): number {
    const { encode } = this.#settings;
    let index = from;
    try {
      for (; index < to && this.ready(); index += 1) {
        output.begin(index);
        this.#waiting.add(values[index], encode(values[index]));
      }
    } finally {
      if (!this.#hasEpochs) this.#closeInTime();
      this.#goOn();
    }
    // A writer that keeps nobody waiting has made room again, and nothing else would tell the cell.
    if (index < to && this.ready()) this.#context.wake();
    return index;
  }

  onWake(): void {
    if (this.#failed?.canResume) this.#failed = undefined;
    this.#goOn();
  }

  onEnd(): void {
    this.#hasEnded = true;
    if (!this.#hasEpochs) this.#closeInTime();
    this.#goOn();
  }

  onBarrier(): void {
    this.#isClosing = true;
    this.#goOn();
  }

  snapshot(epoch: number): readonly StateEntry[] {
    this.#isClosing = false;
    return this.#logs.close(epoch);
  }

  onComplete(epoch: number): void {
    this.#logs.complete(epoch);
    this.#context.wake();
  }

  hasUncommitted(): boolean {
    return this.#logs.uncommittedCount > 0;
  }

  waitsFor(): string | undefined {
    const text = this.#retry?.text;
    if (text !== undefined) return text;
    if (this.#underWay === undefined) return undefined;
    const forMs = this.#context.clock.monotonicMs() - this.#underWay.sinceMs;
    return forMs < stepSlowMs ? undefined : `${stepText(this.#underWay.step)}, for ${Math.round(forMs)} ms`;
  }

  abandon(): void {
    if (this.#hasEpochs) return;
    const error = new CallAbandonedError(this.#context.operator);
    for (const event of [...this.#uncommitted, ...this.#waiting.events]) this.#context.deadLetter(event, error);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelInterval?.();
    this.#retry?.close();
    if (this.#underWay !== undefined) {
      await settledWithin(this.#context.clock, writerCloseLimitMs, this.#underWay.done);
    }
    const open = this.#open;
    this.#open = undefined;
    try {
      // What is prepared is not aborted: only who knows the checkpoint knows whether it is to be committed.
      if (open !== undefined) await this.#writer?.abort(open.transaction);
    } finally {
      await this.#writer?.close();
    }
  }

  // ---- steps

  #goOn(): void {
    while (this.#underWay === undefined && this.#failed === undefined && !this.#isClosed) {
      const step = nextStep(
        {
          due: this.#logs.due,
          isRetryWaiting: this.#retry?.isWaiting ?? false,
          isRecovered: this.#logs.isRecovered,
          openEvents: this.#open?.eventCount,
          waitingEvents: this.#waiting.length,
          isClosing: this.#isClosing,
          hasEpochs: this.#hasEpochs,
        },
        this.#settings.eventsMax,
      );
      if (step.kind === "rest") return;
      this.#make(step);
    }
  }

  #make(step: WorkStep): void {
    const taken = step.kind === "write" ? this.#waiting.take(step.eventCount) : undefined;
    let result: unknown;
    try {
      const { leftovers } = this.#logs;
      if (step.kind === "commit") this.#beforeCommit?.();
      result = this.#writer?.make(step, { leftovers, transaction: this.#open?.transaction, rows: taken?.rows ?? [] });
    } catch (error) {
      return this.#stepFailed(step, taken?.events, error);
    }
    if (!isPromise(result)) return this.#stepDone(step, taken?.events, result);
    const done = result.then(
      (value) => this.#settled(() => this.#stepDone(step, taken?.events, value)),
      (error: unknown) => this.#settled(() => this.#stepFailed(step, taken?.events, error)),
    );
    this.#underWay = { step, sinceMs: this.#context.clock.monotonicMs(), done };
  }

  #settled(note: () => void): void {
    this.#underWay = undefined;
    note();
    if (!this.#isClosed) this.#goOnLater();
  }

  /** Outside of a turn: its cell has to look at it again. */
  #goOnLater(): void {
    this.#goOn();
    this.#context.wake();
  }

  #stepDone(step: WorkStep, events: readonly unknown[] | undefined, value: unknown): void {
    if (step.kind === "recover" || step.kind === "commit") this.#retry?.succeeded();
    switch (step.kind) {
      case "recover":
        faultPoint("sink.recover.after");
        this.#logs.recovered();
        return;
      case "begin":
        this.#open = { transaction: value, eventCount: 0 };
        return;
      case "write": {
        const { transaction = undefined, eventCount = 0 } = this.#open ?? {};
        this.#open = { transaction, eventCount: eventCount + step.eventCount };
        if (!this.#hasEpochs) this.#uncommitted.push(...(events ?? []));
        return;
      }
      case "prepare":
        faultPoint("sink.prepare.after");
        this.#open = undefined;
        this.#logs.prepared(value);
        if (!this.#hasEpochs) this.#completeAtOnce();
        return;
      case "commit":
        faultPoint("sink.commit.after");
        this.#logs.committed();
        if (!this.#hasEpochs) this.#committedAtOnce();
    }
  }

  #stepFailed(step: WorkStep, events: readonly unknown[] | undefined, error: unknown): void {
    if (this.#isClosed) return;
    switch (step.kind) {
      case "recover":
      case "commit":
        if (this.#writer?.isLasting(error)) return this.#fail([], error, false);
        return this.#retry?.failed(step, error);
      case "begin":
        return this.#fail(this.#waiting.take(this.#waiting.length).events, error, true);
      case "write":
        return this.#fail(events ?? [], error, true);
      case "prepare":
        // There is nothing to go on with: what was written is in no checkpoint.
        return this.#fail([], error, false);
    }
  }

  #fail(events: readonly unknown[], error: unknown, canResume: boolean): void {
    this.#failed = { canResume };
    // Where a replay brings the events again, their dead letters end with this incarnation.
    for (const event of events) this.#context.deadLetter(event, error);
    if (!this.#hasEpochs && this.#open === undefined && this.#waiting.length === 0) this.#isClosing = false;
    this.#context.wake();
    this.#context.fail(error, canResume);
  }

  // ---- without epochs

  /** What waits is written now, or when the interval is over. */
  #closeInTime(): void {
    if (this.#isClosing || this.#waiting.length === 0) return;
    if (this.#hasEnded || !this.ready()) {
      this.#cancelInterval?.();
      this.#cancelInterval = undefined;
      this.#isClosing = true;
      return;
    }
    this.#cancelInterval ??= this.#context.clock.after(transactionIntervalMs, () => {
      this.#cancelInterval = undefined;
      this.#isClosing = this.#waiting.length > 0;
      this.#goOnLater();
    });
  }

  #completeAtOnce(): void {
    this.#transactionCount += 1;
    this.#logs.close(this.#transactionCount);
    this.#logs.complete(this.#transactionCount);
  }

  #committedAtOnce(): void {
    this.#uncommitted = [];
    this.#isClosing = false;
    this.#closeInTime();
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
