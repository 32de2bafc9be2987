/**
 * OperatorTrial: an operator that is given its events one by one, in one of several ways, none of which may change what it
 * tells. What it tells is kept by the event behind which it was told.
 */

import { encodeDelta, mergedEntries, type StateEntry } from "../../actors/index.ts";
import type { HarnessEvent } from "../../actors/testing/index.ts";
import { OperatorHarness, type OperatorHarnessOptions } from "../../actors/testing/index.ts";
import type { OperatorNode } from "../job-graph.ts";

/** What an operator has emitted, or given up: on which output, what, and with which event time. */
export type Told = readonly [output: string, value: unknown, time?: number];

/** An event, and which input of the operator it comes in on. */
export interface TrialEvent extends HarnessEvent {
  readonly input: number;
}

/** By the index of the event behind which it was told; the last entry is what was told at the end. */
export type TrialResult = readonly (readonly Told[])[];

/** Makes the operator anew, from a job that was built anew or from the same one. */
export interface OperatorMaker {
  readonly operator: string;
  /** Of a build of its own, as on another thread. */
  anew(): { readonly node: OperatorNode; readonly options: OperatorHarnessOptions };
}

type Made = ReturnType<OperatorMaker["anew"]>;

/** One event after the other, and nothing else happens. */
export async function undisturbed(maker: OperatorMaker, events: readonly TrialEvent[]): Promise<TrialResult> {
  const subject = await Subject.open(maker.anew());
  return collected(events, subject, (event) => subject.take([event]));
}

/** All events of an input as one batch: one entry. */
export async function allAtOnce(maker: OperatorMaker, events: readonly TrialEvent[]): Promise<TrialResult> {
  const subject = await Subject.open(maker.anew());
  const told = events.length === 0 ? [] : await subject.take(events);
  return [[...told, ...(await subject.end())]];
}

/** Before and after each event its outputs lack credit for a while. */
export async function withoutCredit(maker: OperatorMaker, events: readonly TrialEvent[]): Promise<TrialResult> {
  const subject = await Subject.open(maker.anew());
  return collected(events, subject, (event) => subject.takeWithoutCredit(event));
}

/** After each event it goes on elsewhere, from its snapshot. */
export async function movedOn(maker: OperatorMaker, events: readonly TrialEvent[]): Promise<TrialResult> {
  const subject = await Subject.open(maker.anew());
  return collected(events, subject, async (event) => {
    const told = await subject.take([event]);
    await subject.snapshot();
    await subject.restore(maker.anew());
    return told;
  });
}

/** Each event comes twice: it is lost with what the operator made of it, and comes again after a restart from the snapshot. */
export async function takenBack(maker: OperatorMaker, events: readonly TrialEvent[]): Promise<TrialResult> {
  const made = maker.anew();
  const subject = await Subject.open(made);
  return collected(events, subject, async (event) => {
    await subject.snapshot();
    await subject.take([event]);
    await subject.restore(made);
    return subject.take([event]);
  });
}

async function collected(
  events: readonly TrialEvent[],
  subject: Subject,
  take: (event: TrialEvent) => Promise<readonly Told[]>,
): Promise<TrialResult> {
  const result: (readonly Told[])[] = [];
  for (const event of events) result.push(await take(event));
  result.push(await subject.end());
  return result;
}

class Subject {
  readonly #operator: string;
  #harness: OperatorHarness;
  #state: readonly StateEntry[] = [];
  #epoch = 0;
  #incarnation = 0;
  /** How much of each output, and of the dead letters, was seen. */
  #seen = new Map<string, number>();

  static async open(made: Made): Promise<Subject> {
    return new Subject(made.node.name, await open(made, {}));
  }

  private constructor(operator: string, harness: OperatorHarness) {
    this.#operator = operator;
    this.#harness = harness;
  }

  async take(events: readonly TrialEvent[]): Promise<readonly Told[]> {
    for (const [input, ofInput] of Map.groupBy(events, (event) => event.input)) this.#harness.feed(ofInput, input);
    await this.#harness.settle();
    return this.#news();
  }

  async takeWithoutCredit(event: TrialEvent): Promise<readonly Told[]> {
    const harness = this.#harness;
    harness.lackCredit();
    harness.feed([event], event.input);
    await harness.advance(creditlessMs);
    harness.grantCredit();
    // What it does after a while is told while nobody takes it, too.
    harness.lackCredit();
    await harness.advance(creditlessMs);
    harness.grantCredit();
    await harness.settle();
    return this.#news();
  }

  async snapshot(): Promise<void> {
    this.#epoch += 1;
    const changed = encodeDelta(this.#operator, await this.#harness.barrier(this.#epoch));
    this.#state = mergedEntries([encodeDelta(this.#operator, this.#state), changed]);
  }

  /** Another incarnation goes on from the last snapshot. */
  async restore(made: Made): Promise<void> {
    await this.#harness.close();
    this.#incarnation += 1;
    this.#seen = new Map();
    const restore = { entries: this.#state.filter(([, , present]) => present), epoch: this.#epoch };
    this.#harness = await open(made, { restore, incarnation: this.#incarnation });
  }

  async end(): Promise<readonly Told[]> {
    await this.#harness.end();
    return this.#news();
  }

  #news(): readonly Told[] {
    const told: Told[] = [];
    for (const [output, results] of Object.entries(this.#harness.results())) {
      for (const { value, time } of this.#unseen(output, results)) {
        told.push(time === undefined ? [output, value] : [output, value, time]);
      }
    }
    for (const { value, error } of this.#unseen(deadLetters, this.#harness.deadLetters)) {
      told.push([deadLetters, { value, error: error instanceof Error ? error.message : String(error) }]);
    }
    return told;
  }

  #unseen<T>(name: string, all: readonly T[]): readonly T[] {
    const seen = this.#seen.get(name) ?? 0;
    this.#seen.set(name, all.length);
    return all.slice(seen);
  }
}

function open({ node, options }: Made, more: OperatorHarnessOptions): Promise<OperatorHarness> {
  return OperatorHarness.open(node.spec, { ...options, guarantee: "exactly-once", ...more });
}

/** How an operator's dead letters are told. */
const deadLetters = "dead letters";
const creditlessMs = 1_000;
