/**
 * CellCourse: what a stream cell does from turn to turn: it takes input, takes a snapshot at each barrier, ends its operators
 * one after the other when the input has ended, and is there for barriers after that.
 *
 * Invariant
 *  T3  the end leaves after every result, and is told to the supervisor after it has left.
 */

import { assert, type CellContext, mutated, type TurnResult } from "../../runtime/index.ts";
import type { CellOutputs } from "./cell-outputs.ts";
import type { Chain } from "./chain.ts";
import type { ChainLetters } from "./chain-letters.ts";
import type { Head, HeadNews, HeadResultAfterEnd } from "./head.ts";
import { stageChanges } from "./stage-changes.ts";
import {
  type Ending,
  endingAt,
  firstPhase,
  hasEnded,
  isOver,
  type Reopened,
  type Resumed,
  type StreamCellPhase,
} from "./stream-cell-phase.ts";
import type { StreamCellSpec } from "./stream-cell-spec.ts";
import { cellCounters, type StreamCellStats } from "./stream-cell-stats.ts";
import type { StreamNote } from "./stream-note.ts";

export class CellCourse {
  readonly #cell: CellContext;
  readonly #spec: StreamCellSpec;
  readonly #chain: Chain;
  readonly #head: Head;
  readonly #letters: ChainLetters;
  readonly #outputs: CellOutputs;
  readonly #stats: () => StreamCellStats;
  #phase: StreamCellPhase = { kind: "waiting" };
  #epochCount = 0;

  constructor(
    cell: CellContext,
    spec: StreamCellSpec,
    chain: Chain,
    head: Head,
    letters: ChainLetters,
    outputs: CellOutputs,
    stats: () => StreamCellStats,
  ) {
    this.#cell = cell;
    this.#spec = spec;
    this.#chain = chain;
    this.#head = head;
    this.#letters = letters;
    this.#outputs = outputs;
    this.#stats = stats;
  }

  get phase(): StreamCellPhase {
    return this.#phase;
  }

  /** Snapshots taken. */
  get epochCount(): number {
    return this.#epochCount;
  }

