/**
 * StreamCell: one instance of a chain of operators (with a source at its head, or input channels) as a cell. It does one
 * unit of work a turn, hands results on by credit, ends when its input has ended, and answers messages for its operators.
 *
 * Invariants
 *  T1  while an output lacks credit, no input is taken.
 *  T2  results wait for a fuller batch only while there is more to do.
 *
 * Not here: what it does from turn to turn, and at its end (cell-course.ts), its channels (cell-outputs.ts).
 */

import {
  type Address,
  type CellContext,
  type CellLogic,
  type SenderInfo,
  type StopReason,
  type TurnResult,
  UnhandledMessageError,
} from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { CellRestore } from "../epochs/cell-snapshot.ts";
import type { PartContext } from "../operator.ts";
import { type StateQuery, stateAnswer } from "../state/state-query.ts";
import { CellCourse } from "./cell-course.ts";
import { CellOutputs } from "./cell-outputs.ts";
import { CellMovement } from "./cell-wait.ts";
import { Chain } from "./chain.ts";
import { ChainLetters } from "./chain-letters.ts";
import { closeAll } from "./close-all.ts";
import type { Head } from "./head.ts";
import { InputsHead } from "./inputs-head.ts";
import { operatorContext } from "./operator-context.ts";
import { OperatorStage } from "./operator-stage.ts";
import type { Passer } from "./passer.ts";
import { ReadingClock } from "./reading-clock.ts";
import { SourceHead } from "./source-head.ts";
import type { StageSpec, WriteLetter } from "./stage-spec.ts";

import type { StreamCellSpec } from "./stream-cell-spec.ts";
import { cellStats, type StreamCellStats } from "./stream-cell-stats.ts";
import { StreamEndedError } from "./stream-ended-error.ts";
import type { StreamNote } from "./stream-note.ts";
import { type StreamSignal, signalKind } from "./stream-signal.ts";

export class StreamCell implements CellLogic {
  readonly #cell: CellContext;
  readonly #spec: StreamCellSpec;
  readonly #chain: Chain;
  readonly #head: Head;
  readonly #letters: ChainLetters;
  readonly #outputs: CellOutputs;
  readonly #course: CellCourse;
  readonly #reading = new ReadingClock();
  /** Its source reads no further once event time has come behind this; where that is to be told, it waits for it. */
  #eventTimeLimit: number;
  readonly #movement: CellMovement;
  #incarnation: number;
  #operatorsWoken = false;
  #flushedAtMs = 0;

