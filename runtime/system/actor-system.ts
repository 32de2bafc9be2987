/**
 * ActorSystem: the main thread's side of an actor system: host 0, the worker hosts, the directory of actors, the facts
 * and dead letters, and the top-level actors.
 */

import type { ActorDefinition } from "../actor/actor-definition.ts";
import { type ActorRef, actorRef } from "../actor/actor-ref.ts";
import { actorSpec } from "../actor/actor-spec.ts";
import { type Address, checkName, rootPath } from "../address.ts";
import { type Duration, durationMs } from "../duration.ts";
import { MillraceError } from "../errors/millrace-error.ts";
import { wholeNumber } from "../errors/option-error.ts";
import { checkNames, type OptionNames } from "../errors/option-names.ts";
import { toWire } from "../errors/wire-error.ts";
import { Host } from "../host/host.ts";
import { hostCountMax, replacementsMax, replacementWindowMs } from "../limits.ts";
import { type SeamOverrides, seams, systemSeams } from "../seams/composition.ts";
import type { Metrics } from "../seams/metrics.ts";
import type { Services } from "../seams/services.ts";
import {
  checkSupervisionNames,
  type SupervisionOptions,
  supervisionPolicy,
} from "../supervision/supervision-policy.ts";
import { Supervisor } from "../supervision/supervisor.ts";
import { HostGroup, type HostStatus } from "../threads/host-group.ts";
import type { ReplacementBudget } from "../threads/host-slots.ts";
import { memoryLimits } from "../threads/memory-limits.ts";
import { progressLength } from "../threads/progress-field.ts";
import { unfinishedWork } from "../threads/unfinished-work.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Directory } from "./directory.ts";
import type { FactKind } from "./fact.ts";
import { FactBus, type FactOf, type Unsubscribe } from "./fact-bus.ts";
import { countFacts } from "./fact-metrics.ts";

/** What the system is made of, and whatever takes the place of the real clock, random numbers, logger and so on. */
export interface ActorSystemOptions extends SeamOverrides {
  /** Stands in every address. Default `millrace`. */
  readonly name?: string;
  /** Worker threads, 0 to 256; with 0 everything runs on the calling thread. Default 0. */
  readonly threads?: number;
  /** Old-space limit of each worker thread in MB; with 0.4 of it in live use the thread is replaced. Default 2048. */
  readonly heapLimitMb?: number;
  /**
   * What each worker thread may hold outside of its heap in MB, in buffers above all; beyond that it is replaced. Default half
   * of the memory of the machine.
   */
  readonly externalLimitMb?: number;
  /** A worker thread without progress for this long is replaced. Default "5s". */
  readonly hangLimit?: Duration;
  /** How often threads that die are replaced within a time; beyond that the system fails. Default 100 in "1m". */
  readonly threadReplacements?: { readonly max?: number; readonly within?: Duration };
  /** How the top-level actors are supervised. An actor whose failure is escalated is stopped. */
  readonly supervision?: SupervisionOptions;
}

const systemOptionNames: OptionNames<ActorSystemOptions> = {
  name: true,
  threads: true,
  heapLimitMb: true,
  externalLimitMb: true,
  hangLimit: true,
  threadReplacements: true,
  supervision: true,
  clock: true,
  random: true,
  transport: true,
  logger: true,
  metrics: true,
  threadPool: true,
};

export interface TopLevelSpawnOptions<Args> {
  /** Plain data handed to the setup of every incarnation. */
  readonly args?: Args;
  /** The host to live on: 0 is the calling thread, 1 and up are worker threads. Default 0. */
  readonly host?: number;
  /** User messages that may wait; the next one becomes a dead letter. Default 10,000. */
  readonly mailboxMessagesMax?: number;
}

export class SystemStoppedError extends MillraceError {
  readonly code = "ERR_RT_SYSTEM_STOPPED";
}

/** Told when a worker thread is lost; `ActorSystem` passes it to every supervisor that lives on host 0. */
export interface HostLossListener {
  hostLost(host: number, cause: unknown, unfinishedWork?: number): void;
}

export class ActorSystem implements AsyncDisposable {
  readonly name: string;
  /** Worker threads. */
  readonly threads: number;
  /** Host 0: the calling thread's share of the system. For the rooms above. */
  readonly host: Host;
  readonly deadLetters: DeadLetters;
  /** Counts what happens to actors and hosts; whoever has something to count may add to it. */
  readonly metrics: Metrics;
  readonly #facts: FactBus;
  readonly #directory: Directory;
  readonly #guardian: Supervisor;
  readonly #group: HostGroup | undefined;
  readonly #lossListeners = new Set<HostLossListener>();
  readonly #failed = Promise.withResolvers<never>();
  /** Why nothing is replaced any more. */
  #failure: MillraceError | undefined;
  #stopping: Promise<void> | undefined;

