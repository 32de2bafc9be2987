/**
 * JobCells: the cells of one run under supervision: starts them, lets them begin together, brings back those that were
 * lost with their thread, and knows when all have ended.
 *
 * Invariants
 *  J1  nothing flows before every cell has started.
 *  J2  a channel is opened anew, under a higher attempt, whenever one of its ends starts over on a new thread: by its
 *      receiver, once the sender is there.
 *  J3  a replayable source goes on behind the newest position it reserved.
 */

import {
  type ReservationNote,
  type StreamCellStats,
  type StreamNote,
  type StreamSignal,
  signalKind,
} from "../../actors/index.ts";
import { type Address, type CellSpec, type Host, Supervisor, type Unsubscribe } from "../../runtime/index.ts";
import type { GraphNode } from "../job-graph.ts";
import type { ChainInstancePlan, ChainPlan } from "../job-plan.ts";
import { type ChainStart, headAddress, operatorPath } from "./chain-cell.ts";
import { ChannelAttempts, cellKey } from "./channel-attempts.ts";
import type { HostedJob } from "./hosted-job.ts";
import { policyOnMain } from "./operator-policy.ts";

export interface JobCellsSettings {
  readonly host: Host;
  readonly hosted: HostedJob;
  readonly creditEvents: number;
  /** How the cell of a chain instance is made. */
  readonly specOf: (start: ChainStart, host: number) => CellSpec;
}

export interface JobCellsHooks {
  onBegun(): void;
  onEnded(): void;
  onFailed(error: Error): void;
}

interface JobCell {
  readonly chain: ChainPlan;
  readonly instance: number;
  readonly address: Address;
  readonly supervisor: Supervisor;
  started: boolean;
  /** True from being lost with a thread until it has started again. */
  fresh: boolean;
  ended: boolean;
  stats: StreamCellStats | undefined;
  /** The newest position its source has reserved. */
  position: unknown;
}

export class JobCells {
  readonly #settings: JobCellsSettings;
  readonly #hooks: JobCellsHooks;
  readonly #attempts: ChannelAttempts;
  readonly #cells: JobCell[] = [];
  #begun = false;
  #statsWaiting: { readonly missing: Set<JobCell>; readonly resolve: () => void } | undefined;

  constructor(settings: JobCellsSettings, hooks: JobCellsHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#attempts = new ChannelAttempts(settings.hosted.plan);
  }

  start(): void {
    for (const chain of this.#settings.hosted.plan.chains) {
      for (const { instance } of chain.instances) this.#cells.push(this.#createCell(chain, instance));
    }
    for (const cell of this.#cells) this.#spawn(cell);
  }

  /** Sources stop reading. */
  drain(): void {
    for (const cell of this.#cells) this.#signal(cell.address, [signalKind.drain]);
  }

  /** Stops every cell, sources first. */
  async stop(): Promise<void> {
    for (const cell of this.#cells) await cell.supervisor.stopAll();
  }

  /** A thread died: its cells start over on its replacement. */
  hostLost(host: number, cause: unknown): void {
    const lost = this.#cells.filter((cell) => cell.address.host === host);
    for (const cell of lost) {
      cell.fresh = true;
      cell.started = false;
      cell.ended = false;
    }
    this.#attempts.raise(new Set(lost.map((cell) => cellKey(cell.chain.id, cell.instance))));
    for (const cell of lost) cell.supervisor.hostLost(host, cause);
  }

  /** The counters of every cell; those that do not answer within `limitMs` keep what they said last. */
  async stats(
    limitMs: number,
  ): Promise<readonly { readonly cell: CellPlace; readonly stats: StreamCellStats | undefined }[]> {
    const asked = this.#cells.filter((cell) => cell.started && !cell.ended);
    if (asked.length > 0) await this.#askForStats(asked, limitMs);
    return this.#cells.map((cell) => ({
      cell: { chain: cell.chain, instance: cell.instance, host: cell.address.host },
      stats: cell.stats,
    }));
  }

