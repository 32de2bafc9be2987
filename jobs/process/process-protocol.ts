/**
 * ProcessProtocol: what a supervisor and its process say to each other. Plain data. The process speaks first when it has
 * loaded; the order it gets then is the only one of its life. One that stands by gets it when it is needed.
 */

import type { Fact, FactOf, WireError } from "../../runtime/index.ts";
import type { RunReport } from "../run/run-report.ts";

/** What becomes of events of `output` sinks: nobody in the process takes them, unless they are printed. */
export type OutputsOfProcess = "refuse" | "print";

/** The run that a process is to make. */
export interface RunOrder {
  /** The module of the job: a path or a URL. */
  readonly module: string;
  /** The job's name, where the module exports several. */
  readonly job: string | undefined;
  /** Options of `ActorSystem.start`. */
  readonly system: Readonly<Record<string, unknown>>;
  /** Options of `system.submit`. */
  readonly submit: Readonly<Record<string, unknown>>;
  readonly outputs: OutputsOfProcess;
}

/** How a run that goes on is to end. */
export type EndOfRun = "drain" | "stop" | "cancel";

export type SupervisorMessage =
  /** Do what can be done for this order before another process has ended; `run` follows, or nothing. */
  | { readonly kind: "prepare"; readonly order: RunOrder }
  | { readonly kind: "run"; readonly order: RunOrder }
  | { readonly kind: EndOfRun }
  | { readonly kind: "question"; readonly id: number; readonly question: Question };

export type Question =
  | { readonly kind: "report" }
  | {
      readonly kind: "ask";
      readonly operator: string;
      readonly instance: number;
      readonly message: unknown;
      readonly timeoutMs: number;
    };

export type ProcessMessage =
  /** It has loaded, and waits for its order. */
  | { readonly kind: "ready" }
  /** It has prepared itself, and waits to be told to run the job. */
  | { readonly kind: "stands-by" }
  /** Something between two other messages, so that silence means something. */
  | { readonly kind: "alive" }
  /** It has built the graph. */
  | { readonly kind: "described"; readonly job: DescribedJob }
  /** Every source, operator and sink is open. */
  | { readonly kind: "begun" }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly error: WireError }
  | { readonly kind: "fact"; readonly fact: FactOf<ForwardedFact> }
  /** Part of what a `collect` sink has collected, in order, before `ended`. */
  | { readonly kind: "collected"; readonly sink: string; readonly events: readonly unknown[] }
  | { readonly kind: "ended"; readonly report: RunReport }
  | { readonly kind: "failed"; readonly stage: FailureStage; readonly error: WireError };

/** `input`: the job cannot be loaded, its graph is not possible, or its storage is none to run it with; nothing was started. */
export type FailureStage = "input" | "run";

/** What a supervisor can know of a graph. */
export interface DescribedJob {
  readonly name: string;
  readonly operators: readonly {
    readonly name: string;
    /** `collect`, `map`, and so on. */
    readonly label: string;
    /** A source that ends by itself. */
    readonly bounded: boolean;
  }[];
}

/** Facts that a process passes on to its supervisor: few, and about failures. */
export const forwardedFacts = ["actor-failed", "actor-restarted", "host-lost", "host-replaced"] as const;
export type ForwardedFact = Extract<Fact["kind"], (typeof forwardedFacts)[number]>;