  protected constructor(options: ActorSystemOptions) {
    this.name = checkName("name", options.name ?? "millrace");
    this.threads = wholeNumber("threads", options.threads ?? 0, 0, hostCountMax);
    const limits = memoryLimits(options);
    const bound = systemSeams(options, this.threads === 0 ? undefined : { hosts: this.threads, ...limits });
    this.host = new Host(
      { host: 0, system: this.name, incarnation: 0, workerCount: this.threads },
      {
        clock: bound.get(seams.clock),
        random: bound.get(seams.random),
        logger: bound.get(seams.logger),
        progress: new Int32Array(progressLength),
      },
    );
    this.metrics = bound.get(seams.metrics);
    this.#facts = new FactBus(this.host.logger);
    countFacts(this.#facts, this.metrics);
    this.deadLetters = new DeadLetters(this.#facts);
    this.#directory = new Directory({
      terminated: (watcher, path, reason) => this.host.terminated(watcher, path, reason),
      check: (query) => this.host.watch(query),
    });
    this.host.setRoot({
      onFact: (fact) => {
        this.#directory.onFact(fact);
        this.#facts.publish(fact);
      },
      onWatch: (query) => this.#directory.onWatch(query),
    });
    this.#guardian = new Supervisor(this.host, `millrace://${this.name}`, supervisionPolicy(options.supervision), {
      onEscalate: (error) => void this.#guardian.stop((error as { details?: { child?: string } }).details?.child ?? ""),
    });
    this.addHostLossListener(this.#guardian);
    this.#failed.promise.catch(() => undefined);
    this.#group = this.threads === 0 ? undefined : this.#createGroup(options, bound);
  }

  /** Starts a system; resolves when every worker thread runs. Throws ERR_RT_OPTION, ERR_RT_THREAD_START. */
  static async start(options: ActorSystemOptions = {}): Promise<ActorSystem> {
    ActorSystem.checkOptionNames(options);
    return ActorSystem.started(new ActorSystem(options));
  }

  /** Throws ERR_RT_OPTION. */
  protected static checkOptionNames(options: ActorSystemOptions): void {
    checkNames("ActorSystem.start", options, systemOptionNames);
    const { threadReplacements = {}, supervision = {} } = options;
    checkNames("threadReplacements", threadReplacements, { max: true, within: true });
    checkSupervisionNames("supervision", supervision);
  }

  protected static async started<System extends ActorSystem>(system: System): Promise<System> {
    await system.#group?.start();
    return system;
  }

  /**
   * Starts a top-level actor and returns a handle; messages wait until it has started.
   *
   * @throws ERR_RT_OPTION for a bad or taken name or a host that does not exist, ERR_RT_ACTOR_MODULE for an actor without
   * module on a worker thread, ERR_RT_NOT_PLAIN_DATA for args that cannot cross threads
   */
  spawn<Message, Reply, Args>(
    definition: ActorDefinition<Message, Reply, Args>,
    name: string,
    options: TopLevelSpawnOptions<Args> = {},
  ): ActorRef<Message, Reply> {
    this.checkRunning();
    checkNames(`spawn ${JSON.stringify(name)}`, options, { args: true, host: true, mailboxMessagesMax: true });
    const host = wholeNumber("host", options.host ?? 0, 0, this.threads);
    const address = this.#guardian.spawn({
      path: rootPath(this.name, checkName("actor name", name)),
      host,
      spec: actorSpec(definition, options.args, host),
      mailboxMessagesMax: options.mailboxMessagesMax,
    });
    return actorRef(this.host, address);
  }

  /** A handle to an actor by its address. Throws ERR_RT_OPTION for a host that the system does not have. */
  actor<Message = unknown, Reply = unknown>(address: Address): ActorRef<Message, Reply> {
    wholeNumber("host", address.host, 0, this.threads);
    return actorRef(this.host, address);
  }

  /** Where an actor that has started lives; undefined when none is known by that path. */
  find(path: string): Address | undefined {
    return this.#directory.find(path);
  }

  /** Stops a top-level actor; resolves when it has stopped. */
  stopActor(address: Address): Promise<void> {
    return this.#guardian.stop(address.path);
  }

  /** Calls `subscriber` for every fact of the kind from now on; returns what ends that. */
  on<Kind extends FactKind>(kind: Kind, subscriber: (fact: FactOf<Kind>) => void): Unsubscribe {
    return this.#facts.on(kind, subscriber);
  }

  /** The worker hosts, and the threads they run on. */
  hosts(): readonly HostStatus[] {
    return this.#group?.status() ?? [];
  }

  /** Rejects when the system cannot go on, because threads die faster than they may be replaced; never resolves. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Stops every actor, then the worker threads. Resolves when all have ended. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** For the rooms above: supervisors on host 0 that have children on worker threads. */
  addHostLossListener(listener: HostLossListener): Unsubscribe {
    this.#lossListeners.add(listener);
    return () => this.#lossListeners.delete(listener);
  }

  /** For the rooms above: modules that worker threads will need, so that all have them, the spare one too. */
  protected preload(modules: readonly string[], rehearsal?: string, isAhead?: boolean): void {
    this.#group?.preload(modules, rehearsal, isAhead);
  }

  /** For the rooms above: what lived on a lost thread has recovered, so that another spare may be started. */
  protected refillThreads(): void {
    this.#group?.refill();
  }

  /** For the rooms above: what cells have taken on and not finished, on all threads and this one; at the most. */
  protected unfinishedWork(): number {
    return unfinishedWork([this.host.progress, ...(this.#group?.progress() ?? [])]);
  }

  /** For the rooms above: ends the thread of a host, as a fault would. Returns false when the host has no living thread. */
  protected killThread(host: number): boolean {
    return this.#group?.kill(host) ?? false;
  }

  /** Throws ERR_RT_SYSTEM_STOPPED. */
  protected checkRunning(): void {
    if (this.#stopping !== undefined) throw new SystemStoppedError(`the system ${this.name} has been stopped`);
  }

  async #stop(): Promise<void> {
    if (this.#failure !== undefined) this.#giveUpHosts(this.#failure);
    await this.#guardian.stopAll();
    await this.#group?.stop();
    await this.host.stop();
  }

  #createGroup(options: ActorSystemOptions, bound: Services): HostGroup {
    const { clock, logger } = this.host;
    return new HostGroup(
      {
        hosts: this.threads,
        replacements: replacementBudget(options.threadReplacements),
        ...(options.hangLimit === undefined ? {} : { hangLimit: options.hangLimit }),
      },
      {
        pool: bound.get(seams.threadPool),
        transport: bound.get(seams.transport),
        clock,
        logger,
        mainHost: this.host,
        pathOn: (host, mark) => this.#directory.pathOn(host, mark),
        hostSettings: (host, incarnation) => ({ host, system: this.name, incarnation, workerCount: this.threads }),
      },
      {
        onLost: (host, error, unfinishedWork) => this.#onLost(host, error, unfinishedWork),
        onReplaced: (host, incarnation) => this.#onReplaced(host, incarnation),
        onStandsBy: (threadId) => this.host.publish({ kind: "thread-stands-by", threadId }),
        onFailed: (error) => this.#onFailed(error),
      },
    );
  }

  #onLost(host: number, error: MillraceError, unfinishedWork: number): void {
    this.host.publish({ kind: "host-lost", host, error: toWire(error) });
    for (const listener of [...this.#lossListeners]) listener.hostLost(host, error, unfinishedWork);
    for (const path of this.#directory.lostWith(host)) {
      this.host.publish({ kind: "actor-stopped", path, host, reason: "host lost" });
    }
    this.#directory.checkAgain(host);
    this.host.command(host, { kind: "settled" });
    if (this.#failure !== undefined) this.#giveUpHosts(this.#failure);
  }

  #onFailed(error: MillraceError): void {
    this.host.logger.log("error", `the system ${this.name} cannot go on: ${error.message}`, { code: error.code });
    this.#failure = error;
    this.#giveUpHosts(error);
    this.#failed.reject(error);
  }

  /** Hosts that have no thread now that nothing is replaced any more: nobody is to wait for them. */
  #giveUpHosts(error: MillraceError): void {
    for (const { host, phase } of this.hosts()) {
      if (phase.kind === "running" || phase.kind === "stopping" || this.host.isGone(host)) continue;
      this.host.giveUp(host);
      for (const listener of [...this.#lossListeners]) listener.hostLost(host, error);
      this.#directory.checkAgain(host);
    }
  }

  #onReplaced(host: number, incarnation: number): void {
    const threadId = this.hosts().find((status) => status.host === host)?.threadId ?? -1;
    this.host.publish({ kind: "host-replaced", host, incarnation, threadId });
  }
}

function replacementBudget({
  max,
  within,
}: NonNullable<ActorSystemOptions["threadReplacements"]> = {}): ReplacementBudget {
  return {
    replacementsMax: wholeNumber("threadReplacements.max", max ?? replacementsMax, 0, Number.MAX_SAFE_INTEGER),
    windowMs: durationMs(within ?? replacementWindowMs, "threadReplacements.within"),
  };
}
