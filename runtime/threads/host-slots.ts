/**
 * HostSlots: which host number has a living thread, and what follows when one dies. Pure: events in, actions out.
 *
 * Each worker host is a slot. A slot asks for a thread, adopts it under its number and the next incarnation, and links it
 * to every host that runs at that moment. Start and replacement are the same path.
 *
 *   starting --adopted--> running --died--> replacing --adopted--> running ...      any --stop--> stopping --> stopped
 *
 * Invariants
 *  S1  between any two running hosts there is exactly one link; it is made when the later of them is adopted.
 *  S2  every running host hears of a death before the replacement is adopted.
 *  S3  incarnations of a slot rise by one with each adoption.
 *  S4  after `replacementsMax` deaths within `windowMs`, or when no thread can be had, the group fails, once; nothing
 *      is replaced afterwards.
 *
 * Not here: threads, ports and timers (host-group.ts); who hangs (watchdog.ts).
 */

import { assert } from "../assert.ts";
import { MillraceError } from "../errors/millrace-error.ts";

export type SlotPhase =
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly incarnation: number }
  | { readonly kind: "replacing"; readonly incarnation: number }
  | { readonly kind: "stopping" }
  | { readonly kind: "stopped" };

export type SlotAction =
  | { readonly kind: "acquire"; readonly host: number }
  | { readonly kind: "adopt"; readonly host: number; readonly incarnation: number; readonly peers: readonly number[] }
  | { readonly kind: "leave"; readonly host: number; readonly peer: number; readonly incarnation: number }
  | { readonly kind: "lost"; readonly host: number; readonly error: MillraceError }
  | { readonly kind: "replaced"; readonly host: number; readonly incarnation: number }
  | { readonly kind: "all-running" }
  | { readonly kind: "stop"; readonly host: number }
  | { readonly kind: "all-stopped" }
  | { readonly kind: "failed"; readonly error: MillraceError };

export interface ReplacementBudget {
  readonly replacementsMax: number;
  readonly windowMs: number;
}

/** More threads died than may be replaced; `cause` is what the last one died of. */
class ReplacementsSpentError extends MillraceError {
  readonly code = "ERR_RT_REPLACEMENTS_SPENT";

  constructor(host: number, { replacementsMax, windowMs }: ReplacementBudget, cause: MillraceError) {
    super(
      `host ${host} died, and ${replacementsMax} threads were replaced within ${windowMs} ms, the most allowed: ${cause.message}`,
      { cause, details: { host, replacementsMax, windowMs } },
    );
  }
}

/** The host of the calling thread: linked like the others, never replaced. */
export const mainHostNumber = 0;

export class HostSlots {
  readonly #budget: ReplacementBudget;
  readonly #phases = new Map<number, SlotPhase>();
  readonly #incarnations = new Map<number, number>();
  #replacementTimesMs: number[] = [];
  #group: "fresh" | "starting" | "running" | "failed" | "stopping" | "stopped" = "fresh";

  constructor(hostCount: number, budget: ReplacementBudget) {
    this.#budget = budget;
    for (let host = 1; host <= hostCount; host += 1) this.#phases.set(host, { kind: "starting" });
  }

  /** The phase of each worker host, by its number. */
  get phases(): ReadonlyMap<number, SlotPhase> {
    return this.#phases;
  }

  start(): SlotAction[] {
    if (this.#group === "stopping" || this.#group === "stopped") return [];
    assert(this.#group === "fresh", "host slots are started once");
    this.#group = "starting";
    return [...this.#phases.keys()].map((host) => ({ kind: "acquire", host }));
  }

  /** A thread for `host` is there. Nothing follows when the group has stopped meanwhile. */
  onAcquired(host: number): SlotAction[] {
    const phase = this.#phase(host);
    if (phase.kind !== "starting" && phase.kind !== "replacing") return [];
    const incarnation = this.#incarnations.get(host) ?? 0;
    this.#incarnations.set(host, incarnation + 1);
    const peers = [mainHostNumber, ...this.#running()];
    this.#phases.set(host, { kind: "running", incarnation });
    const actions: SlotAction[] = [{ kind: "adopt", host, incarnation, peers }];
    if (phase.kind === "replacing") actions.push({ kind: "replaced", host, incarnation });
    if (this.#group === "starting" && this.#running().length === this.#phases.size) {
      this.#group = "running";
      actions.push({ kind: "all-running" });
    }
    return actions;
  }

  /** No thread could be had for `host`. */
  onAcquireFailed(host: number, error: MillraceError): SlotAction[] {
    const { kind } = this.#phase(host);
    return kind === "starting" || kind === "replacing" ? this.#fail(host, error) : [];
  }

  /** The thread of a running or stopping host died. */
  onDied(host: number, error: MillraceError, nowMs: number): SlotAction[] {
    const phase = this.#phase(host);
    if (phase.kind === "stopping") return this.onStopped(host);
    if (phase.kind !== "running") return [];
    const { incarnation } = phase;
    this.#phases.set(host, { kind: "replacing", incarnation: incarnation + 1 });
    const hearers = [mainHostNumber, ...this.#running()];
    const actions: SlotAction[] = [
      ...hearers.map((hearer) => ({ kind: "leave", host: hearer, peer: host, incarnation }) as const),
      { kind: "lost", host, error },
    ];
    if (this.#group === "failed") return [...actions, ...this.#fail(host, error)];
    if (!this.#spend(nowMs)) {
      return [...actions, ...this.#fail(host, new ReplacementsSpentError(host, this.#budget, error))];
    }
    return [...actions, { kind: "acquire", host }];
  }

  stop(): SlotAction[] {
    if (this.#group === "stopping" || this.#group === "stopped") return [];
    this.#group = "stopping";
    const actions: SlotAction[] = [];
    for (const [host, phase] of this.#phases) {
      const isRunning = phase.kind === "running";
      this.#phases.set(host, { kind: isRunning ? "stopping" : "stopped" });
      if (isRunning) actions.push({ kind: "stop", host });
    }
    return [...actions, ...this.#whenAllStopped()];
  }

  /** The thread of `host` ended after it was asked to. */
  onStopped(host: number): SlotAction[] {
    if (this.#phase(host).kind !== "stopping") return [];
    this.#phases.set(host, { kind: "stopped" });
    return this.#whenAllStopped();
  }

  #phase(host: number): SlotPhase {
    const phase = this.#phases.get(host);
    assert(phase !== undefined, "a slot is a worker host's number");
    return phase;
  }

  #running(): number[] {
    return [...this.#phases].filter(([, phase]) => phase.kind === "running").map(([host]) => host);
  }

  #spend(nowMs: number): boolean {
    const { replacementsMax, windowMs } = this.#budget;
    this.#replacementTimesMs = this.#replacementTimesMs.filter((timeMs) => nowMs - timeMs < windowMs);
    if (this.#replacementTimesMs.length >= replacementsMax) return false;
    this.#replacementTimesMs.push(nowMs);
    return true;
  }

  #fail(host: number, error: MillraceError): SlotAction[] {
    this.#phases.set(host, { kind: "stopped" });
    if (this.#group === "failed") return [];
    this.#group = "failed";
    return [{ kind: "failed", error }];
  }

  #whenAllStopped(): SlotAction[] {
    if ([...this.#phases.values()].some(({ kind }) => kind !== "stopped")) return [];
    if (this.#group === "stopped") return [];
    this.#group = "stopped";
    return [{ kind: "all-stopped" }];
  }
}
