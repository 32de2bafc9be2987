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
import { messagesPerTurnMax, stashMessagesMax } from "../limits.ts";
import type { Clock } from "../seams/clock.ts";
import type { Logger } from "../seams/logger.ts";
import type { Random } from "../seams/random.ts";
import type {
  CellContext,
  CellHostServices,
  CellLogic,
  CellSpec,
  SenderInfo,
  StopReason,
  SystemMessage,
} from "./cell-logic.ts";
import type { CellReport, FailedMessageFate } from "./cell-report.ts";
import {
  ActorStoppedError,
  MailboxFullError,
  NothingToStashError,
  StashFullError,
  UnhandledMessageError,
} from "./delivery-error.ts";
import { type Envelope, Mailbox } from "./mailbox.ts";

type Phase =
  /** Only its mailbox is there. */
  | { readonly kind: "created" }
  | { readonly kind: "starting" }
  | { readonly kind: "running" }
  | { readonly kind: "failed"; readonly error: unknown; readonly envelope: Envelope | undefined }
  | { readonly kind: "stopping" }
  | { readonly kind: "stopped" };

type PhaseKind = Phase["kind"];

const legalNext: Readonly<Record<PhaseKind, readonly PhaseKind[]>> = {
  created: ["starting", "stopping"],
  starting: ["running", "failed", "stopping"],
  running: ["failed", "stopping", "starting"],
  failed: ["running", "starting", "stopping"],
  stopping: ["stopped"],
  stopped: [],
};

/** What a cell needs of the host it lives on. */
export interface CellHost extends CellHostServices {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly progress: Int32Array;
  schedule(cell: Cell): void;
  report(supervisor: Address, report: CellReport): void;
  answer(ask: { readonly id: number; readonly host: number }, outcome: AskOutcome): void;
  /** Resolves to the logic that `spec` describes. */
  createLogic(spec: CellSpec, context: CellContext): Promise<CellLogic>;
}

export type AskOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

export interface CellSettings {
  readonly address: Address;
  readonly supervisor: Address;
  readonly mailboxMessagesMax: number;
}

export class Cell {
  queued = false;
  readonly address: Address;
  readonly #host: CellHost;
  readonly #supervisor: Address;
  readonly #mailbox: Mailbox;
  #spec: CellSpec | undefined;
  #incarnation = 0;
  #phase: Phase = { kind: "created" };
  #logic: CellLogic | undefined;
  #woken = false;
  #heldSignals: unknown[] = [];
  /** The message being handled, and whether the logic put it aside. */
  #inHand: { readonly envelope: Envelope; stashed: boolean } | undefined;
  #stashed: Envelope[] = [];

  constructor(host: CellHost, settings: CellSettings) {
    this.#host = host;
    this.address = settings.address;
    this.#supervisor = settings.supervisor;
    this.#mailbox = new Mailbox(settings.mailboxMessagesMax);
  }

  get phase(): PhaseKind {
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
    return this.#start(spec);
  }

