/** ActorLogic: runs a hand-written actor as a cell: setup, handlers, timers, watches, children. */

import { type Address, checkName, childPath } from "../address.ts";
import type { CellContext, CellLogic, CellSpec, SenderInfo, StopReason, SystemMessage } from "../cells/cell-logic.ts";
import { ActorStoppedError } from "../cells/delivery-error.ts";
import { settledWithin } from "../cells/settled-within.ts";
import { type Duration, durationMs } from "../duration.ts";
import { checkNames } from "../errors/option-names.ts";
import type { Host } from "../host/host.ts";
import { actorCloseLimitMs } from "../limits.ts";
import type { CancelTimer } from "../seams/clock.ts";
import { supervisionPolicy } from "../supervision/supervision-policy.ts";
import { Supervisor } from "../supervision/supervisor.ts";
import type { ActorContext, SpawnOptions } from "./actor-context.ts";
import type { ActorDefinition, ActorHandlers, Receive } from "./actor-definition.ts";
import { actorRef } from "./actor-ref.ts";

/** How a child's cell is made. */
type SpecOf = <Message, Reply, Args>(
  definition: ActorDefinition<Message, Reply, Args>,
  args: Args | undefined,
  host: number,
) => CellSpec;

interface Timer {
  /** The very message that it puts into the mailbox: one of a timer that was replaced meanwhile is not taken for it. */
  readonly due: SystemMessage;
  readonly message: unknown;
  readonly cancel: CancelTimer;
  /** How often it repeats, in ms; undefined for a timer that ends after its first message. */
  readonly intervalMs: number | undefined;
}

export class ActorLogic implements CellLogic {
  readonly #cell: CellContext;
  readonly #host: Host;
  readonly #definition: ActorDefinition<unknown, unknown, unknown>;
  readonly #args: unknown;
  readonly #specOf: SpecOf;
  readonly #timers = new Map<string, Timer>();
  #closed = false;
  #children: Supervisor | undefined;
  #handlers: ActorHandlers<unknown> = { receive: () => undefined };
  /** What handles messages instead of the handlers' own `receive`, since a `become`. */
  #become: Receive<unknown> | undefined;
  #sender: Address | undefined;

  constructor(
    cell: CellContext,
    definition: ActorDefinition<unknown, unknown, unknown>,
    args: unknown,
    specOf: SpecOf,
  ) {
    this.#cell = cell;
    this.#host = cell.host as Host;
    this.#definition = definition;
    this.#args = args;
    this.#specOf = specOf;
  }

  async start(): Promise<void> {
    const made = await this.#definition.setup(this.#context(), this.#args);
    this.#handlers = typeof made === "function" ? { receive: made } : made;
  }

  receive(message: unknown, sender: SenderInfo): unknown {
    this.#sender = sender.from;
    try {
      return this.#handle(message);
    } finally {
      this.#sender = undefined;
    }
  }

  receiveSystem(message: SystemMessage): unknown {
    if (message.kind === "terminated") return this.#handlers.onTerminated?.(message.path, message.reason);
    const timer = this.#timers.get(message.name);
    if (timer?.due !== message) return undefined;
    if (timer.intervalMs === undefined) this.#timers.delete(message.name);
    else this.#setTimer(message.name, timer.intervalMs, timer.message, timer.intervalMs);
    return this.#handle(timer.message);
  }

  /** A child whose failure was passed on to this actor's supervisor, to no effect, ends. */
  resume(): void {
    this.#children?.stopEscalated();
  }

  async stop(_reason: StopReason): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    await this.#children?.stopAll();
    const closing = Promise.resolve(this.#handlers.onStop?.());
    if (await settledWithin(this.#cell.clock, actorCloseLimitMs, closing)) return;
    this.#cell.logger.log(
      "error",
      `onStop of an actor has not ended after ${actorCloseLimitMs} ms and is given up on`,
      {
        path: this.#cell.address.path,
      },
    );
  }

  #handle(message: unknown): unknown {
    return this.#become === undefined ? this.#handlers.receive(message) : this.#become(message);
  }

  #context(): ActorContext {
    const cell = this.#cell;
    const host = this.#host;
    const self = cell.address;
    const currentSender = () => this.#sender;
    const watch = (kind: "watch" | "unwatch", actor: Address) =>
      host.watch({ kind, path: actor.path, host: actor.host, watcher: self.path, watcherHost: self.host });
    return {
      self,
      incarnation: cell.incarnation,
      get sender() {
        return currentSender();
      },
      clock: cell.clock,
      logger: cell.logger,
      actor: (address) => actorRef(host, address, self),
      spawn: (definition, name, options) => this.#spawn(definition, name, options),
      stop: (child) =>
        child === undefined
          ? host.command(self.host, { kind: "stop", path: self.path })
          : void this.#children?.stop(child.path),
      watch: (actor) => watch("watch", actor),
      unwatch: (actor) => watch("unwatch", actor),
      become: (receive) => {
        this.#become = receive as Receive<unknown>;
      },
      stash: () => cell.stash(),
      unstashAll: () => cell.unstashAll(),
      after: (timer, delay, message) => this.#setTimer(timer, durationMs(delay, "after: delay"), message, undefined),
      every: (timer, interval, message) => {
        const intervalMs = positiveMs(interval);
        this.#setTimer(timer, intervalMs, message, intervalMs);
      },
      cancel: (timer) => this.#cancelTimer(timer),
    };
  }

  #spawn<Message, Reply, Args>(
    definition: ActorDefinition<Message, Reply, Args>,
    name: string,
    options: SpawnOptions<Args> = {},
  ) {
    if (this.#closed) throw new ActorStoppedError(this.#cell.address.path);
    checkNames(`spawn ${JSON.stringify(name)}`, options, { args: true, mailboxMessagesMax: true });
    this.#children ??= new Supervisor(
      this.#host,
      this.#cell.address.path,
      supervisionPolicy(this.#definition.options.supervision ?? {}),
      { onEscalate: (error) => this.#cell.fail(error) },
    );
    const address = this.#children.spawn({
      path: childPath(this.#cell.address.path, checkName("actor name", name)),
      host: this.#host.host,
      spec: this.#specOf(definition, options.args, this.#host.host),
      mailboxMessagesMax: options.mailboxMessagesMax,
    });
    return actorRef<Message, Reply>(this.#host, address, this.#cell.address);
  }

  #setTimer(name: string, delayMs: number, message: unknown, intervalMs: number | undefined): void {
    this.#cancelTimer(name);
    if (this.#closed) return;
    const due: SystemMessage = { kind: "timer", name };
    const cancel = this.#cell.clock.after(delayMs, () => this.#cell.enqueueSystem(due));
    this.#timers.set(name, { due, message, cancel, intervalMs });
  }

  #cancelTimer(name: string): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }
}

function positiveMs(interval: Duration): number {
  return Math.max(1, durationMs(interval, "every: interval"));
}
