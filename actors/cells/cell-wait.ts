/** CellWait: what keeps a stream cell from going on, so that whoever waits for it can be told what for. */

import type { OutputChannel } from "../channels/output-edge.ts";
import type { Chain } from "./chain.ts";
import type { StreamCellPhase } from "./stream-cell-phase.ts";

export type CellWait =
  /** Nothing but events that have not come, or its turn. */
  | { readonly kind: "none" }
  /** The receivers of these channels accept no more. */
  | { readonly kind: "credit"; readonly channels: readonly number[] }
  /** An operator takes no input, or has work in flight that a barrier or the end has to wait for. */
  | { readonly kind: "operator"; readonly operator: string };

export function cellWait(chain: Chain, channels: Iterable<OutputChannel>, phase: StreamCellPhase): CellWait {
  const full: number[] = [];
  for (const { channel, outbox } of channels) if (!outbox.empty) full.push(channel);
  if (full.length > 0) return { kind: "credit", channels: full };
  const needsQuiet = phase.kind === "snapshotting" || phase.kind === "ending";
  const stage = chain.stages.find(({ ready, quiet }) => (needsQuiet ? !quiet : !ready));
  return stage === undefined ? { kind: "none" } : { kind: "operator", operator: stage.spec.name };
}

/** How long a cell has not moved: taken no event, handed none on, closed no epoch. */
export class CellMovement {
  #count = 0;
  #movedAtMs: number;

  constructor(nowMs: number) {
    this.#movedAtMs = nowMs;
  }

  /** @param count grows with whatever the cell does */
  look(count: number, nowMs: number): void {
    if (count === this.#count) return;
    this.#count = count;
    this.#movedAtMs = nowMs;
  }

  quietMs(nowMs: number): number {
    return nowMs - this.#movedAtMs;
  }
}