  #createCell(chain: ChainPlan, instance: number): JobCell {
    const { host, hosted } = this.#settings;
    const head = this.#head(chain);
    const path = operatorPath(host.system, hosted.graph.name, head.name, instance);
    const { host: place } = chain.instances[instance] as ChainInstancePlan;
    const cell: JobCell = {
      chain,
      instance,
      address: { path, host: place },
      supervisor: new Supervisor(host, `${path}/supervisor`, policyOnMain(head), {
        escalateFirstStart: true,
        onEscalate: (error) => this.#hooks.onFailed(error),
        onStarted: () => this.#onStarted(cell),
        onNote: (_path, note) => this.#onNote(cell, note as StreamNote | ReservationNote),
        respec: () => this.#spec(cell),
      }),
      started: false,
      fresh: true,
      ended: false,
      stats: undefined,
      position: undefined,
    };
    return cell;
  }

  #spawn(cell: JobCell): void {
    const { host, hosted } = this.#settings;
    const { graph } = hosted;
    const aliases = cell.chain.nodes
      .slice(1)
      .map((id) => operatorPath(host.system, graph.name, (graph.nodes[id] as GraphNode).name, cell.instance));
    const { path, host: place } = cell.address;
    cell.supervisor.spawn({ path, aliases, host: place, spec: this.#spec(cell) });
  }

  #spec(cell: JobCell): CellSpec {
    const start: ChainStart = {
      chain: cell.chain.id,
      instance: cell.instance,
      attempts: this.#attempts.ofInputs(cell.chain.id, cell.instance),
      position: cell.position,
      creditEvents: this.#settings.creditEvents,
    };
    return this.#settings.specOf(start, cell.address.host);
  }

  #onStarted(cell: JobCell): void {
    const wasFresh = cell.fresh;
    cell.started = true;
    cell.fresh = false;
    if (this.#begun) {
      if (wasFresh) this.#rejoin(cell);
      return;
    }
    if (!this.#cells.every(({ started }) => started)) return;
    this.#begun = true;
    for (const each of this.#cells) this.#signal(each.address, [signalKind.begin]);
    this.#hooks.onBegun();
  }

  /** J2: the new cell opens its inputs; receivers that were not lost with it open their channels from it again. */
  #rejoin(cell: JobCell): void {
    this.#signal(cell.address, [signalKind.begin]);
    const { hosted, host } = this.#settings;
    for (const { id, fromChain, fromInstance } of hosted.plan.channels) {
      if (fromChain !== cell.chain.id || fromInstance !== cell.instance) continue;
      this.#signal(headAddress(hosted, host.system, id, "to"), [signalKind.reopen, id, this.#attempts.of(id)]);
    }
  }

  #onNote(cell: JobCell, note: StreamNote | ReservationNote): void {
    if (note.kind === "reserve") {
      cell.position = note.position;
      return this.#signal(cell.address, [signalKind.reserved, note.seq]);
    }
    cell.stats = note.stats;
    this.#statsWaiting?.missing.delete(cell);
    if (this.#statsWaiting?.missing.size === 0) this.#statsWaiting.resolve();
    if (note.kind !== "ended") return;
    cell.ended = true;
    if (this.#cells.every(({ ended }) => ended)) this.#hooks.onEnded();
  }

  async #askForStats(asked: readonly JobCell[], limitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel: Unsubscribe = this.#settings.host.clock.after(limitMs, resolve);
    this.#statsWaiting?.resolve();
    this.#statsWaiting = { missing: new Set(asked), resolve };
    for (const cell of asked) this.#signal(cell.address, [signalKind.stats]);
    await promise;
    cancel();
  }

  #signal(to: Address, signal: StreamSignal): void {
    this.#settings.host.signal(to, signal);
  }

  #head(chain: ChainPlan): GraphNode {
    return this.#settings.hosted.graph.nodes[chain.nodes[0] as number] as GraphNode;
  }
}

export interface CellPlace {
  readonly chain: ChainPlan;
  readonly instance: number;
  readonly host: number;
}
