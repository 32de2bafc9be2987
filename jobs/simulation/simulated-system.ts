/**
 * SimulatedSystem: one life of a process in a simulated world: the actor system as it is, on virtual threads, with a store
 * that outlives it. Worker threads build the job from its definition instead of loading its module.
 */

import {
  type CellContext,
  type CellLogic,
  type CellSpec,
  Host,
  type HostSeams,
  type HostSettings,
  type Logger,
  SimulatedThreads,
  SimulatedTransport,
  type SimulatedWorld,
} from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import type { JobDefinition } from "../define-job.ts";
import { type BoundNode, type BoundSpec, type ChainModuleArgs, loadedChainCell } from "../run/chain-cell.ts";
import { chainCellModule } from "../run/job-run.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import type { RunWatch } from "./invariants/run-watch.ts";
import type { SimulatedStore } from "./simulated-store.ts";
import { type Watch, watchedLogic } from "./watched-logic.ts";

export const simulatedSystemName = "simulated";

export interface SimulatedSystemSettings {
  readonly world: SimulatedWorld;
  readonly threads: number;
  readonly definition: JobDefinition<unknown>;
  readonly store: SimulatedStore;
  readonly logger: Logger;
  /** What sees the events of an operator instance. */
  readonly watchOf: (operator: string, instance: number) => Watch | undefined;
  readonly runWatch: RunWatch;
}

export class SimulatedSystem extends ActorSystem {
  readonly #store: SimulatedStore;
  readonly pool: SimulatedThreads;

  private constructor(settings: SimulatedSystemSettings, pool: SimulatedThreads) {
    const { world, threads, logger } = settings;
    super({
      name: simulatedSystemName,
      threads,
      clock: world.main.clock,
      random: world.random,
      transport: new SimulatedTransport(world),
      threadPool: pool,
      logger,
    });
    this.#store = settings.store;
    this.pool = pool;
  }

  static async boot(settings: SimulatedSystemSettings): Promise<SimulatedSystem> {
    const { world, threads, logger } = settings;
    const createHost = (host: HostSettings, seams: HostSeams) => new SimulatedHost(host, seams, settings);
    const pool = new SimulatedThreads(world, threads, createHost, logger);
    return ActorSystem.started(new SimulatedSystem(settings, pool));
  }

  protected override openStore(): Promise<CheckpointStore> {
    return Promise.resolve(this.#store);
  }
}

class SimulatedHost extends Host {
  readonly #settings: SimulatedSystemSettings;

  constructor(host: HostSettings, seams: HostSeams, settings: SimulatedSystemSettings) {
    super(host, seams);
    this.#settings = settings;
  }

  override async createLogic(spec: CellSpec, context: CellContext): Promise<CellLogic> {
    if (spec.kind !== "module" || spec.module !== chainCellModule) return super.createLogic(spec, context);
    const args = spec.args as ChainModuleArgs;
    const bind = (node: BoundNode) => this.#watched(node, args.start.instance);
    const cell = loadedChainCell(context, args, this.#settings.definition, bind);
    this.#settings.runWatch.started(context.address.path, context.incarnation, args.start, cell);
    return cell;
  }

  #watched({ name, spec }: BoundNode, instance: number): BoundSpec {
    const watch = this.#settings.watchOf(name, instance);
    return watch === undefined
      ? spec
      : { kind: spec.kind, create: (guarantee) => watchedLogic(spec.create(guarantee), watch) };
  }
}