  constructor(cell: CellContext, spec: StreamCellSpec) {
    this.#cell = cell;
    this.#spec = spec;
    this.#incarnation = cell.incarnation;
    this.#letters = new ChainLetters(cell, spec, (index) => (this.#course.hasEnded(index) ? undefined : this.#chain));
    const stages = spec.stages.map((stage, index) => {
      return new OperatorStage(stage, cell.progress, (...given) => this.#letters.write(index, ...given));
    });
    this.#outputs = new CellOutputs(cell, spec);
    this.#chain = new Chain(stages, this.#outputs.edges, this.#letters);
    const mayDrift = spec.stages.every((stage) => stage.spec.maxDriftMs === undefined);
    this.#eventTimeLimit = mayDrift ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.#movement = new CellMovement(cell.clock.monotonicMs());
    this.#head = this.#createHead(spec);
    const stats = () => this.#stats();
    this.#course = new CellCourse(cell, spec, this.#chain, this.#head, this.#letters, this.#outputs, stats);
  }

  async start(): Promise<void> {
    for (let index = this.#chain.stages.length - 1; index >= 0; index -= 1) {
      const stage = this.#chain.stages[index] as OperatorStage;
      await stage.open(this.#stageContext(stage));
    }
    if (this.#spec.retention === "until-acknowledged") this.#restore(this.#spec.restore);
    if (this.#readsInput) await this.#head.start?.();
  }

  turn(): TurnResult {
    const isWaiting = this.#course.phase.kind === "waiting" || !this.#outputs.pump();
    this.#reading.look(!isWaiting && this.#chain.ready && !this.#head.isPaused, this.#cell.clock.monotonicMs());
    if (isWaiting) return "idle";
    if (this.#operatorsWoken || this.#chain.isTelling) this.#goOn();
    const step = this.#course.step();
    this.#letters.check();
    const { isTelling } = this.#chain;
    this.#flush(step === "idle" || isTelling);
    const isClear = this.#outputs.pump();
    const count = this.#course.epochCount + this.#letters.sourceCounters.out + this.#chain.workCount;
    this.#movement.look(count, this.#cell.clock.monotonicMs());
    this.#outputs.tellKept(this.#chain);
    if (!isClear) return "idle";
    return isTelling ? "more" : step;
  }

  signal(payload: unknown): void {
    const signal = payload as StreamSignal;
    switch (signal[0]) {
      case signalKind.open:
        this.#open(signal[1], signal[2], signal[3], signal[4]);
        return this.#cell.wake();
      case signalKind.credit:
        this.#outputs.grant(signal[1], signal[2], signal[3], signal[4]);
        return this.#cell.wake();
      case signalKind.begin:
        for (const { logic } of this.#chain.stages) logic.onBegin?.();
        this.#course.begin();
        this.#head.begin();
        return this.#cell.wake();
      case signalKind.complete:
        return this.#complete(signal[1]);
      case signalKind.resubmit:
        this.#letters.receive(signal);
        return this.#cell.wake();
      case signalKind.eventTimeLimit:
        this.#eventTimeLimit = signal[1];
        return this.#cell.wake();
      case signalKind.keepNothing:
        this.#outputs.keepNothing(signal[1]);
        return this.#outputs.tellKept(this.#chain);
      case signalKind.query:
        return this.#answer(signal[1], signal[2], signal[3]);
      case signalKind.stats:
        return this.#cell.notify({ kind: "stats", stats: this.#stats() } satisfies StreamNote);
      default:
        return this.#head.signal(signal);
    }
  }

  receive(message: unknown, sender: SenderInfo): unknown {
    const index = this.#chain.stages.findIndex((stage) => stage.spec.address.path === sender.to);
    const stage = this.#chain.stages[index];
    if (stage?.logic.onMessage === undefined) {
      throw new UnhandledMessageError(sender.to, "this operator handles no messages (it has no onMessage)");
    }
    try {
      return stage.receive(message);
    } finally {
      if (this.#course.hasEnded(index)) {
        stage.giveUpResults(new StreamEndedError(stage.spec.name, stage.spec.address.path));
      } else {
        // Results go on in a turn, behind what operators after this one still hold back (K1) and by credit (T1).
        this.#operatorsWoken = true;
        this.#cell.wake();
      }
    }
  }

  /** New operators and a new reader in the place of those that failed; channels, and what they hold, stay. */
  async restart(incarnation: number): Promise<void> {
    this.#incarnation = incarnation;
    for (const stage of this.#chain.stages) await stage.startOver(this.#stageContext(stage));
    if (this.#readsInput) await this.#head.restart(incarnation);
    this.#operatorsWoken = true;
    this.#course.startOver();
  }

  stop(_reason: StopReason): Promise<void> {
    this.#outputs.end();
    return closeAll([
      () => this.#head.stop(),
      ...this.#chain.stages.map((stage) => () => stage.close()),
      () => this.#spec.onStopped(),
    ]);
  }

  #createHead(spec: StreamCellSpec): Head {
    const take = (batch: Batch, from: number, to: number) => this.#take(batch, from, to);
    if (spec.source === undefined) {
      const { alignment, restore, retention } = spec;
      const endedInputs = restore?.endedInputs ?? [];
      const isReplayed = retention === "until-acknowledged";
      const watermarks = restore?.watermarks ?? [];
      const awaitedInput = spec.stages[0]?.spec.awaitsInput;
      const start = { alignment, epoch: restore?.epoch ?? 0, endedInputs, watermarks, isReplayed, awaitedInput };
      return new InputsHead(this.#cell, spec.inputs, spec.creditEvents, start, take);
    }
    const { name, address, decide } = spec.source;
    const giveUp = (value: unknown, error: unknown) => this.#letters.writeAtSource(value, error);
    const context = () => this.#context(name, address, giveUp, decide);
    const source = { ...spec.source, alignment: spec.alignment };
    const hasRoom = () =>
      !this.#outputs.areFull && !this.#letters.areMany && this.#chain.eventTime <= this.#eventTimeLimit;
    const target = { take, passer: this.#sourcePasser(source.spec.eventKeys) };
    return new SourceHead(this.#cell, source, context, target, hasRoom);
  }

  #goOn(): void {
    this.#operatorsWoken = false;
    try {
      this.#chain.goOn(this.#course);
    } catch (error) {
      // What the operators hold back goes on after a resume as after a restart.
      this.#operatorsWoken = true;
      throw error;
    }
  }

  /** False when its input had ended before. */
  get #readsInput(): boolean {
    return !this.#spec.ended && this.#spec.reopenedAt === undefined;
  }

  #take(batch: Batch, from: number, to: number): void {
    if (this.#spec.source !== undefined) this.#letters.sourceCounters.out += to - from;
    try {
      this.#chain.take(batch, from, to);
    } finally {
      this.#outputs.tellBacklog(this.#chain);
    }
  }

  #sourcePasser(eventKeys: readonly string[] | undefined): Passer | undefined {
    const passer = this.#chain.sourcePasser(eventKeys);
    if (passer === undefined) return undefined;
    return {
      startPassing: (room, overflow) => passer.startPassing(room, overflow),
      get passedCount() {
        return passer.passedCount;
      },
      endPassing: () => {
        this.#letters.sourceCounters.out += passer.passedCount;
        try {
          passer.endPassing();
        } finally {
          this.#outputs.tellBacklog(this.#chain);
        }
      },
    };
  }

  #restore(restore: CellRestore | undefined): void {
    const { instance, parallelism } = this.#spec;
    for (const stage of this.#chain.stages) {
      stage.restore(restore?.deltas[stage.spec.name] ?? [], restore?.epoch ?? 0, instance, parallelism);
    }
  }

  /** What was lost with the other end is told at once: the counters of this one may be lost next. */
  #open(channel: number, attempt: number, fromEpoch: number, creditValues: number): void {
    const hasLost = this.#outputs.open(channel, attempt, fromEpoch, creditValues);
    if (hasLost) this.#cell.notify({ kind: "stats", stats: this.#stats() } satisfies StreamNote);
  }

  #answer(id: number, operator: string, query: StateQuery): void {
    const stage = this.#chain.stages.find(({ spec }) => spec.name === operator);
    const answer = stateAnswer(operator, stage?.logic.readState?.(query.kind === "key" ? query.key : undefined), query);
    this.#cell.notify({ kind: "answer", id, answer } satisfies StreamNote);
  }

  #complete(epoch: number): void {
    this.#outputs.acknowledge(epoch);
    for (const stage of this.#chain.stages) stage.logic.onComplete?.(epoch);
    this.#head.complete?.(epoch);
    this.#outputs.tellKept(this.#chain);
    // A source that kept too much reads on.
    this.#cell.wake();
  }

  #flush(isIdle: boolean): void {
    const nowMs = this.#cell.clock.monotonicMs();
    if (!isIdle && nowMs - this.#flushedAtMs < this.#spec.lingerMs) return;
    this.#flushedAtMs = nowMs;
    this.#chain.flush();
  }

  #stageContext(stage: OperatorStage): PartContext {
    const { name, address, decide, replay } = stage.spec;
    return this.#context(name, address, (value, error, event) => stage.giveUp(value, error, event), decide, replay);
  }

  #context(
    operator: string,
    address: Address,
    giveUp: WriteLetter,
    decide: StageSpec["decide"],
    replay?: StageSpec["replay"],
  ): PartContext {
    const wake = () => {
      this.#operatorsWoken = true;
      this.#cell.wake();
    };
    const place = { ...this.#spec, operator, address, incarnation: this.#incarnation };
    const readingMs = () => this.#reading.ms(this.#cell.clock.monotonicMs());
    return operatorContext(this.#cell, place, { giveUp, decide, replay, wake, readingMs });
  }

  #stats(): StreamCellStats {
    const quietMs = this.#movement.quietMs(this.#cell.clock.monotonicMs());
    const { channels } = this.#outputs;
    return cellStats(this.#letters.source, this.#chain, channels, this.#course.phase, this.#head, quietMs);
  }
}
