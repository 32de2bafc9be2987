/**
 * Host: one thread's share of the actor system: its cells, their turns, and the links to the other hosts. Frames for
 * cells of this host are handed over by reference, all others leave in packets at the end of a run of turns.
 *
 * Invariant
 *  H1  the root lives on host 0.
 *
 * Not here: messages of users (host-messages.ts), links (host-links.ts), threads and their replacement (runtime/threads),
 * decisions about failures (runtime/supervision), the directory of all actors (runtime/system, on host 0).
 */

import type { Address } from "../address.ts";
import { assert } from "../assert.ts";
import { Cell } from "../cells/cell.ts";
import type { AskOutcome, CellHost } from "../cells/cell-host.ts";
import type { CellContext, CellLogic, CellSpec, Shared } from "../cells/cell-logic.ts";
import type { CellReport } from "../cells/cell-report.ts";
import { type Turnable, TurnScheduler } from "../cells/turn-scheduler.ts";
import { readPacket } from "../codec/packet.ts";
import { turnBudgetMs } from "../limits.ts";
import type { Clock } from "../seams/clock.ts";
import type { Logger } from "../seams/logger.ts";
import type { Random } from "../seams/random.ts";
import type { Packet, Port } from "../seams/transport.ts";
import type { DeadLetter, Fact } from "../system/fact.ts";
import { attached, detached } from "./attachments.ts";
import { CellTable } from "./cell-table.ts";
import { createLogic } from "./create-logic.ts";
import { type Frame, frameKind, type HostCommand, type WatchQuery } from "./frame.ts";
import { HostLinks } from "./host-links.ts";
import { HostMessages } from "./host-messages.ts";
import type { HostRoot, HostSeams, HostSettings, ReportReceiver } from "./host-settings.ts";
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
  readonly #links: HostLinks;
  readonly #messages: HostMessages;
  readonly #shared = new SharedValues();
  readonly #scheduler: TurnScheduler;
  #root: HostRoot | undefined;
  #stopping: Promise<void> | undefined;
  /** Whether the packet in hand has a command in it. */
  #hasObeyed = false;

  constructor(settings: HostSettings, seams: HostSeams) {
    this.host = settings.host;
    this.system = settings.system;
    this.clock = seams.clock;
    this.random = seams.random;
    this.logger = seams.logger;
    this.progress = seams.progress;
    this.#seams = seams;
    this.#cells = new CellTable(settings.incarnation > 0);
    this.#links = new HostLinks(this.host, this.clock, () => this.#flush());
    this.#messages = new HostMessages(settings, this.clock, this.#cells, this.#links, (fact) => this.publish(fact));
    this.#scheduler = new TurnScheduler(this.clock, turnBudgetMs, {
      afterTurn: () => this.#links.flush(),
      afterRun: () => this.#afterRun(),
    });
  }

  /** Whether nothing lives here. */
  get isIdle(): boolean {
    return this.#cells.size === 0;
  }

  /** Host 0 only: who keeps the directory and hears the facts. */
  setRoot(root: HostRoot): void {
    assert(this.host === 0, "H1: the root lives on host 0");
    this.#root = root;
  }

  // ---- links

  /** Connects the link to an incarnation of another host; to one that has died meanwhile it does nothing. */
  join(peer: number, incarnation: number, port: Port): void {
    if (this.#links.hasOlder(peer, incarnation)) this.leave(peer, incarnation - 1);
    this.#links.join(peer, incarnation, port, (...packet) => this.#onPacket(peer, ...packet));
  }

  /** That incarnation of another host died: what it had not taken is lost, what follows is held until `join`. */
  leave(peer: number, incarnation: number): void {
    if (!this.#links.knows(peer, incarnation)) return;
    this.#links.leave(peer, incarnation);
    this.#messages.hostLost(peer);
  }

  /** Host 0 only: lets another host `leave` a peer, before whatever it is told from now on. */
  tellLeft(host: number, peer: number, incarnation: number): void {
    this.#links.send(host, [frameKind.left, peer, incarnation]);
  }

  /** The other host died, and will not come back. */
  giveUp(peer: number): void {
    this.#links.giveUp(peer);
    this.#messages.hostLost(peer);
  }

  /** Whether nothing reaches that host any more. */
  isGone(host: number): boolean {
    return this.#links.isGone(host);
  }

  /** Stops every cell, refuses what waits for an answer, sends what was written, closes the links. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    while (this.#cells.size > 0) await Promise.all(this.#cells.all().map((cell) => cell.stop()));
    this.#messages.stop();
    this.#links.close();
  }

  // ---- messages

  /** Sends a message. Throws ERR_RT_NOT_PLAIN_DATA when it cannot cross to the actor's host. */
  tell(to: Address, message: unknown, from?: Address): void {
    this.#messages.tell(to, message, from);
  }

  /** Sends a message and resolves to its answer; rejects with ERR_RT_ASK_TIMEOUT after `timeoutMs`, and see `AskTable`. */
  ask(to: Address, message: unknown, timeoutMs: number, from?: Address): Promise<unknown> {
    return this.#messages.ask(to, message, timeoutMs, from);
  }

  answer(ask: { readonly id: number; readonly host: number }, outcome: AskOutcome): void {
    this.#messages.answer(ask, outcome);
  }

  deadLetter(to: Address, value: unknown, error: unknown): void {
    this.#messages.deadLetter(to, value, error);
  }

  postDeadLetter(letter: DeadLetter): void {
    this.#messages.postDeadLetter(letter);
  }

  signal(to: Address, payload: unknown): void {
    if (to.host === this.host) this.#cells.get(to.path)?.deliverSignal(payload);
    else if (this.#messages.refusal(to) === undefined) this.#links.send(to.host, [frameKind.signal, to.path, payload]);
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
    else if (!this.isGone(host)) {
      const [bare, attachments] = detached(command);
      this.#links.send(host, [frameKind.command, bare], attachments);
    }
  }

  publish(fact: Fact): void {
    if (this.#root !== undefined) this.#root.onFact(fact);
    else this.#links.send(0, [frameKind.fact, fact]);
  }

  watch(query: WatchQuery): void {
    if (query.kind === "check") {
      const isKnown = this.#messages.refusal({ path: query.path, host: query.host }) === undefined;
      if (isKnown && query.host !== this.host) return this.#links.send(query.host, [frameKind.watch, query]);
      if (this.#cells.has(query.path)) return;
      return this.watch({ ...query, kind: "unknown" });
    }
    if (this.#root !== undefined) this.#root.onWatch(query);
    else this.#links.send(0, [frameKind.watch, query]);
  }

  /** Tells a watcher that an actor is no more. */
  terminated(watcher: Address, path: string, reason: string): void {
    const message = { kind: "terminated", path, reason } as const;
    if (watcher.host === this.host) this.#cells.get(watcher.path)?.deliverSystem(message);
    else this.#links.send(watcher.host, [frameKind.system, watcher.path, message]);
  }

  // ---- for cells

  schedule(cell: Turnable): void {
    this.#scheduler.schedule(cell);
  }

  report(supervisor: Address, report: CellReport): void {
    if (report.kind === "stopped") this.#cells.remove(report.path);
    if (supervisor.host === this.host) this.#supervisors.get(supervisor.path)?.onReport(report);
    else this.#links.send(supervisor.host, [frameKind.report, supervisor.path, report]);
  }

  createLogic(spec: CellSpec, context: CellContext): Promise<CellLogic> {
    return createLogic(spec, context, this.#seams.onLoading);
  }

  share<T>(key: string, create: () => T, dispose: (value: T) => void | Promise<void>): Shared<T> {
    return this.#shared.acquire(key, create, dispose);
  }

  // ---- what comes in

  #onPacket(peer: number, packet: Packet, attachments: readonly Uint8Array[]): void {
    if (this.#links.isClosed) return;
    this.#hasObeyed = false;
    if (!(packet instanceof Uint8Array)) this.#receive(peer, packet as Frame, attachments);
    else readPacket(packet, (frame) => this.#receive(peer, frame as Frame, attachments));
    // What a command has begun goes on in promises, and is told by them: turns come after those.
    if (!this.#hasObeyed) this.#scheduler.runSoonest();
    this.#links.flushSoon();
  }

  #receive(peer: number, frame: Frame, attachments: readonly Uint8Array[]): void {
    switch (frame[0]) {
      case frameKind.tell:
        return this.#holdEarly(frame[1], peer, frame) ? undefined : this.#messages.onTell(peer, frame);
      case frameKind.ask:
        return this.#holdEarly(frame[1], peer, frame) ? undefined : this.#messages.onAsk(peer, frame);
      case frameKind.answer:
        return this.#messages.onAnswer(frame);
      case frameKind.signal:
        if (this.#holdEarly(frame[1], peer, frame)) return;
        return this.#cells.get(frame[1])?.deliverSignal(frame[2]);
      case frameKind.system:
        return this.#cells.get(frame[1])?.deliverSystem(frame[2]);
      case frameKind.command:
        return this.#obey(attached(frame[1], attachments));
      case frameKind.report:
        return this.#supervisors.get(frame[1])?.onReport(frame[2]);
      case frameKind.fact:
        return this.publish(frame[1]);
      case frameKind.watch:
        return this.watch(frame[1]);
      case frameKind.linkCredit:
        return this.#links.grant(peer, frame[1]);
      case frameKind.left:
        return this.leave(frame[1], frame[2]);
    }
  }

  /** True when the frame has to wait for its cell; the sender gets no credit for it before that. */
  #holdEarly(path: string, peer: number, frame: Frame): boolean {
    return this.#cells.holdEarly(path, () => this.#receive(peer, frame, []));
  }

  #obey(command: HostCommand): void {
    this.#hasObeyed = true;
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

  #afterRun(): void {
    this.progress[0] = (this.progress[0] ?? 0) + 1;
    this.#flush();
    this.#seams.checkHealth?.();
  }

  #flush(): void {
    if (!this.#links.isClosed || this.#root !== undefined) this.#messages.flush();
    this.#links.flush();
  }
}
