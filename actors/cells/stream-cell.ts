/**
 * StreamCell: one instance of a chain of operators (with a source at its head, or input channels) as a cell. It does one
 * unit of work a turn, hands results on by credit, ends when its input has ended, and answers messages for its operators.
 *
 * Invariants
 *  T1  while an output lacks credit, no input is taken.
 *  T2  results wait for a fuller batch only while there is more to do.
 *  T3  the end leaves after every result, and is told to the supervisor after it has left.
 */

import {
  type Address,
  assert,
  type CellContext,
  type CellLogic,
  type SenderInfo,
  type StopReason,
  type TurnResult,
  UnhandledMessageError,
} from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import { type OutputChannel, OutputEdge } from "../channels/output-edge.ts";
import type { CellRestore } from "../epochs/cell-snapshot.ts";
import { flushIntervalMs } from "../limits.ts";
import type { OperatorContext } from "../operator.ts";
import { CellBacklog } from "./cell-backlog.ts";
import { CellRetention } from "./cell-retention.ts";
import { CellMovement } from "./cell-wait.ts";
import { Chain } from "./chain.ts";
import { ChainLetters } from "./chain-letters.ts";
import { closeAll } from "./close-all.ts";
import type { Head, HeadResultAfterEnd } from "./head.ts";
import { InputsHead } from "./inputs-head.ts";
import { operatorContext } from "./operator-context.ts";
import { OperatorStage, type StageSpec, type WriteLetter } from "./operator-stage.ts";
import { SourceHead } from "./source-head.ts";
import { stageChanges } from "./stage-changes.ts";
import { firstPhase, hasEnded, type Reopened, type Resumed, type StreamCellPhase } from "./stream-cell-phase.ts";
import type { StreamCellSpec, StreamNote } from "./stream-cell-spec.ts";
import { cellStats, type StreamCellStats } from "./stream-cell-stats.ts";
import { StreamEndedError } from "./stream-ended-error.ts";
import { itemSignal, type StreamSignal, signalKind } from "./stream-signal.ts";

export class StreamCell implements CellLogic {
  readonly #cell: CellContext;
  readonly #spec: StreamCellSpec;
  readonly #chain: Chain;
  readonly #head: Head;
  readonly #channelById = new Map<number, OutputChannel>();
  #incarnation: number;
  #phase: StreamCellPhase = { kind: "waiting" };
  readonly #letters: ChainLetters;
  readonly #retention: CellRetention;
  readonly #backlog: CellBacklog;
  readonly #movement: CellMovement;
  #epochCount = 0;
  #operatorsWoken = false;
  #flushedAtMs = 0;

