/**
 * ChainLetters: the dead letters of the operators and the source of one cell: those they write, which are kept and go on as
 * events where somebody takes them, and those they are given again.
 *
 * Not here: how many are kept (../letters/cell-letters.ts), which were given already (../letters/resubmissions.ts).
 */

import { assert, type CellContext } from "../../runtime/index.ts";
import type { CellSnapshot } from "../epochs/cell-snapshot.ts";
import { CellLetters } from "../letters/cell-letters.ts";
import type { EventDeadLetter, TakenEvent } from "../letters/event-dead-letter.ts";
import { Resubmissions } from "../letters/resubmissions.ts";
import type { Chain } from "./chain.ts";
import { noCounters, type OperatorCounters } from "./operator-counters.ts";
import { OperatorFailedError } from "./operator-failed-error.ts";
import type { SourceNodeSpec, StreamCellSpec } from "./stream-cell-spec.ts";
import type { CountedSource } from "./stream-cell-stats.ts";
import type { StreamNote } from "./stream-note.ts";
import type { StreamSignal, signalKind } from "./stream-signal.ts";

export class ChainLetters {
  /** Of the source, if there is one. */
  readonly sourceCounters: OperatorCounters = { ...noCounters };
  readonly #cell: CellContext;
  readonly #spec: StreamCellSpec;
  readonly #letters: CellLetters;
  readonly #resubmissions: Resubmissions;
  readonly #openChain: (index: number) => Chain | undefined;

  /** @param openChain the chain, as long as the stream of operator `index`, or of the source (-1), goes on */
  constructor(cell: CellContext, spec: StreamCellSpec, openChain: (index: number) => Chain | undefined) {
    this.#cell = cell;
    this.#openChain = openChain;
    this.#spec = spec;
    this.#letters = new CellLetters(cell, {
      instance: spec.instance,
      wait: spec.retention === "until-acknowledged",
      bounds: spec.letterBounds,
      epoch: spec.restore?.epoch ?? 0,
    });
    this.#resubmissions = new Resubmissions(spec.awaitsLetters);
  }

  /** The source at the head of the chain, if there is one, and its counters. */
  get source(): CountedSource {
    const { source } = this.#spec;
    return source && { name: source.name, counters: this.sourceCounters };
  }

  /** Writes the letter of what operator `index`, or the source (-1), gives up; it goes on as an event. */
  write(index: number, value: unknown, error: unknown, event: TakenEvent | undefined): void {
    const letter = this.keep(index, value, error, event);
    const chain = this.#openChain(index);
    if (chain === undefined) return;
    chain.sendLetter(index, letter);
    this.#cell.wake();
  }

  /** Writes a letter that goes nowhere else. */
  keep(index: number, value: unknown, error: unknown, event: TakenEvent | undefined): EventDeadLetter {
    const { name, address } = this.#spec.stages[index] ?? (this.#spec.source as SourceNodeSpec);
    const wereMany = this.#letters.areMany;
    const letter = this.#letters.write(name, address, value, error, event);
    if (this.#letters.areMany && !wereMany) this.#cell.notify({ kind: "many-letters" } satisfies StreamNote);
    return letter;
  }

  /** What the source gives up. */
  writeAtSource(value: unknown, error: unknown): void {
    this.sourceCounters.deadLetters += 1;
    this.write(-1, value, error, undefined);
  }

  /** A letter that could not go on as an event: as one, a letter for a letter would have no end. */
  refuseLetter(index: number, letter: unknown, error: unknown): void {
    this.keep(index, letter, error, undefined);
  }

  /** An event of the source that could not be handed on. Throws ERR_ACT_OPERATOR_FAILED. */
  refuseAtSource(value: unknown, error: unknown): void {
    const { source } = this.#spec;
    const directive = source?.decide(error) ?? "resume";
    if (source !== undefined && (directive === "stop" || directive === "escalate")) {
      throw new OperatorFailedError(source, directive, error);
    }
    this.writeAtSource(value, error);
  }

  /** Whether a source is to wait for the next barrier before it reads on. */
  get areMany(): boolean {
    return this.#letters.areMany;
  }

  /** Throws ERR_ACT_OPERATOR_FAILED, caused by ERR_ACT_DEAD_LETTERS, when there were too many in this epoch. */
  check(): void {
    const { flood } = this.#letters;
    if (flood === undefined) return;
    const { source, stages } = this.#spec;
    const place = [source, ...stages].find((each) => each?.name === flood.operator) as SourceNodeSpec;
    // A replay would bring the same flood.
    throw new OperatorFailedError(place, "stop", flood);
  }

  receive([, letters, areMoreToCome]: StreamSignal & readonly [typeof signalKind.resubmit, ...unknown[]]): void {
    this.#resubmissions.give(letters, areMoreToCome);
  }

  /** Whether the cell must not end yet, because it is to take letters. */
  get areAwaited(): boolean {
    return this.#resubmissions.areAwaited;
  }

  /** An operator is given the event of a letter again. False when there is none to take. The chain must be ready. */
  takeOne(chain: Chain): boolean {
    const letter = this.#resubmissions.next();
    if (letter === undefined) return false;
    const index = this.#spec.stages.findIndex(({ name }) => name === letter.operator);
    assert(index >= 0, "a letter is given to the cell of its operator");
    const { value, key, time, input } = letter;
    const times = time === undefined ? undefined : [time];
    chain.takeAt(index, { values: [value], times, keys: key === undefined ? undefined : [key], input });
    return true;
  }

  /** The part of a snapshot that they are. */
  close(epoch: number): Pick<CellSnapshot, "deadLetters" | "resubmitted"> {
    return { deadLetters: this.#letters.close(epoch), resubmitted: this.#resubmissions.close() };
  }
}
