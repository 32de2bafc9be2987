/**
 * Cell: one living actor: logic, mailbox and phase. It turns every failure of its logic into a report to the supervisor
 * and waits for a directive; restarting keeps address and mailbox.
 *
 * Invariants
 *  C1  the logic is called only while running (start, restart and stop excepted).
 *  C2  every envelope is handled, put back, or becomes a dead letter; every ask is answered or refused.
 */

import type { Address } from "../address.ts";
import { assert } from "../assert.ts";
import { toWire } from "../errors/wire-error.ts";
import { actorCloseLimitMs, messagesPerTurnMax } from "../limits.ts";
import { pathMark, tellCell } from "../threads/in-hand.ts";
import type { CellHost, CellSettings } from "./cell-host.ts";
import type { CellContext, CellLogic, CellSpec, StopReason, SystemMessage } from "./cell-logic.ts";
import { type CellPhase, type CellPhaseKind, enterPhase } from "./cell-phase.ts";
import type { FailedMessageFate } from "./cell-report.ts";
import { ActorStoppedError, MailboxFullError, NothingToStashError, UnhandledMessageError } from "./delivery-error.ts";
import { type Envelope, Mailbox } from "./mailbox.ts";
import { settledWithin } from "./settled-within.ts";
import { Stash } from "./stash.ts";

/** The message being handled, and whether the logic put it aside. */
interface InHand {
  readonly envelope: Envelope;
  stashed: boolean;
}

