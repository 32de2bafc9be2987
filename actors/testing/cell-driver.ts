/**
 * CellDriver: a stream cell on a host of its own that does nothing by itself: turns, signals and messages come when a test
 * says so, and what the cell sends is kept.
 */

import {
  type Address,
  type CellContext,
  type Directive,
  type SenderInfo,
  toWire,
  VirtualClock,
} from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { StageSpec } from "../cells/operator-stage.ts";
import type { ReservationNote } from "../cells/source-head.ts";
import { StreamCell, type StreamCellSpec, type StreamNote } from "../cells/stream-cell.ts";
import { type StreamSignal, signalKind } from "../cells/stream-signal.ts";
import { groupings } from "../groupings/grouping.ts";
import type { OperatorLogic } from "../operator.ts";

const upstream: Address = { path: "millrace://test/job/up/0", host: 1 };
const downstream: Address = { path: "millrace://test/job/down/0", host: 0 };

/** A stage of a chain; a function is an operator with one output that gets each event. */
export function stage(
  name: string,
  make: () => OperatorLogic,
  options: { readonly decide?: Directive; readonly outputs?: readonly string[]; readonly chained?: boolean } = {},
): StageSpec {
  return {
    name,
    address: { path: `millrace://test/job/${name}/0`, host: 0 },
    spec: { kind: "test", outputs: options.outputs ?? ["main"], create: make },
    chainedOutput: options.chained === true ? 0 : undefined,
    decide: () => options.decide ?? "restart",
  };
}

/** What emits for each event what `each` returns. */
export function mapping(each: (value: never) => unknown): OperatorLogic {
  return {
    onBatch({ values }, from, to, output) {
      for (let index = from; index < to; index += 1) {
        output.begin(index);
        output.emit(each(values[index] as never));
      }
    },
  };
}

export class CellDriver {
  readonly clock = new VirtualClock();
  readonly cell: StreamCell;
  readonly deadLetters: { readonly to: string; readonly value: unknown; readonly code: string | undefined }[] = [];
  readonly failures: unknown[] = [];
  readonly notes: (StreamNote | ReservationNote)[] = [];
  /** Values sent on the output channels, batch by batch; `$` is the end. */
  readonly sent: unknown[] = [];
  /** Signals to upstream. */
  readonly upward: StreamSignal[] = [];
  woken = false;
  #incarnation = 0;
  #failed = false;
  #seq = new Map<number, number>();

  constructor(spec: Partial<StreamCellSpec> & Pick<StreamCellSpec, "stages">) {
    const full: StreamCellSpec = {
      job: "job",
      instance: 0,
      parallelism: 1,
      source: undefined,
      inputs: spec.source === undefined ? [{ channel: 0, from: upstream, attempt: 1 }] : [],
      outputs: [
        {
          stage: spec.stages.length - 1,
          outputIndex: 0,
          grouping: groupings.forward,
          channels: [{ channel: 9, to: downstream }],
        },
      ],
      ended: false,
      retention: "none",
      creditEvents: 8_192,
      services: { get: () => never() },
      onStopped: () => undefined,
      ...spec,
    };
    this.cell = new StreamCell(this.#context(), full);
  }

  /** A cell that has started and begun, its output opened with `creditEvents`. */
  static async begun(
    spec: Partial<StreamCellSpec> & Pick<StreamCellSpec, "stages">,
    creditEvents = 8_192,
  ): Promise<CellDriver> {
    const driver = new CellDriver(spec);
    await driver.cell.start();
    driver.signal([signalKind.begin]);
    driver.open(1, creditEvents);
    return driver;
  }

  signal(signal: StreamSignal): void {
    this.cell.signal(signal);
  }

  open(attempt: number, creditEvents = 8_192): void {
    this.signal([signalKind.open, 9, attempt, 0, creditEvents]);
  }

  grant(attempt: number, eventCount: number): void {
    this.signal([signalKind.credit, 9, attempt, eventCount]);
  }

  /** A batch comes in on input channel 0. */
  give(values: readonly unknown[], attempt = 1): void {
    const batch: Batch = { values, times: undefined, keys: undefined };
    this.signal([signalKind.batch, 0, attempt, this.#nextSeq(attempt), values.length, batch]);
  }

  giveEnd(attempt = 1): void {
    this.signal([signalKind.end, 0, attempt, this.#nextSeq(attempt)]);
  }

  tell(to: string, message: unknown): unknown {
    const sender: SenderInfo = { to: `millrace://test/job/${to}/0`, from: undefined, kind: "ask" };
    return this.cell.receive(message, sender);
  }

  /** One turn, if the cell asked for one; what it throws is kept as a failure, as the cell's host would. */
  turn(): boolean {
    if (!this.woken || this.#failed) return false;
    this.woken = false;
    try {
      if (this.cell.turn() === "more") this.woken = true;
    } catch (error) {
      this.failures.push(error);
      this.#failed = true;
      return false;
    }
    return true;
  }

  /** Turns until the cell has nothing more to do. */
  run(): void {
    for (let turns = 0; this.turn(); turns += 1) if (turns > 10_000) throw new Error("the cell never rests");
  }

  /** Promises take their effect, and the turns they ask for. */
  async settle(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      await undefined;
      this.run();
    }
  }

  /** What the supervisor does about a failure: the same logic goes on, or a new incarnation. */
  resume(): void {
    this.#failed = false;
    this.woken = true;
  }

  async restart(): Promise<void> {
    this.#incarnation += 1;
    await this.cell.restart(this.#incarnation);
    this.#failed = false;
    this.woken = true;
  }

  /** The values of all batches sent so far, in order. */
  values(): unknown[] {
    return this.sent.flat();
  }

  #nextSeq(attempt: number): number {
    const seq = this.#seq.get(attempt) ?? 0;
    this.#seq.set(attempt, seq + 1);
    return seq;
  }

  #context(): CellContext {
    return {
      address: { path: "millrace://test/job/cell/0", host: 0 },
      incarnation: 0,
      clock: this.clock,
      random: { next: () => 0.5, id: () => "id" },
      logger: { log: () => undefined },
      progress: new Int32Array(1),
      host: {
        host: 0,
        system: "test",
        tell: never,
        ask: never,
        share: never,
        signal: (to, payload) => this.#sent(to, payload as StreamSignal),
        deadLetter: (to, value, error) =>
          void this.deadLetters.push({ to: to.path, value, code: toWire(error).code ?? toWire(error).message }),
      },
      wake: () => {
        this.woken = true;
      },
      fail: (error) => void this.failures.push(error),
      notify: (note) => void this.notes.push(note as StreamNote | ReservationNote),
      enqueueSystem: never,
      stash: never,
      unstashAll: never,
    };
  }

  #sent(to: Address, signal: StreamSignal): void {
    if (to.path === upstream.path) this.upward.push(signal);
    else if (signal[0] === signalKind.batch) this.sent.push([...(signal[5] as Batch).values]);
    else if (signal[0] === signalKind.end) this.sent.push("$");
  }
}

function never(): never {
  throw new Error("a cell driver does not do that");
}