  /** Makes the logic and starts it; the supervisor hears "started" or "failed". */
  async #start(spec: CellSpec): Promise<void> {
    const incarnation = this.#incarnation;
    try {
      const logic = await this.#host.createLogic(spec, this.#context());
      if (!this.#isStarting(incarnation)) return;
      this.#logic = logic;
      await logic.start?.();
    } catch (error) {
      if (this.#isStarting(incarnation)) this.#fail(error, undefined);
      return;
    }
    if (this.#isStarting(incarnation)) this.#run();
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
    const { envelope, error } = this.#phase;
    this.#settle(envelope, error, fate);
    this.#enter({ kind: "running" });
    this.#goOn();
  }

  /** Directive: a new incarnation behind the same address and mailbox. */
  async restart(incarnation: number, fate: FailedMessageFate, spec: CellSpec | undefined): Promise<void> {
    if (this.#phase.kind !== "failed" && this.#phase.kind !== "running") return;
    assert(incarnation > this.#incarnation, "C3: incarnations of an address increase");
    if (this.#phase.kind === "failed") this.#settle(this.#phase.envelope, this.#phase.error, fate);
    this.#enter({ kind: "starting" });
    this.#incarnation = incarnation;
    const logic = this.#logic;
    if (spec !== undefined) this.#spec = spec;
    if (logic?.restart === undefined || spec !== undefined) {
      this.#logic = undefined;
      await this.#stopLogic(logic, "restarting");
      assert(this.#spec !== undefined, "C5: a cell that was started has a spec");
      return this.#start(this.#spec);
    }
    try {
      await logic.restart(incarnation);
    } catch (error) {
      if (this.#isStarting(incarnation)) this.#fail(error, undefined);
      return;
    }
    if (this.#isStarting(incarnation)) this.#run();
  }

  /** Directive: close, hand what still waits to the dead letters, report "stopped". Resolves when that is done. */
  async stop(): Promise<void> {
    if (this.#phase.kind === "stopping" || this.#phase.kind === "stopped") return;
    if (this.#phase.kind === "failed") this.#settle(this.#phase.envelope, this.#phase.error, "dead-letter");
    this.#enter({ kind: "stopping" });
    const logic = this.#logic;
    this.#logic = undefined;
    await this.#stopLogic(logic, "stopped");
    for (const envelope of [...this.#stashed, ...this.#mailbox.drain()]) {
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
      if (result instanceof Promise) this.#watchRejection(result);
    } catch (error) {
      this.#fail(error, undefined);
    }
  }

  /** Nobody waits for the promise; an incarnation that is no more does not care. */
  #watchRejection(result: Promise<unknown>): void {
    const incarnation = this.#incarnation;
    result.catch((error: unknown) => {
      if (this.#phase.kind === "running" && this.#incarnation === incarnation) this.#fail(error, undefined);
    });
  }

  #handle(envelope: Envelope): void {
    const logic = this.#logic;
    assert(logic !== undefined, "C1: a running cell has a logic");
    this.#inHand = { envelope, stashed: false };
    try {
      const sender: SenderInfo = {
        to: envelope.to,
        from: envelope.from,
        kind: envelope.ask === undefined ? "tell" : "ask",
      };
      const result = logic.receive(envelope.message, sender);
      if (!this.#inHand.stashed) this.#answer(envelope, result);
    } catch (error) {
      if (error instanceof UnhandledMessageError) this.#refuse(envelope, error);
      else this.#fail(error, envelope);
    }
    this.#inHand = undefined;
  }

  #answer(envelope: Envelope, result: unknown): void {
    const { ask } = envelope;
    if (!(result instanceof Promise)) {
      if (ask !== undefined) this.#host.answer(ask, { ok: true, value: result });
      return;
    }
    const incarnation = this.#incarnation;
    result.then(
      (value) => ask !== undefined && this.#host.answer(ask, { ok: true, value }),
      (error: unknown) => {
        if (this.#phase.kind === "running" && this.#incarnation === incarnation) this.#fail(error, envelope);
        else if (ask !== undefined) this.#host.answer(ask, { ok: false, error });
      },
    );
  }

  #stash(): void {
    if (this.#inHand === undefined) throw new NothingToStashError(this.address.path);
    if (this.#stashed.length >= stashMessagesMax) throw new StashFullError(this.address.path);
    this.#inHand.stashed = true;
    this.#stashed.push(this.#inHand.envelope);
  }

  #unstashAll(): void {
    this.#mailbox.putBack(this.#stashed);
    this.#stashed = [];
    if (this.#phase.kind === "running") this.#host.schedule(this);
  }

  #context(): CellContext {
    const { address } = this;
    const host = this.#host;
    const incarnation = this.#incarnation;
    const isCurrent = () => this.#incarnation === incarnation || this.#logic?.restart !== undefined;
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
        if (isCurrent() && this.#phase.kind === "running") this.#fail(error, undefined);
      },
      notify: (note) =>
        host.report(this.#supervisor, { kind: "note", path: address.path, incarnation: this.#incarnation, note }),
      enqueueSystem: (message) => {
        if (isCurrent()) this.deliverSystem(message);
      },
      stash: () => this.#stash(),
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

  #fail(error: unknown, envelope: Envelope | undefined): void {
    if (envelope !== undefined) envelope.failureCount += 1;
    this.#enter({ kind: "failed", error, envelope });
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
    if (fate === "dead-letter") this.#host.deadLetter(this.address, envelope.message, error);
  }

  #refuse(envelope: Envelope, error: Error): void {
    if (envelope.ask !== undefined) this.#host.answer(envelope.ask, { ok: false, error });
    else this.#host.deadLetter(this.address, envelope.message, error);
  }

  async #stopLogic(logic: CellLogic | undefined, reason: StopReason): Promise<void> {
    try {
      await logic?.stop?.(reason);
    } catch (error) {
      this.#host.logger.log("error", "an actor failed while it was closing", {
        path: this.address.path,
        error: toWire(error).message,
      });
    }
  }

  #isStarting(incarnation: number): boolean {
    return this.#phase.kind === "starting" && this.#incarnation === incarnation;
  }

  #enter(next: Phase): void {
    assert(legalNext[this.#phase.kind].includes(next.kind), `C4: a cell goes from ${this.#phase.kind} to ${next.kind}`);
    this.#phase = next;
  }
}