export class Cell {
  queued = false;
  readonly address: Address;
  readonly #host: CellHost;
  readonly #supervisor: Address;
  readonly #mailbox: Mailbox;
  readonly #mark: number;
  #spec: CellSpec | undefined;
  #incarnation = 0;
  #phase: CellPhase = { kind: "created" };
  #logic: CellLogic | undefined;
  #woken = false;
  #heldSignals: unknown[] = [];
  #inHand: InHand | undefined;
  readonly #stash = new Stash();
  /** The start or restart under way; a later one, or a stop, waits for it. */
  #underWay: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(host: CellHost, settings: CellSettings) {
    this.#host = host;
    this.address = settings.address;
    this.#mark = pathMark(this.address.path);
    this.#supervisor = settings.supervisor;
    this.#mailbox = new Mailbox(settings.mailboxMessagesMax);
  }

  get phase(): CellPhaseKind {
    return this.#phase.kind;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  get mailboxLength(): number {
    return this.#mailbox.length;
  }

  /** Directive: the first incarnation on this host. */
  start(incarnation: number, spec: CellSpec): Promise<void> {
    this.#enter({ kind: "starting" });
    this.#incarnation = incarnation;
    this.#spec = spec;
    this.#underWay = this.#start(spec, incarnation);
    return this.#underWay;
  }

  /** Makes the logic and starts it; the supervisor hears "started" or "failed". */
  async #start(spec: CellSpec, incarnation: number): Promise<void> {
    try {
      this.#logic = await this.#host.createLogic(spec, this.#context());
      if (this.#isStarting(incarnation)) await this.#logic.start?.();
    } catch (error) {
      if (this.#isStarting(incarnation)) this.#fail(error, undefined);
    }
    if (this.#isStarting(incarnation)) this.#run();
    // Who stopped the cell has given up waiting.
    if (this.#phase.kind === "stopped") await this.#closeLogic("stopped");
  }

  deliver(envelope: Envelope): void {
    if (this.#phase.kind === "stopping" || this.#phase.kind === "stopped")
      return this.#refuse(envelope, new ActorStoppedError(envelope.to));
    if (!this.#mailbox.offer(envelope)) return this.#refuse(envelope, new MailboxFullError(envelope.to));
    if (this.#phase.kind === "running") this.#host.schedule(this);
  }

  deliverSignal(payload: unknown): void {
    if (this.#phase.kind === "running") this.#callSignal(payload);
    else if (this.#phase.kind !== "stopping" && this.#phase.kind !== "stopped") this.#heldSignals.push(payload);
  }

  deliverSystem(message: SystemMessage): void {
    this.#mailbox.pushSystem(message);
    if (this.#phase.kind === "running") this.#host.schedule(this);
  }

  takeTurn(): void {
    const { progress } = this.#host;
    tellCell(progress, this.#mark);
    this.#takeTurn();
    tellCell(progress, 0);
  }

  #takeTurn(): void {
    for (let handled = 0; handled < messagesPerTurnMax && this.#phase.kind === "running"; handled += 1) {
      if (!this.#handleNext()) break;
    }
    if (this.#phase.kind !== "running") return;
    if (this.#mailbox.length > 0) return this.#host.schedule(this);
    if (this.#woken) this.#ownTurn();
  }

  /** Directive: go on with the same logic. */
  resume(fate: FailedMessageFate): void {
    if (this.#phase.kind !== "failed") return;
    const { envelope, error, next } = this.#phase;
    this.#settle(envelope, error, fate);
    this.#enter({ kind: "running" });
    this.#resumeLogic();
    this.#goOn();
    if (next !== undefined) this.#fail(next.error, undefined);
  }

  #resumeLogic(): void {
    try {
      this.#logic?.resume?.();
    } catch (error) {
      this.#fail(error, undefined);
    }
  }

  /** Directive: a new incarnation behind the same address and mailbox; what was put aside waits in front again. */
  restart(incarnation: number, fate: FailedMessageFate, spec: CellSpec | undefined): Promise<void> {
    const { kind } = this.#phase;
    if (kind !== "failed" && kind !== "running" && kind !== "starting") return Promise.resolve();
    assert(incarnation > this.#incarnation, "C3: incarnations of an address increase");
    if (this.#phase.kind === "failed") this.#settle(this.#phase.envelope, this.#phase.error, fate);
    this.#mailbox.putBack(this.#stash.takeAll());
    this.#enter({ kind: "starting" });
    this.#incarnation = incarnation;
    this.#underWay = this.#startOver(this.#underWay, incarnation, spec);
    return this.#underWay;
  }

  async #startOver(before: Promise<void> | undefined, incarnation: number, spec: CellSpec | undefined): Promise<void> {
    await before;
    if (spec !== undefined) this.#spec = spec;
    if (!this.#isStarting(incarnation)) return;
    if (this.#logic?.restart === undefined || spec !== undefined) {
      await this.#closeLogic("restarting");
      assert(this.#spec !== undefined, "C5: a cell that was started has a spec");
      return this.#isStarting(incarnation) ? this.#start(this.#spec, incarnation) : undefined;
    }
    try {
      await this.#logic.restart(incarnation);
    } catch (error) {
      if (this.#isStarting(incarnation)) this.#fail(error, undefined);
    }
    if (this.#isStarting(incarnation)) this.#run();
  }

  /** Directive: close, hand what still waits to the dead letters, report "stopped". Resolves when that is done. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    if (this.#phase.kind === "failed") this.#settle(this.#phase.envelope, this.#phase.error, "dead-letter");
    this.#enter({ kind: "stopping" });
    const started = await settledWithin(this.#host.clock, actorCloseLimitMs, this.#underWay ?? Promise.resolve());
    if (!started) this.#logError("an actor was stopped while it was starting, which does not end", undefined);
    await this.#closeLogic("stopped");
    for (const envelope of [...this.#stash.takeAll(), ...this.#mailbox.drain()]) {
      this.#refuse(envelope, new ActorStoppedError(envelope.to));
    }
    this.#enter({ kind: "stopped" });
    this.#host.report(this.#supervisor, { kind: "stopped", path: this.address.path, incarnation: this.#incarnation });
  }

  #run(): void {
    this.#enter({ kind: "running" });
    this.#host.report(this.#supervisor, { kind: "started", path: this.address.path, incarnation: this.#incarnation });
    this.#goOn();
  }

  #goOn(): void {
    const held = this.#heldSignals;
    this.#heldSignals = [];
    for (const payload of held) this.deliverSignal(payload);
    this.#woken = true;
    this.#host.schedule(this);
  }

  #ownTurn(): void {
    this.#woken = false;
    try {
      if (this.#logic?.turn?.() === "more") this.#woken = true;
    } catch (error) {
      this.#fail(error, undefined);
    }
    if (this.#woken && this.#phase.kind === "running") this.#host.schedule(this);
  }

  /** Handles the next message, system lane first; false when there is none. */
  #handleNext(): boolean {
    const system = this.#mailbox.takeSystem();
    if (system !== undefined) {
      this.#handleSystem(system);
      return true;
    }
    const envelope = this.#mailbox.takeUser();
    if (envelope !== undefined) this.#handle(envelope);
    return envelope !== undefined;
  }

  #handleSystem(message: SystemMessage): void {
    try {
      const result = this.#logic?.receiveSystem?.(message);
      if (!isPromiseLike(result)) return;
      const incarnation = this.#incarnation;
      result.then(undefined, (error: unknown) => {
        if (this.#isRunning(incarnation)) this.#fail(error, undefined);
        else this.#logError("a timer's message or a termination failed after its actor had ended", error);
      });
    } catch (error) {
      this.#fail(error, undefined);
    }
  }

  #handle(envelope: Envelope): void {
    const logic = this.#logic;
    assert(logic !== undefined, "C1: a running cell has a logic");
    const inHand: InHand = { envelope, stashed: false };
    this.#inHand = inHand;
    const incarnation = this.#incarnation;
    const { to, from, ask } = envelope;
    try {
      const result = logic.receive(envelope.message, { to, from, kind: ask === undefined ? "tell" : "ask" });
      if (isPromiseLike(result)) {
        result.then(
          (value) => this.#answer(inHand, value),
          (error: unknown) => this.#messageFailed(inHand, error, incarnation),
        );
      } else {
        this.#answer(inHand, result);
      }
    } catch (error) {
      this.#messageFailed(inHand, error, incarnation);
    }
    this.#inHand = undefined;
  }

  #answer({ envelope, stashed }: InHand, value: unknown): void {
    if (envelope.ask !== undefined && !stashed) this.#host.answer(envelope.ask, { ok: true, value });
  }

  #messageFailed({ envelope, stashed }: InHand, error: unknown, incarnation: number): void {
    // One that was put aside is taken back, unless it waits in the mailbox again: it will be handled then.
    const waits = stashed && !this.#stash.remove(envelope);
    const unhandled = error instanceof UnhandledMessageError;
    if (this.#isRunning(incarnation) && !unhandled) this.#fail(error, waits ? undefined : envelope);
    else if (!waits) this.#refuse(envelope, error);
  }

  #stashInHand(): void {
    if (this.#inHand === undefined) throw new NothingToStashError(this.address.path);
    if (this.#inHand.stashed) return;
    this.#stash.put(this.#inHand.envelope, this.address.path);
    this.#inHand.stashed = true;
  }

  #unstashAll(): void {
    this.#mailbox.putBack(this.#stash.takeAll());
    if (this.#phase.kind === "running") this.#host.schedule(this);
  }

  #context(): CellContext {
    const { address } = this;
    const host = this.#host;
    const incarnation = this.#incarnation;
    const isOld = () => this.#incarnation !== incarnation;
    /** A logic that starts over in place keeps its context. */
    const isKept = () => this.#logic?.restart !== undefined;
    return {
      address,
      incarnation,
      clock: host.clock,
      random: host.random,
      logger: host.logger,
      progress: host.progress,
      host,
      wake: () => this.#wake(),
      fail: (error) => {
        // What a kept logic reports while it starts over belongs to the past.
        if (!isOld() || (isKept() && this.#phase.kind !== "starting")) this.#fail(error, undefined);
      },
      notify: (note) =>
        host.report(this.#supervisor, { kind: "note", path: address.path, incarnation: this.#incarnation, note }),
      enqueueSystem: (message) => {
        if (!isOld() || isKept()) this.deliverSystem(message);
      },
      stash: () => this.#stashInHand(),
      unstashAll: () => this.#unstashAll(),
    };
  }

  #wake(): void {
    this.#woken = true;
    if (this.#phase.kind === "running") this.#host.schedule(this);
  }

  #callSignal(payload: unknown): void {
    try {
      this.#logic?.signal?.(payload);
    } catch (error) {
      this.#fail(error, undefined);
    }
  }

  /** Fails the cell: at once while it starts or runs, after a resume when it has failed already. */
  #fail(error: unknown, envelope: Envelope | undefined): void {
    if (this.#phase.kind === "failed") this.#phase.next ??= { error };
    else if (this.#phase.kind !== "starting" && this.#phase.kind !== "running")
      this.#logError("an actor failed while it was stopping", error);
    else this.#enterFailed(error, envelope);
  }

  #enterFailed(error: unknown, envelope: Envelope | undefined): void {
    if (envelope !== undefined) envelope.failureCount += 1;
    this.#enter({ kind: "failed", error, envelope, next: undefined });
    this.#host.report(this.#supervisor, {
      kind: "failed",
      path: this.address.path,
      incarnation: this.#incarnation,
      error: toWire(error),
      messageAttempt: envelope?.failureCount ?? null,
    });
  }

  /** Decides what becomes of the message that failed. */
  #settle(envelope: Envelope | undefined, error: unknown, fate: FailedMessageFate): void {
    if (envelope === undefined) return;
    if (fate === "retry") return this.#mailbox.putBack([envelope]);
    if (envelope.ask !== undefined) this.#host.answer(envelope.ask, { ok: false, error });
    if (fate === "dead-letter") this.#deadLetter(envelope, error);
  }

  #refuse(envelope: Envelope, error: unknown): void {
    if (envelope.ask !== undefined) this.#host.answer(envelope.ask, { ok: false, error });
    else this.#deadLetter(envelope, error);
  }

  #deadLetter(envelope: Envelope, error: unknown): void {
    this.#host.deadLetter({ path: envelope.to, host: this.address.host }, envelope.message, error);
  }

  async #closeLogic(reason: StopReason): Promise<void> {
    const logic = this.#logic;
    this.#logic = undefined;
    try {
      await logic?.stop?.(reason);
    } catch (error) {
      this.#logError("an actor failed while it was closing", error);
    }
  }

  #logError(message: string, error: unknown): void {
    const { path } = this.address;
    this.#host.logger.log("error", message, error === undefined ? { path } : { path, error: toWire(error).message });
  }

  #isStarting(incarnation: number): boolean {
    return this.#phase.kind === "starting" && this.#incarnation === incarnation;
  }

  #isRunning(incarnation: number): boolean {
    return this.#phase.kind === "running" && this.#incarnation === incarnation;
  }

  #enter(next: CellPhase): void {
    this.#phase = enterPhase(this.#phase, next);
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
