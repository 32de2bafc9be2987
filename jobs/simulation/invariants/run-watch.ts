/**
 * RunWatch: looks at a simulated run from the outside, through all lives of its process: its facts, its checkpoints, what its
 * cells start from and are told. It changes nothing, draws nothing and costs next to nothing per event.
 */

import { signalKind } from "../../../actors/index.ts";
import { type CellLogic, type Fact, fromWire } from "../../../runtime/index.ts";
import type { ActorSystem } from "../../actor-system.ts";
import type { Guarantee } from "../../epochs/guarantee.ts";
import type { ChainStart } from "../../run/chain-cell.ts";
import { cellKey } from "../../run/channel-attempts.ts";
import { CheckpointWatch } from "./checkpoint-watch.ts";
import type { NotedFact, NotedStart } from "./run-record.ts";

export class RunWatch {
  readonly checkpoints: CheckpointWatch;
  readonly facts: NotedFact[] = [];
  readonly starts: NotedStart[] = [];
  /** Failed assertions, with the path of the actor. */
  readonly assertions: string[] = [];
  readonly #nowMs: () => number;
  readonly #onAssertion: (error: Error) => void;
  #life = 0;

  /** @param onAssertion called when an assertion has failed: nothing that follows has to hold */
  constructor(guarantee: Guarantee, nowMs: () => number, onAssertion: (error: Error) => void) {
    this.checkpoints = new CheckpointWatch(guarantee !== "at-most-once");
    this.#nowMs = nowMs;
    this.#onAssertion = onAssertion;
  }

  /** A process starts. */
  begin(): void {
    this.#life += 1;
  }

  /** Its system is there. */
  watch(system: Pick<ActorSystem, "on">): void {
    const life = this.#life;
    const note = (fact: Fact) => void this.facts.push({ atMs: this.#nowMs(), life, fact });
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
    this.#onAssertion(error);
  }

  /** An incarnation of a chain instance was made on a worker thread. */
  started(path: string, incarnation: number, start: ChainStart, logic: CellLogic): void {
    this.starts.push({
      atMs: this.#nowMs(),
      life: this.#life,
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
