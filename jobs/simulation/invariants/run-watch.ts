/**
 * RunWatch: looks at a simulated run from the outside, through all lives of its process: its facts, its checkpoints, what its
 * cells start from and are told. It changes nothing, draws nothing and costs next to nothing per event.
 */

import { signalKind } from "../../../actors/index.ts";
import { type CellLogic, type Fact, fromWire, type MetricSample } from "../../../runtime/index.ts";
import type { ActorSystem } from "../../actor-system.ts";
import type { Guarantee } from "../../epochs/guarantee.ts";
import type { ChainStart } from "../../run/chain-cell.ts";
import { cellKey } from "../../run/channel-attempts.ts";
import type { JobRun } from "../../run/job-run.ts";
import { CheckpointWatch } from "./checkpoint-watch.ts";
import type { NotedFact, NotedStart } from "./run-record.ts";

export interface RunWatchSettings {
  readonly guarantee: Guarantee;
  /** What outboxes may keep before sources pause. */
  readonly retentionBytes: number;
  /** Names of the `collect` sinks of the job. */
  readonly collectSinks: readonly string[];
  readonly nowMs: () => number;
  /** Called when an assertion has failed: nothing that follows has to hold. */
  readonly onAssertion: (error: Error) => void;
}

export class RunWatch {
  readonly checkpoints: CheckpointWatch;
  readonly facts: NotedFact[] = [];
  readonly starts: NotedStart[] = [];
  /** Failed assertions, with the path of the actor. */
  readonly assertions: string[] = [];
  readonly #settings: RunWatchSettings;
  #life = 0;

  constructor(settings: RunWatchSettings) {
    this.#settings = settings;
    this.checkpoints = new CheckpointWatch(settings.guarantee !== "at-most-once");
  }

  /** A process starts. */
  begin(): void {
    this.#life += 1;
  }

  /** Its system is there. */
  watch(system: Pick<ActorSystem, "on">): void {
    const life = this.#life;
    const note = (fact: Fact) => void this.facts.push({ atMs: this.#settings.nowMs(), life, fact });
    for (const kind of ["actor-started", "actor-restarted", "actor-stopped", "dead-letters"] as const) {
      system.on(kind, note);
    }
    system.on("actor-failed", (fact) => {
      note(fact);
      if (fact.error.name === "InvariantError")
        this.failed(`${fact.path}: ${fact.error.message}`, fromWire(fact.error));
    });
  }

  /** An assertion has failed. */
  failed(what: string, error: Error): void {
    this.assertions.push(what);
    this.#settings.onAssertion(error);
  }

  /** A checkpoint is handed to the store: what came before is in an earlier one, or kept, within bounds. */
  beforeWrite(run: Pick<JobRun, "collected">, metrics: readonly MetricSample[]): void {
    const { guarantee, retentionBytes, collectSinks } = this.#settings;
    if (guarantee === "exactly-once") {
      for (const sink of collectSinks) this.checkpoints.shown(sink, run.collected(sink).length);
    }
    const figure = (metric: string) => metrics.find(({ name }) => name === metric)?.value ?? 0;
    this.checkpoints.kept(figure("retained-bytes"), retentionBytes, figure("source-pauses"));
  }

  /** Which process lives, from 1. */
  get life(): number {
    return this.#life;
  }

  /**
   * An incarnation of a chain instance was made on a worker thread.
   *
   * @param life of its process. What went on in one that is gone meanwhile comes to nothing.
   */
  started(life: number, path: string, incarnation: number, start: ChainStart, logic: CellLogic): void {
    if (life !== this.#life) return;
    this.starts.push({
      atMs: this.#settings.nowMs(),
      life,
      cell: cellKey(start.chain, start.instance),
      incarnation,
      epoch: start.restore?.epoch ?? 0,
      storedEpoch: this.checkpoints.epoch,
      attempts: start.attempts,
    });
    const signal = logic.signal?.bind(logic);
    logic.signal = (payload) => {
      const [kind, epoch] = payload as readonly [number, number];
      if (kind === signalKind.complete) this.checkpoints.told(path, epoch);
      signal?.(payload);
    };
  }
}