  constructor(cell: CellContext, spec: StreamCellSpec) {
    this.#cell = cell;
    this.#spec = spec;
    this.#incarnation = cell.incarnation;
    this.#letters = new ChainLetters(cell, spec, (index) => (hasEnded(this.#phase, index) ? undefined : this.#chain));
    const stages = spec.stages.map((stage, index) => {
      return new OperatorStage(stage, cell.progress, (...given) => this.#letters.write(index, ...given));
    });
    const outputs = spec.outputs.map((output) => ({
      stage: output.stage,
      outputIndex: output.outputIndex,
      edge: new OutputEdge(output, spec.instance, cell.address.host, spec.retention),
    }));
    for (const channel of outputs.flatMap(({ edge }) => edge.channels)) this.#channelById.set(channel.channel, channel);
    this.#chain = new Chain(stages, outputs, this.#letters);
    this.#retention = new CellRetention(cell.address.path, spec.retentionLimits, this.#channelById);
    this.#backlog = new CellBacklog(cell.progress, this.#channelById);
    this.#movement = new CellMovement(cell.clock.monotonicMs());
    this.#head = this.#createHead(spec);
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
    if (this.#phase.kind === "waiting" || !this.#pump()) return "idle";
    if (this.#operatorsWoken) this.#goOn();
    const result = this.#step();
    this.#letters.check();
    this.#flush(result === "idle");
    const isClear = this.#pump();
    const count = this.#epochCount + this.#letters.sourceCounters.out + this.#chain.workCount;
    this.#movement.look(count, this.#cell.clock.monotonicMs());
    this.#tellKept();
    return isClear ? result : "idle";
  }

  signal(payload: unknown): void {
    const signal = payload as StreamSignal;
    switch (signal[0]) {
      case signalKind.open:
        this.#open(signal[1], signal[2], signal[3], signal[4]);
        return this.#cell.wake();
      case signalKind.credit:
        this.#channelById.get(signal[1])?.outbox.grant(signal[2], signal[3]);
        return this.#cell.wake();
      case signalKind.begin:
        if (this.#phase.kind === "waiting") this.#phase = firstPhase(this.#spec);
        this.#head.begin();
        return this.#cell.wake();
      case signalKind.complete:
        return this.#complete(signal[1]);
      case signalKind.resubmit:
        this.#letters.receive(signal);
        return this.#cell.wake();
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
      if (hasEnded(this.#phase, index)) {
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
    const phase = this.#phase;
    if (phase.kind === "ending" && this.#chain.stages[phase.stage]?.endFailed) {
      this.#phase = { kind: "ending", stage: phase.stage, asked: false };
    }
  }

  stop(_reason: StopReason): Promise<void> {
    this.#backlog.end();
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
      const start = { alignment, epoch: restore?.epoch ?? 0, endedInputs, isReplayed };
      return new InputsHead(this.#cell, spec.inputs, spec.creditEvents, start, take);
    }
    const { name, address, decide } = spec.source;
    const giveUp = (value: unknown, error: unknown) => this.#letters.writeAtSource(value, error);
    const context = () => this.#context(name, address, giveUp, decide);
    const source = { ...spec.source, alignment: spec.alignment };
    const hasRoom = () => !this.#retention.isFull && !this.#letters.areMany;
    return new SourceHead(this.#cell, source, context, take, hasRoom);
  }

  #goOn(): void {
    this.#operatorsWoken = false;
    try {
      this.#chain.goOn();
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
    this.#chain.take(batch, from, to);
  }

  #step(): TurnResult {
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
    if (typeof result === "object") return this.#reach(result.barrier, { kind: "working" });
    if (result !== "ended") return result;
    if (this.#letters.areAwaited) return "idle";
    this.#phase = { kind: "ending", stage: 0, asked: false };
    return "more";
  }

  #workReopened(phase: Reopened): TurnResult {
    if (!this.#chain.ready) return "idle";
    if (this.#letters.takeOne(this.#chain)) return "more";
    const result = this.#head.workAfterEnd();
    if (result !== "idle") return this.#afterEnd(result, phase);
    if (this.#letters.areAwaited) return "idle";
    this.#phase = { kind: "ending", stage: phase.stage, asked: false };
    return "more";
  }

  /** One step towards the end: each operator ends when it is quiet, and the next one after that is quiet again. */
  #end(): TurnResult {
    if (this.#phase.kind === "ending") {
      const { stage: index, asked } = this.#phase;
      const stage = this.#chain.stages[index];
      if (stage === undefined) return this.#appendEnd();
      if (!stage.quiet) return "idle";
      if (asked) {
        this.#phase = { kind: "ending", stage: index + 1, asked: false };
      } else {
        this.#phase = { kind: "ending", stage: index, asked: true };
        this.#chain.end(index);
      }
      return "more";
    }
    assert(this.#phase.kind === "leaving", "T3: the end follows the last results");
    this.#phase = { kind: "ended" };
    this.#cell.notify({ kind: "ended", stats: this.#stats() } satisfies StreamNote);
    // A barrier may have come meanwhile.
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
    for (const channel of this.#channelById.values()) channel.outbox.append({ kind: "barrier", epoch });
    this.#pump();
    const changes = stageChanges(this.#chain.stages, epoch);
    this.#phase = then;
    this.#epochCount += 1;
    this.#cell.notify({
      kind: "snapshot",
      alignmentMs: this.#head.alignmentMs,
      snapshot: {
        epoch,
        ...changes,
        position: this.#head.position(),
        endedInputs: this.#head.endedInputs(epoch),
        ended: then.kind === "ended",
        reopenedAt: then.kind === "reopened" ? then.stage : undefined,
        ...this.#letters.close(epoch),
      },
    } satisfies StreamNote);
    return "more";
  }

  #restore(restore: CellRestore | undefined): void {
    const { instance, parallelism } = this.#spec;
    for (const stage of this.#chain.stages) {
      stage.restore(restore?.deltas[stage.spec.name] ?? [], restore?.epoch ?? 0, instance, parallelism);
    }
  }

  /** What was lost with the other end is told at once: the counters of this one may be lost next. */
  #open(channel: number, attempt: number, fromEpoch: number, creditEvents: number): void {
    const outbox = this.#channelById.get(channel)?.outbox;
    const lostBefore = outbox?.lostEvents;
    outbox?.open(attempt, fromEpoch, creditEvents);
    if (outbox?.lostEvents !== lostBefore) this.#cell.notify({ kind: "stats", stats: this.#stats() });
  }

  #complete(epoch: number): void {
    for (const { outbox } of this.#channelById.values()) outbox.acknowledge(epoch);
    for (const stage of this.#chain.stages) stage.logic.onComplete?.(epoch);
    this.#head.complete?.(epoch);
    this.#tellKept();
    // A source that kept too much reads on.
    this.#cell.wake();
  }

  #tellKept(): void {
    if (this.#spec.retention === "none") return this.#backlog.tell(this.#chain.heldEvents);
    const bytes = this.#retention.look();
    if (bytes !== undefined) this.#cell.notify({ kind: "retained", bytes } satisfies StreamNote);
    this.#retention.check();
  }

  #appendEnd(): TurnResult {
    this.#chain.flush();
    for (const channel of this.#channelById.values()) channel.outbox.append({ kind: "end" });
    this.#phase = { kind: "leaving" };
    return "more";
  }

  #flush(isIdle: boolean): void {
    const nowMs = this.#cell.clock.monotonicMs();
    if (!isIdle && nowMs - this.#flushedAtMs < flushIntervalMs) return;
    this.#flushedAtMs = nowMs;
    this.#chain.flush();
  }

  /** Sends what credit allows; false while something is left (T1). */
  #pump(): boolean {
    let clear = true;
    for (const channel of this.#channelById.values()) {
      for (let sent = channel.next(); sent !== undefined; sent = channel.next()) {
        this.#cell.host.signal(channel.to, itemSignal(channel.channel, sent));
      }
      if (!channel.outbox.empty) clear = false;
    }
    return clear;
  }

  #stageContext(stage: OperatorStage): OperatorContext {
    const { name, address, decide, replay } = stage.spec;
    return this.#context(name, address, (value, error, event) => stage.giveUp(value, error, event), decide, replay);
  }

  #context(
    operator: string,
    address: Address,
    giveUp: WriteLetter,
    decide: StageSpec["decide"],
    replay?: StageSpec["replay"],
  ): OperatorContext {
    const wake = () => {
      this.#operatorsWoken = true;
      this.#cell.wake();
    };
    const place = { ...this.#spec, operator, address, incarnation: this.#incarnation };
    return operatorContext(this.#cell, place, { giveUp, decide, replay, wake });
  }

  #stats(): StreamCellStats {
    const { source: spec } = this.#spec;
    const source = spec && { name: spec.name, counters: this.#letters.sourceCounters };
    const quietMs = this.#movement.quietMs(this.#cell.clock.monotonicMs());
    const channels = [...this.#channelById.values()];
    return cellStats(source, this.#chain, channels, this.#phase, this.#head.progress(), quietMs);
  }
}
