/**
 * Supervisor: carries out the decisions of a SupervisorCore: creates, restarts and stops cells on any host, and passes
 * on what it does not handle. One belongs to each actor with children, to the system, and to each job.
 */

import type { Address } from "../address.ts";
import type { CellSpec } from "../cells/cell-logic.ts";
import type { CellReport, FailedMessageFate } from "../cells/cell-report.ts";
import { ActorStoppedError } from "../cells/delivery-error.ts";
import { OptionError } from "../errors/option-error.ts";
import { fromWire, toWire, type WireError } from "../errors/wire-error.ts";
import { HostLostError } from "../host/ask-table.ts";
import type { Host, ReportReceiver } from "../host/host.ts";
import { mailboxMessagesDefault } from "../limits.ts";
import type { CancelTimer } from "../seams/clock.ts";
import { mutated } from "../seams/mutants.ts";
import { EscalatedError } from "./escalated-error.ts";
import type { SupervisionPolicy } from "./supervision-policy.ts";
import { type Decision, type RestartingChild, SupervisorCore } from "./supervisor-core.ts";

export interface ChildSettings {
  readonly path: string;
  readonly aliases?: readonly string[];
  readonly host: number;
  /** A function is asked whenever the child is started on a host where it does not live. */
  readonly spec: CellSpec | (() => CellSpec);
  readonly mailboxMessagesMax?: number | undefined;
}

/** What the owner of a supervisor hears. */
export interface SupervisorHooks {
  /** True when a child that fails before it has ever started is not restarted but escalated. */
  readonly escalateFirstStart?: boolean;
  /** A failure that was not handled: the owner fails, or ends what it does. */
  onEscalate(error: Error): void;
  onStarted?(path: string, incarnation: number): void;
  /** A child has failed; told before anything is done about it. */
  onFailed?(path: string, error: Error): void;
  /** A child has stopped for good. */
  onStopped?(path: string): void;
  onNote?(path: string, note: unknown): void;
  /**
   * Asked when a living child is to be restarted: how it is made this time. Without it, or when it returns nothing, the
   * logic starts over by its own means.
   */
  onRestart?(path: string): CellSpec | undefined;
  /** Asked before a restart is carried out. True when it has to wait: `go` carries it out, once, if it is called. */
  holdRestart?(go: () => void): boolean;
}

interface Child {
  readonly settings: ChildSettings;
  /** Lost: its thread died and it was not created again yet. Created: only its mailbox is there. */
  state: "lost" | "created" | "living";
  started: boolean;
  readonly stopped: Promise<void>;
  readonly resolveStopped: () => void;
}

export class Supervisor implements ReportReceiver {
  readonly path: string;
  readonly #host: Host;
  readonly #core: SupervisorCore;
  readonly #hooks: SupervisorHooks;
  readonly #children = new Map<string, Child>();
  readonly #delayed = new Set<CancelTimer>();
  #closed = false;

  /** @param path under which its children report; the path of its owner */
  constructor(host: Host, path: string, policy: SupervisionPolicy, hooks: SupervisorHooks) {
    this.#host = host;
    this.path = path;
    this.#core = new SupervisorCore(policy);
    this.#hooks = hooks;
    host.supervise(path, this);
  }

  /** Paths of the children, in start order. */
  get children(): readonly string[] {
    return this.#core.names;
  }

  /** Starts a child. Throws ERR_RT_OPTION when its path is taken, ERR_RT_ACTOR_STOPPED after `stopAll`. */
  spawn(settings: ChildSettings): Address {
    if (this.#closed) throw new ActorStoppedError(this.path);
    if (this.#children.has(settings.path)) throw new OptionError("actor name", settings.path, "a name not taken yet");
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#children.set(settings.path, {
      settings,
      state: "created",
      started: false,
      stopped: promise,
      resolveStopped: resolve,
    });
    this.#core.add(settings.path);
    this.#create(settings);
    this.#startChild(settings.path, 0);
    return { path: settings.path, host: settings.host };
  }