  /** Whether operator `index`, or the source (-1), has given its last results. */
  hasEnded(index: number): boolean {
    return hasEnded(this.#phase, index);
  }

  /** Whether operator `index` has ended, and has nothing to hand out any more. */
  isOver(index: number): boolean {
    // One that was asked for its last results, and is quiet, is over before the next turn says so: an alarm may go off between.
    return isOver(this.#phase, index) || (this.hasEnded(index) && this.#chain.stages[index]?.quiet === true);
  }

  /** All cells of the job are there. */
  begin(): void {
    if (this.#phase.kind === "waiting") this.#phase = firstPhase(this.#spec);
  }

  /** Its operators have started over: one that failed at its end is to end again. */
  startOver(): void {
    const phase = this.#phase;
    if (phase.kind === "ending" && this.#chain.stages[phase.stage]?.isEnding) this.#phase = endingAt(phase.stage);
  }

  /** One unit of work; not before it has begun. Throws ERR_ACT_OPERATOR_FAILED. */
  step(): TurnResult {
    switch (this.#phase.kind) {
      case "working":
        return this.#work();
      case "reopened":
        return this.#workReopened(this.#phase);
      case "snapshotting":
        return this.#closeEpoch(this.#phase.epoch, this.#phase.then, this.#phase.told);
      case "ended":
        return this.#workAfterEnd();
      case "outdated":
        return "idle";
      default:
        return this.#end();
    }
  }

  #work(): TurnResult {
    if (!this.#chain.ready) return "idle";
    if (this.#letters.takeOne(this.#chain)) return "more";
    const result = this.#head.work();
    if (typeof result === "object") return this.#pass(result);
    if (result !== "ended") return result;
    if (this.#letters.areAwaited) return "idle";
    this.#phase = endingAt(0);
    return "more";
  }

  #pass(result: HeadNews): TurnResult {
    if ("barrier" in result) return this.#reach(result.barrier, { kind: "working" });
    if ("watermark" in result) this.#chain.advance(result.watermark);
    else this.#chain.tellOver(result.inputOver);
    return "more";
  }

  #workReopened(phase: Reopened): TurnResult {
    if (!this.#chain.ready) return "idle";
    if (this.#letters.takeOne(this.#chain)) return "more";
    const result = this.#head.workAfterEnd();
    if (result !== "idle") return this.#afterEnd(result, phase);
    if (this.#letters.areAwaited) return "idle";
    this.#phase = endingAt(phase.stage);
    return "more";
  }

  /**
   * One step towards the end: each operator ends when it is quiet, and the next one after that is quiet again. A barrier that comes meanwhile
   * is looked at behind the end: no snapshot holds a part of what is told at an end.
   */
  #end(): TurnResult {
    if (this.#phase.kind === "ending") return this.#endStage(this.#phase);
    assert(this.#phase.kind === "leaving", "T3: the end follows the last results");
    this.#phase = { kind: "ended" };
    this.#cell.notify({ kind: "ended", stats: this.#stats() } satisfies StreamNote);
    // A barrier may have come meanwhile.
    return "more";
  }

  #endStage({ stage: index, step }: Ending): TurnResult {
    const stage = this.#chain.stages[index];
    if (this.#chain.isTelling) {
      if (!mutated("end.begun-again")) return "idle";
      return this.#afterEnd(this.#head.workAfterEnd(), { kind: "reopened", stage: index });
    }
    if (stage === undefined) return this.#appendEnd();
    if (!stage.quiet) return "idle";
    if (step === "asked") {
      this.#phase = endingAt(index + 1);
      return "more";
    }
    if (step === "reached") {
      this.#phase = { kind: "ending", stage: index, step: "behind time" };
      this.#chain.endTime(index);
      if (this.#chain.isTelling) return "more";
    }
    this.#phase = { kind: "ending", stage: index, step: "asked" };
    this.#chain.end(index);
    return "more";
  }

  #appendEnd(): TurnResult {
    this.#chain.flush();
    this.#outputs.append({ kind: "end" });
    this.#phase = { kind: "leaving" };
    return "more";
  }

  #workAfterEnd(): TurnResult {
    return this.#afterEnd(this.#head.workAfterEnd(), { kind: "ended" });
  }

  #afterEnd(result: HeadResultAfterEnd, phase: Resumed): TurnResult {
    if (typeof result === "object") return this.#reach(result.barrier, phase);
    if (result === "replayed") {
      this.#phase = { kind: "outdated" };
      this.#cell.notify({ kind: "replayed" } satisfies StreamNote);
    }
    return "idle";
  }

  #reach(epoch: number, then: Resumed): TurnResult {
    this.#phase = { kind: "snapshotting", epoch, then, told: false };
    return "more";
  }

  #closeEpoch(epoch: number, then: Resumed, told: boolean): TurnResult {
    if (!this.#chain.quiet) return "idle";
    if (told) return this.#snapshot(epoch, then);
    this.#phase = { kind: "snapshotting", epoch, then, told: true };
    for (const stage of this.#chain.stages) stage.logic.onBarrier?.();
    return "more";
  }

  /** The barrier leaves behind every result, then the supervisor gets the snapshot. */
  #snapshot(epoch: number, then: Resumed): TurnResult {
    this.#chain.flush();
    this.#outputs.append({ kind: "barrier", epoch });
    this.#outputs.pump();
    const changes = stageChanges(this.#chain.stages, epoch);
    this.#phase = then;
    this.#epochCount += 1;
    this.#cell.notify({
      kind: "snapshot",
      alignmentMs: this.#head.alignmentMs,
      counters: cellCounters(this.#letters.source, this.#chain),
      snapshot: {
        epoch,
        ...changes,
        position: this.#head.position(),
        endedInputs: this.#head.endedInputs(epoch),
        watermarks: this.#head.watermarks(epoch),
        ended: then.kind === "ended",
        reopenedAt: then.kind === "reopened" ? then.stage : undefined,
        ...this.#letters.close(epoch),
      },
    } satisfies StreamNote);
    return "more";
  }
}
