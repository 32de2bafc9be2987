/**
 * Host: one thread's share of the actor system: its cells, their turns, and the links to the other hosts. Frames for
 * cells of this host are handed over by reference, all others leave in packets at the end of a run of turns.
 *
 * Not here: threads and their replacement (runtime/threads), decisions about failures (runtime/supervision), the
 * directory of all actors (runtime/system, on host 0).
 */

import type { Address } from "../address.ts";
import { assert } from "../assert.ts";
import { Cell } from "../cells/cell.ts";
import type { AskOutcome, CellHost } from "../cells/cell-host.ts";
import type { CellContext, CellLogic, CellSpec, Shared } from "../cells/cell-logic.ts";
import type { CellReport } from "../cells/cell-report.ts";
import { ActorUnknownError } from "../cells/delivery-error.ts";
import type { Envelope } from "../cells/mailbox.ts";
import { type Turnable, TurnScheduler } from "../cells/turn-scheduler.ts";
import { explain } from "../codec/codec.ts";
import { readPacket } from "../codec/packet.ts";
import { assertPlainData, NotPlainDataError } from "../codec/plain-data.ts";
import { fromWire, toWire, type WireError } from "../errors/wire-error.ts";
import { hostCountMax, linkCreditMessages, turnBudgetMs } from "../limits.ts";
import type { Clock } from "../seams/clock.ts";
import type { Logger } from "../seams/logger.ts";
import type { Random } from "../seams/random.ts";
import type { Port } from "../seams/transport.ts";
import type { DeadLetter, Fact } from "../system/fact.ts";
import { AskTable, HostLostError } from "./ask-table.ts";
import { CellTable } from "./cell-table.ts";
import { createLogic } from "./create-logic.ts";
import { DeadLetterOutlet } from "./dead-letter-outlet.ts";
import { type Frame, frameKind, type HostCommand, type WatchQuery } from "./frame.ts";
import { HostStoppedError, LinkFullError } from "./host-error.ts";
import type { HostRoot, HostSeams, HostSettings, ReportReceiver } from "./host-settings.ts";
import { Link } from "./link.ts";
import { SharedValues } from "./shared-values.ts";

export type { HostRoot, HostSeams, HostSettings, ReportReceiver };

export class Host implements CellHost {
  readonly host: number;
  readonly system: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly progress: Int32Array;
  readonly #seams: HostSeams;
  readonly #cells: CellTable;
  readonly #supervisors = new Map<string, ReportReceiver>();
  readonly #links: (Link | undefined)[] = [];
  readonly #takenMessages: number[] = [];
  readonly #asks: AskTable;
  readonly #shared = new SharedValues();
  readonly #scheduler: TurnScheduler;
  readonly #deadLetters: DeadLetterOutlet;
  #root: HostRoot | undefined;
  readonly #workerCount: number;
  /** Hosts whose thread is not replaced any more. */
  readonly #goneHosts = new Set<number>();
  #stopping: Promise<void> | undefined;
  #stopped = false;
  #flushArmed = false;