  /** Stops a child by wish; resolves when it has stopped. */
  stop(path: string): Promise<void> {
    const child = this.#children.get(path);
    if (child === undefined) return Promise.resolve();
    this.#core.onStopping(path);
    if (child.state === "lost" || this.#host.isGone(child.settings.host)) this.#gone(path, "stopped");
    else this.#host.command(child.settings.host, { kind: "stop", path });
    return child.stopped;
  }

  /** Stops all children, the last one started first. */
  async stopAll(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#delayed) cancel();
    for (const path of [...this.#core.names].reverse()) await this.stop(path);
    this.#host.unsupervise(this.path);
  }

  /** Stops the children whose failure was escalated to an owner that goes on as if nothing had been. */
  stopEscalated(): void {
    for (const path of this.#core.names) if (this.#core.phaseOf(path) === "escalated") void this.stop(path);
  }

  /**
   * A thread died and everything on it; each child there has failed, or has stopped if it was about to. One whose host
   * does not come back is gone, and its failure is escalated.
   */
  hostLost(host: number, cause: unknown): void {
    const lost = [...this.#children.values()].filter((child) => child.settings.host === host);
    for (const child of lost) child.state = "lost";
    // All incarnations first: a restart of the group raises those of the others, whose loss is the same failure.
    const failures = lost.map(({ settings: { path } }) => ({ path, incarnation: this.#core.incarnationOf(path) ?? 0 }));
    for (const { path, incarnation } of failures) {
      const error = new HostLostError(host, cause);
      if (this.#core.phaseOf(path) === "stopping") this.#gone(path, "host lost");
      else if (this.#host.isGone(host)) this.#lostForGood(path, error);
      else this.#failed(path, incarnation, error, null);
    }
  }

  #lostForGood(path: string, error: Error): void {
    this.#gone(path, "host lost");
    this.#hooks.onEscalate(new EscalatedError(path, "its host is not replaced any more", error));
  }

  onReport(report: CellReport): void {
    const child = this.#children.get(report.path);
    if (child === undefined) return;
    const current = report.incarnation === this.#core.incarnationOf(report.path);
    switch (report.kind) {
      case "started":
        return current ? this.#started(child, report.path, report.incarnation) : undefined;
      case "failed":
        return this.#failed(report.path, report.incarnation, fromWire(report.error), report.messageAttempt);
      case "stopped":
        return child.state === "lost" ? undefined : this.#gone(report.path, "stopped");
      case "note":
        return current || mutated("supervisor.hears-the-dead")
          ? this.#hooks.onNote?.(report.path, report.note)
          : undefined;
    }
  }

  #started(child: Child, path: string, incarnation: number): void {
    this.#core.onStarted(path, incarnation);
    const kind = child.started ? "actor-restarted" : "actor-started";
    child.started = true;
    const { host } = child.settings;
    for (const known of pathsOf(child)) {
      this.#host.publish({ kind, path: known, host, incarnation, supervisorHost: this.#host.host });
    }
    this.#hooks.onStarted?.(path, incarnation);
  }

  #failed(path: string, incarnation: number, error: Error, messageAttempt: number | null): void {
    if (this.#closed) return;
    if (this.#hooks.escalateFirstStart && !this.#children.get(path)?.started && !(error instanceof HostLostError)) {
      return this.#hooks.onEscalate(error);
    }
    if (incarnation === this.#core.incarnationOf(path)) this.#hooks.onFailed?.(path, error);
    const nowMs = this.#host.clock.monotonicMs();
    const failure = { error, messageAttempt: messageAttempt ?? undefined };
    const decision = this.#core.onFailure(path, incarnation, failure, nowMs, this.#host.random.next());
    this.#publishFailure(path, incarnation, toWire(error), decision);
    this.#carryOut(decision);
  }

  #carryOut(decision: Decision): void {
    switch (decision.kind) {
      case "none":
        return;
      case "resume":
        return this.#command(decision.child, (path) => ({ kind: "resume", path, fate: decision.message }));
      case "restart":
        this.#createLost(decision.children);
        if (decision.delayMs <= 0) return this.#restart(decision.children);
        return this.#restartLater(decision.children, decision.delayMs);
      case "stop":
        return void this.#stopInOrder(decision.children);
      case "escalate":
        return this.#hooks.onEscalate(decision.error);
    }
  }

  #restartLater(children: readonly RestartingChild[], delayMs: number): void {
    const cancel = this.#host.clock.after(delayMs, () => {
      this.#delayed.delete(cancel);
      this.#restart(children);
    });
    this.#delayed.add(cancel);
  }

  #restart(children: readonly RestartingChild[]): void {
    if (this.#closed || this.#hooks.holdRestart?.(() => this.#restart(children))) return;
    for (const restarting of children) {
      const fate = this.#core.restartDue(restarting);
      const child = this.#children.get(restarting.name);
      if (fate !== undefined && child !== undefined) this.#restartChild(child, restarting.incarnation, fate);
    }
  }

  #restartChild(child: Child, incarnation: number, fate: FailedMessageFate): void {
    const { path } = child.settings;
    if (child.state === "created") return this.#startChild(path, incarnation);
    const spec = this.#hooks.onRestart?.(path) ?? null;
    this.#command(path, () => ({ kind: "restart", path, incarnation, fate, spec }));
  }

  /** Restarts a child whose failure was escalated, after a while. Not counted against its budget. */
  restartEscalated(path: string, delayMs: number): void {
    const restarting = this.#closed ? undefined : this.#core.restartEscalated(path);
    if (restarting !== undefined) this.#carryOut({ kind: "restart", children: [restarting], delayMs });
  }

  /** Restarts a living child that has not failed, because another one did. Not counted against its budget. */
  restartAlong(path: string, spec: CellSpec): void {
    const child = this.#children.get(path);
    const incarnation = child?.state === "living" ? this.#core.restartAlong(path) : undefined;
    if (incarnation === undefined) return;
    this.#command(path, () => ({ kind: "restart", path, incarnation, fate: "dead-letter", spec }));
  }

  /** Children lost with their thread get a mailbox on its replacement at once, so that messages wait for their restart. */
  #createLost(children: readonly RestartingChild[]): void {
    for (const { name } of children) {
      const child = this.#children.get(name);
      if (child?.state !== "lost") continue;
      child.state = "created";
      this.#create(child.settings);
    }
  }

  #startChild(path: string, incarnation: number): void {
    const child = this.#children.get(path);
    if (child === undefined) return;
    child.state = "living";
    const { spec: given } = child.settings;
    const spec = typeof given === "function" ? given() : given;
    this.#command(path, () => ({ kind: "start", path, incarnation, spec }));
  }

  async #stopInOrder(paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.stop(path);
  }

  #create(settings: ChildSettings): void {
    this.#host.command(settings.host, {
      kind: "create",
      path: settings.path,
      aliases: settings.aliases ?? [],
      supervisor: this.path,
      supervisorHost: this.#host.host,
      mailboxMessagesMax: settings.mailboxMessagesMax ?? mailboxMessagesDefault,
    });
  }

  #command(path: string, command: (path: string) => Parameters<Host["command"]>[1]): void {
    const child = this.#children.get(path);
    if (child !== undefined && child.state !== "lost") this.#host.command(child.settings.host, command(path));
  }

  #gone(path: string, reason: string): void {
    const child = this.#children.get(path);
    if (child === undefined) return;
    this.#children.delete(path);
    this.#core.remove(path);
    const { host } = child.settings;
    for (const known of pathsOf(child)) this.#host.publish({ kind: "actor-stopped", path: known, host, reason });
    child.resolveStopped();
    this.#hooks.onStopped?.(path);
  }

  #publishFailure(path: string, incarnation: number, error: WireError, decision: Decision): void {
    const host = this.#children.get(path)?.settings.host ?? this.#host.host;
    this.#host.publish({ kind: "actor-failed", path, host, incarnation, error, directive: decision.kind });
  }
}

/** Every path by which a child is known. */
function pathsOf({ settings }: Child): readonly string[] {
  return [settings.path, ...(settings.aliases ?? [])];
}
