/**
 * SimulatedSystem: one life of a process in a simulated world: the actor system as it is, on virtual threads, with a store
 * that outlives it. Worker threads build the job from its definition instead of loading its module.
 */

import { frozenLogic } from "../../actors/index.ts";
import {
  type CellContext,
  type CellLogic,
  type CellSpec,
  type Duration,
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
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import { type BoundNode, type BoundSpec, type ChainModuleArgs, loadedChainCell, startOf } from "../run/chain-cell.ts";
import { chainCellModule } from "../run/job-run.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import { faultyLogic, type InstanceFaults } from "./faulty-logic.ts";
import type { RunWatch } from "./invariants/run-watch.ts";
import { observedLogic } from "./observed-logic.ts";
import type { SimulatedStore } from "./simulated-store.ts";

export const simulatedSystemName = "simulated";

export interface SimulatedSystemSettings {
  readonly world: SimulatedWorld;
  readonly threads: number;
  readonly hangLimit: Duration | undefined;
  /** Of the version that runs. */
  readonly definition: () => JobDefinition<unknown>;
  readonly store: SimulatedStore;
  readonly logger: Logger;
  /** What goes wrong in an operator instance. */
  readonly faultsOf: (operator: string, instance: number) => InstanceFaults | undefined;
  readonly runWatch: RunWatch;
  /** Told that an operator has changed an event; undefined: events are not frozen, and nobody finds out. */
  readonly onMutation: ((error: Error) => void) | undefined;
}

export class SimulatedSystem extends ActorSystem {
  readonly #store: SimulatedStore;
  readonly pool: SimulatedThreads;

  private constructor(settings: SimulatedSystemSettings, pool: SimulatedThreads) {
    const { world, threads, hangLimit, logger } = settings;
    super({
      name: simulatedSystemName,
      threads,
      ...(hangLimit === undefined ? {} : { hangLimit }),
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
    const { world, threads, logger, runWatch } = settings;
    const { life } = runWatch;
    const createHost = (host: HostSettings, seams: HostSeams) => new SimulatedHost(host, seams, settings, life);
    const pool = new SimulatedThreads(world, threads, createHost, logger);
    return ActorSystem.started(new SimulatedSystem(settings, pool));
  }

  protected override async openStore(_settings: unknown, graph: JobGraph, plan: JobPlan): Promise<CheckpointStore> {
    this.#store.open({ graph, plan });
    return this.#store;
  }
}

class SimulatedHost extends Host {
  readonly #settings: SimulatedSystemSettings;
  readonly #life: number;

  constructor(host: HostSettings, seams: HostSeams, settings: SimulatedSystemSettings, life: number) {
    super(host, seams);
    this.#settings = settings;
    this.#life = life;
  }

  override async createLogic(spec: CellSpec, context: CellContext): Promise<CellLogic> {
    if (spec.kind !== "module" || spec.module !== chainCellModule) return super.createLogic(spec, context);
    const args = spec.args as ChainModuleArgs;
    const bind = (node: BoundNode) => this.#observed(node, args.start.instance);
    const cell = loadedChainCell(context, args, spec.attachments ?? [], this.#settings.definition(), bind);
    this.#settings.runWatch.started(
      this.#life,
      context.address.path,
      context.incarnation,
      startOf(args, spec.attachments ?? []),
      cell,
    );
    return cell;
  }

  #observed({ name, spec }: BoundNode, instance: number): BoundSpec {
    const { world, faultsOf, onMutation } = this.#settings;
    const place = `${name}/${instance}`;
    const faults = faultsOf(name, instance);
    return {
      kind: spec.kind,
      isPoisoned: faults?.arePoisoned === true,
      create(guarantee, goesOn) {
        const made = spec.create(guarantee, goesOn);
        const logic = faults === undefined ? made : faultyLogic(made, faults);
        const own = onMutation === undefined ? logic : frozenLogic(logic, name, onMutation);
        return observedLogic(own, { place, note: (what) => world.history.note(what) });
      },
    };
  }
}