  constructor(settings: HostSettings, seams: HostSeams) {
    this.host = settings.host;
    this.system = settings.system;
    this.clock = seams.clock;
    this.random = seams.random;
    this.logger = seams.logger;
    this.progress = seams.progress;
    this.#seams = seams;
    this.#workerCount = settings.workerCount ?? hostCountMax;
    this.#cells = new CellTable(settings.incarnation > 0);
    this.#asks = new AskTable(this.clock, settings.incarnation);
    this.#scheduler = new TurnScheduler(this.clock, turnBudgetMs, {
      afterTurn: () => this.#sendWritten(),
      afterRun: () => this.#afterRun(),
    });
    this.#deadLetters = new DeadLetterOutlet(this.clock, (fact) => this.publish(fact));
  }

  /** Host 0 only: who keeps the directory and hears the facts. */
  setRoot(root: HostRoot): void {
    assert(this.host === 0, "H1: the root lives on host 0");
    this.#root = root;
  }

  // ---- links

  /** Connects the link to another host, or connects it again after `leave`. */
  join(peer: number, port: Port): void {
    this.#linkTo(peer).join(port, (packet) => this.#onPacket(peer, packet));
  }

  /** The other host died: what it had not taken is lost, what follows is held until `join`. */
  leave(peer: number): void {
    this.#linkTo(peer).leave();
    this.#takenMessages[peer] = 0;
    this.#asks.hostLost(peer, undefined);
  }

  /** The other host died, and will not come back. */
  giveUp(peer: number): void {
    this.leave(peer);
    this.#goneHosts.add(peer);
  }

  /** Whether nothing reaches that host any more. */
  isGone(host: number): boolean {
    return this.#goneHosts.has(host);
  }

  /** Stops every cell, refuses what waits for an answer, sends what was written, closes the links. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    while (this.#cells.size > 0) await Promise.all(this.#cells.all().map((cell) => cell.stop()));
    this.#stopped = true;
    this.#asks.rejectAll(new HostStoppedError(this.host));
    this.#deadLetters.flush();
    for (const link of this.#links) link?.close();
  }

  // ---- messages

  /** Sends a message. Throws ERR_RT_NOT_PLAIN_DATA when it cannot cross to the actor's host. */
  tell(to: Address, message: unknown, from?: Address): void {
    const refusal = this.#refusal(to);
    if (refusal !== undefined) return this.deadLetter(to, message, refusal);
    if (to.host === this.host) {
      this.#deliver({ to: to.path, message, from, ask: undefined, failureCount: 0 });
      return;
    }
    const frame: Frame = [frameKind.tell, to.path, from?.path ?? null, from?.host ?? 0, message];
    if (!this.#sendMessage(to, frame, message)) this.deadLetter(to, message, new LinkFullError(to));
  }

  /** Sends a message and resolves to its answer; rejects with ERR_RT_ASK_TIMEOUT after `timeoutMs`, and see `AskTable`. */
  ask(to: Address, message: unknown, timeoutMs: number, from?: Address): Promise<unknown> {
    return this.#asks.open(to, timeoutMs, (askId) => {
      const refusal = this.#refusal(to);
      if (refusal !== undefined) throw refusal;
      if (to.host === this.host) {
        this.#deliver({ to: to.path, message, from, ask: { id: askId, host: this.host }, failureCount: 0 });
        return;
      }
      const frame: Frame = [frameKind.ask, to.path, from?.path ?? null, from?.host ?? 0, askId, message];
      if (!this.#sendMessage(to, frame, message)) throw new LinkFullError(to);
    });
  }

  signal(to: Address, payload: unknown): void {
    if (to.host === this.host) this.#cells.get(to.path)?.deliverSignal(payload);
    else if (this.#refusal(to) === undefined) this.#send(to.host, [frameKind.signal, to.path, payload]);
  }

  deadLetter(to: Address, value: unknown, error: unknown): void {
    this.#deadLetters.add(to.path, value, error);
    this.#armFlush();
  }

  postDeadLetter(letter: DeadLetter): void {
    this.#deadLetters.put(letter);
    this.#armFlush();
  }

  // ---- supervision

  /** Registers who receives the reports of the cells that name `path` as their supervisor. */
  supervise(path: string, receiver: ReportReceiver): void {
    this.#supervisors.set(path, receiver);
  }

  unsupervise(path: string): void {
    this.#supervisors.delete(path);
  }

  command(host: number, command: HostCommand): void {
    if (host === this.host) this.#obey(command);
    else if (!this.isGone(host)) this.#send(host, [frameKind.command, command]);
  }

  publish(fact: Fact): void {
    if (this.#root !== undefined) this.#root.onFact(fact);
    else this.#send(0, [frameKind.fact, fact]);
  }

  watch(query: WatchQuery): void {
    if (query.kind === "check") {
      const isKnown = this.#refusal({ path: query.path, host: query.host }) === undefined;
      if (isKnown && query.host !== this.host) return this.#send(query.host, [frameKind.watch, query]);
      if (this.#cells.has(query.path)) return;
      return this.watch({ ...query, kind: "unknown" });
    }
    if (this.#root !== undefined) this.#root.onWatch(query);
    else this.#send(0, [frameKind.watch, query]);
  }

  /** Tells a watcher that an actor is no more. */
  terminated(watcher: Address, path: string, reason: string): void {
    const message = { kind: "terminated", path, reason } as const;
    if (watcher.host === this.host) this.#cells.get(watcher.path)?.deliverSystem(message);
    else this.#send(watcher.host, [frameKind.system, watcher.path, message]);
  }

  // ---- for cells

  schedule(cell: Turnable): void {
    this.#scheduler.schedule(cell);
  }

  report(supervisor: Address, report: CellReport): void {
    if (report.kind === "stopped") this.#cells.remove(report.path);
    if (supervisor.host === this.host) this.#supervisors.get(supervisor.path)?.onReport(report);
    else this.#send(supervisor.host, [frameKind.report, supervisor.path, report]);
  }

  answer(ask: { readonly id: number; readonly host: number }, outcome: AskOutcome): void {
    if (ask.host === this.host) {
      this.#asks.settle(ask.id, outcome.ok, outcome.ok ? outcome.value : outcome.error);
      return;
    }
    if (!outcome.ok) return this.#send(ask.host, [frameKind.answer, ask.id, false, toWire(outcome.error)]);
    try {
      this.#send(ask.host, [frameKind.answer, ask.id, true, outcome.value]);
    } catch (error) {
      this.#send(ask.host, [frameKind.answer, ask.id, false, toWire(refusedBy(error, outcome.value, "answer"))]);
    }
  }

  createLogic(spec: CellSpec, context: CellContext): Promise<CellLogic> {
    return createLogic(spec, context, this.#seams.onLoading);
  }

  share<T>(key: string, create: () => T, dispose: (value: T) => void | Promise<void>): Shared<T> {
    return this.#shared.acquire(key, create, dispose);
  }

  // ---- what comes in

  #onPacket(peer: number, packet: Uint8Array): void {
    if (this.#stopped) return;
    readPacket(packet, (frame) => this.#receive(peer, frame as Frame));
    this.#scheduler.runSoonest();
    this.#armFlush();
  }

  #receive(peer: number, frame: Frame): void {
    switch (frame[0]) {
      case frameKind.tell: {
        const [, to, from, fromHost, message] = frame;
        if (this.#holdEarly(to, peer, frame)) return;
        this.#messageTaken(peer);
        return this.#deliver({ to, message, from: sender(from, fromHost), ask: undefined, failureCount: 0 });
      }
      case frameKind.ask: {
        const [, to, from, fromHost, id, message] = frame;
        if (this.#holdEarly(to, peer, frame)) return;
        this.#messageTaken(peer);
        return this.#deliver({ to, message, from: sender(from, fromHost), ask: { id, host: peer }, failureCount: 0 });
      }
      case frameKind.answer:
        return this.#asks.settle(frame[1], frame[2], frame[2] ? frame[3] : fromWire(frame[3] as WireError));
      case frameKind.signal:
        if (this.#holdEarly(frame[1], peer, frame)) return;
        return this.#cells.get(frame[1])?.deliverSignal(frame[2]);
      case frameKind.system:
        return this.#cells.get(frame[1])?.deliverSystem(frame[2]);
      case frameKind.command:
        return this.#obey(frame[1]);
      case frameKind.report:
        return this.#supervisors.get(frame[1])?.onReport(frame[2]);
      case frameKind.fact:
        return this.publish(frame[1]);
      case frameKind.watch:
        return this.watch(frame[1]);
      case frameKind.linkCredit:
        return this.#linkTo(peer).grant(frame[1]);
    }
  }

  #deliver(envelope: Envelope): void {
    const cell = this.#cells.get(envelope.to);
    if (cell !== undefined) return cell.deliver(envelope);
    const error = new ActorUnknownError(envelope.to, this.host);
    if (envelope.ask !== undefined) this.answer(envelope.ask, { ok: false, error });
    else this.deadLetter({ path: envelope.to, host: this.host }, envelope.message, error);
  }

  /** True when the frame has to wait for its cell; the sender gets no credit for it before that. */
  #holdEarly(path: string, peer: number, frame: Frame): boolean {
    return this.#cells.holdEarly(path, () => this.#receive(peer, frame));
  }

  /** Gives credit back in quarters of the window, so that it costs one small frame in many messages. */
  #messageTaken(peer: number): void {
    const taken = (this.#takenMessages[peer] ?? 0) + 1;
    this.#takenMessages[peer] = taken;
    if (taken < linkCreditMessages / 4) return;
    this.#takenMessages[peer] = 0;
    this.#send(peer, [frameKind.linkCredit, taken]);
  }

  #obey(command: HostCommand): void {
    if (command.kind === "create") return this.#createCell(command);
    if (command.kind === "settled") return this.#cells.settle();
    const cell = this.#cells.get(command.path);
    if (cell === undefined) return;
    if (command.kind === "resume") return cell.resume(command.fate);
    if (command.kind === "stop") void cell.stop();
    else if (command.kind === "start") void cell.start(command.incarnation, command.spec);
    else void cell.restart(command.incarnation, command.fate, command.spec ?? undefined);
  }

  #createCell(command: Extract<HostCommand, { kind: "create" }>): void {
    const cell = new Cell(this, {
      address: { path: command.path, host: this.host },
      supervisor: { path: command.supervisor, host: command.supervisorHost },
      mailboxMessagesMax: command.mailboxMessagesMax,
    });
    this.#cells.add(cell, command.aliases);
  }

  // ---- what goes out

  /** Why nothing can be sent to an address; undefined when something can. */
  #refusal({ path, host }: Address): Error | undefined {
    if (this.#stopped) return new HostStoppedError(this.host);
    if (this.isGone(host)) return new HostLostError(host, undefined);
    const isHost = Number.isInteger(host) && host >= 0 && host <= this.#workerCount;
    return isHost ? undefined : new ActorUnknownError(path, host);
  }

  /** False when too many wait already. */
  #sendMessage(to: Address, frame: Frame, message: unknown): boolean {
    this.#armFlush();
    try {
      return this.#linkTo(to.host).sendMessage(frame);
    } catch (error) {
      throw refusedBy(error, message, "message");
    }
  }

  #send(host: number, frame: Frame): void {
    this.#linkTo(host).send(frame);
    this.#armFlush();
  }

  #linkTo(host: number): Link {
    assert(host !== this.host, "H3: a host has no link to itself");
    let link = this.#links[host];
    if (link === undefined) {
      link = new Link();
      this.#links[host] = link;
    }
    return link;
  }

  /** What is written outside a run of turns leaves soon after. */
  #armFlush(): void {
    if (this.#flushArmed) return;
    this.#flushArmed = true;
    this.clock.soon(this.#flushSoon);
  }

  readonly #flushSoon = (): void => {
    this.#flushArmed = false;
    this.#flush();
  };

  #afterRun(): void {
    this.progress[0] = (this.progress[0] ?? 0) + 1;
    this.#flush();
    this.#seams.checkHealth?.();
  }

  #flush(): void {
    if (!this.#stopped || this.#root !== undefined) this.#deadLetters.flush();
    this.#sendWritten();
  }

  #sendWritten(): void {
    if (this.#stopped) return;
    for (let index = 0; index < this.#links.length; index += 1) this.#links[index]?.flush();
  }
}

/** The error of the encoder, with a path that begins at what the user sent and not at our frame. */
function refusedBy(error: unknown, value: unknown, name: string): unknown {
  if (!(error instanceof NotPlainDataError)) return error;
  return explain(error, name, () => assertPlainData(value, name));
}

function sender(path: string | null, host: number): Address | undefined {
  return path === null ? undefined : { path, host };
}
