/**
 * nextStep: what a transactional sink does next. Pure; one step is under way at a time.
 *
 * Invariants
 *  Y1  nothing begins before everything of the checkpoint is committed and what is left of earlier incarnations is aborted.
 *  Y2  a transaction holds at most `eventsMax` events: a fuller one is prepared, and another begins. Refusing input instead
 *      would keep the barrier from coming that it waits for.
 *  Y3  without epochs one transaction follows the other, and begins only when it is to be closed as well: until then its
 *      events can be given up one by one.
 */

import { mutated } from "../../runtime/index.ts";
import type { PreparedTransaction } from "./transaction-log.ts";

export type TransactionStep =
  | { readonly kind: "commit"; readonly transaction: PreparedTransaction }
  | { readonly kind: "recover" }
  | { readonly kind: "begin" }
  | { readonly kind: "write"; readonly eventCount: number }
  | { readonly kind: "prepare" }
  | { readonly kind: "rest" };

export type WorkStep = Exclude<TransactionStep, { readonly kind: "rest" }>;

export interface TransactionState {
  readonly due: PreparedTransaction | undefined;
  /** A step that failed is to be tried again later. */
  readonly isRetryWaiting: boolean;
  readonly isRecovered: boolean;
  /** Events in the open transaction; undefined when none is open. */
  readonly openEvents: number | undefined;
  /** Events that wait to be written. */
  readonly waitingEvents: number;
  /** What waits is to be written, and the open transaction prepared. */
  readonly isClosing: boolean;
  readonly hasEpochs: boolean;
}

/** @param eventsMax events of one transaction */
export function nextStep(state: TransactionState, eventsMax: number): TransactionStep {
  const { due, isRetryWaiting, isRecovered, openEvents, waitingEvents, isClosing, hasEpochs } = state;
  if (mutated("sink.recovers-first") && !isRecovered) return isRetryWaiting ? rest : { kind: "recover" };
  if (due !== undefined && !isRetryWaiting) return { kind: "commit", transaction: due };
  if (!isRecovered) return due !== undefined || isRetryWaiting ? rest : { kind: "recover" };
  if (openEvents !== undefined && (openEvents >= eventsMax || (isClosing && waitingEvents === 0))) {
    return { kind: "prepare" };
  }
  if (waitingEvents === 0) return rest;
  if (!hasEpochs && (due !== undefined || !isClosing)) return rest;
  if (openEvents === undefined) return { kind: "begin" };
  return { kind: "write", eventCount: Math.min(waitingEvents, eventsMax - openEvents) };
}

const rest: TransactionStep = { kind: "rest" };

/** What a sink waits for while it makes a step. */
export function stepText(step: WorkStep): string {
  switch (step.kind) {
    case "recover":
      return "what earlier incarnations left behind to be aborted";
    case "commit":
      return `the transaction of epoch ${step.transaction.epoch} to be committed`;
    default:
      return `a call of \`${step.kind}\``;
  }
}
