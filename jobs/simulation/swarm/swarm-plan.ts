/**
 * SwarmPlan: everything that one seed of the swarm is made of, as plain data: the job, what the world around it is like, and
 * what goes wrong. It can be printed, made smaller, and run again.
 *
 * Here `lane` is the branches that an event took: forks add a letter to it, so that no two events of a sink are equal.
 */

import type { JoinType } from "../../../actors/index.ts";
import type { Guarantee } from "../../epochs/guarantee.ts";
import type { PlannedFault } from "../fault.ts";
import type { SwarmBranch } from "./swarm-branch.ts";
import type { SwarmVersion } from "./swarm-version.ts";

/** What flows through a job of the swarm. */
export interface SwarmItem {
  /** One that only one source instance emits: `source0.1/3`. */
  readonly key: string;
  /** Its number at the source instance. */
  readonly seq: number;
  readonly lane: string;
  /** As what each stateful operator on its way has counted it, of its key and lane. */
  readonly counts: readonly number[];
}

export interface SwarmSource {
  readonly name: string;
  readonly parallelism: number;
  /** Of a later version of the job; undefined: as many as what it emits is cut for. */
  readonly instances?: number;
  /** Of each instance. */
  readonly itemCount: number;
  /** Keys of each instance. */
  readonly keyCount: number;
  /** `paced`: a source of its own, which emits `burst` items every `gapMs`; `generated`: `generate` with that rate. */
  readonly form: "paced" | "generated";
  readonly burst: number;
  readonly gapMs: number;
  /** What a paced one acknowledges to: a log that is read from any position, or a queue that delivers again what was not. Undefined: nothing. */
  readonly acknowledges?: "log" | "queue";
}

export type SwarmGrouping = "none" | "shuffle" | "leastLoaded" | "toOne";

export type SwarmStep =
  /** Hands on what comes, with a letter more in its lane where it is one side of a fork. */
  | {
      readonly kind: "map";
      readonly name: string;
      readonly inputs: readonly string[];
      readonly parallelism: number;
      readonly grouping: SwarmGrouping;
      readonly letter: string;
    }
  /** Leaves out each `modulo`-th item of a source instance. */
  | { readonly kind: "filter"; readonly name: string; readonly inputs: readonly string[]; readonly modulo: number }
  /** Hands each item on once for each letter. */
  | { readonly kind: "flatMap"; readonly name: string; readonly inputs: readonly string[]; readonly letters: string }
  | {
      readonly kind: "mapAsync";
      readonly name: string;
      readonly inputs: readonly string[];
      readonly concurrency: number;
    }
  | { readonly kind: "throttle"; readonly name: string; readonly inputs: readonly string[]; readonly perMs: number }
  /** One instance keeps what comes, and hands it on at its end, so many items in a piece. */
  | { readonly kind: "hold"; readonly name: string; readonly inputs: readonly string[]; readonly itemsOfPiece: number }
  /** Counts by key, in a state of one value or of several. */
  | {
      readonly kind: "scan" | "process";
      readonly name: string;
      readonly inputs: readonly string[];
      readonly parallelism: number;
    };

/** What windows hold of the events of a key, joins pair, and patterns match. */
export type SwarmTimedStep =
  | {
      readonly kind: "window";
      readonly name: string;
      readonly input: string;
      readonly parallelism: number;
      readonly form: "tumbling" | "sliding" | "session";
      /** Of a session: the gap. */
      readonly sizeMs: number;
      /** As the size, unless windows slide. */
      readonly slideMs: number;
      /** Whether accumulators can be merged, so that windows that slide share panes; those of sessions always can. */
      readonly merges: boolean;
      /** After so many events a window tells what has come since it did so last; undefined: not before its end. */
      readonly earlyEvery: number | undefined;
      readonly latenessMs: number;
      /** Of all events, on one instance, and not of each key. */
      readonly isUnkeyed?: boolean;
    }
  | {
      readonly kind: "interval-join" | "window-join";
      readonly name: string;
      readonly input: string;
      readonly right: string;
      readonly parallelism: number;
      /** How much earlier and later a right event may be; or the size of windows. */
      readonly sizeMs: number;
      readonly type: JoinType;
      /** Keys of both sides: the numbers of the items by this. */
      readonly keyCount: number;
    }
  /** Each event with the row of its key in a table of the right events, which it awaits. */
  | {
      readonly kind: "table-join";
      readonly name: string;
      readonly input: string;
      /** Comes from no source that the left one comes from: that would wait for itself. */
      readonly right: string;
      readonly parallelism: number;
      readonly keyCount: number;
    }
  /** Of the events of a source instance and lane each with its partner, `stride` numbers behind it, each that has none, or three at a time. */
  | {
      readonly kind: "match";
      readonly name: string;
      readonly input: string;
      readonly parallelism: number;
      readonly form: "pairs" | "alone" | "threes";
      readonly withinMs: number;
      readonly stride: number;
    }
  /** Says of each event whether it came behind event time, which none does; of all keys, as they come. */
  | { readonly kind: "watch"; readonly name: string; readonly input: string; readonly parallelism: number };

/** Event time of a job, from its sources on, and what goes by it. */
export interface SwarmTime {
  /** Between an item of a source instance and the next. */
  readonly stepMs: number;
  /** How much earlier than that an item may be. */
  readonly disorderMs: number;
  /** Items of a source instance come from so many splits in turn, each a while in front of the one before. */
  readonly splitCount: number;
  /** Undefined: no source is ever idle, and no event late, as long as its splits are not forgotten. */
  readonly idleAfterMs: number | undefined;
  readonly maxDriftMs: number | undefined;
  /** How far each instance of a source is in front of the one before; undefined: all are in step. */
  readonly apartMs?: number;
  readonly steps: readonly SwarmTimedStep[];
}

export interface SwarmSink {
  readonly name: string;
  readonly input: string;
  /** `plain`: calls a function with each item, whose effect no checkpoint takes back. */
  readonly kind: "collect" | "transactional" | "plain";
  readonly parallelism: number;
  /** Of a transaction; of a plain sink, calls at once. */
  readonly eventsMax: number;
  /** Whether its calls take a while. */
  readonly isSlow: boolean;
}

/** What goes wrong: around the job, in what it reads and writes, or in its own functions. */
export type SwarmFault =
  | { readonly kind: "world"; readonly fault: PlannedFault }
  /** A function of the writer of a sink fails at its `call`-th call over all instances, before or after it took effect. */
  | { readonly kind: "sink"; readonly sink: string; readonly call: number; readonly isLate: boolean }
  /** An acknowledgement fails, the `call`-th one over all instances, before or after it took effect. */
  | { readonly kind: "acknowledge"; readonly source: string; readonly call: number; readonly isLate: boolean }
  /** Reading fails at the `call`-th poll over all instances. */
  | { readonly kind: "read"; readonly source: string; readonly call: number }
  /** Reading fails the first time after the `start`-th opening over all instances. */
  | { readonly kind: "first-read"; readonly source: string; readonly start: number }
  /** An operator or a source cannot be opened so many times, after it was opened first. */
  | { readonly kind: "open"; readonly operator: string; readonly times: number }
  /** Whoever comes to a fault point dies there, the `nth` time that somebody does: a thread, or the process. */
  | { readonly kind: "point"; readonly point: string; readonly nth: number }
  /** An operator fails at one item, always. */
  | { readonly kind: "poison"; readonly operator: string; readonly key: string; readonly seq: number };

/** What makes a seed hard without being a fault by itself. */
export interface SwarmPressure {
  /** Of an operator, before its failure is passed on. */
  readonly restartsMax: number;
  readonly restartsWithinMs: number;
  /** Undefined: as it is by default. */
  readonly epochTimeoutMs: number | undefined;
  readonly faults: readonly PlannedFault[];
}

export interface SwarmPlan {
  readonly seed: number;
  readonly guarantee: Guarantee;
  readonly threads: number;
  readonly hangLimitMs: number;
  readonly creditEvents: number;
  readonly epochIntervalMs: number;
  readonly retentionBytes: number;
  readonly backoffMs: number;
  readonly sources: readonly SwarmSource[];
  /** In an order in which each has its inputs before it. */
  readonly steps: readonly SwarmStep[];
  readonly sinks: readonly SwarmSink[];
  readonly faults: readonly SwarmFault[];
  readonly pressure: SwarmPressure;
  /** Undefined: events have no time. */
  readonly time?: SwarmTime;
  /** Operators work in micro-batches; undefined: with events as they come. */
  readonly microBatch?: { readonly intervalMs: number; readonly eventsMax: number };
  /** With how many keys state is kept as objects, and packed with more; undefined: with as many as ever. */
  readonly objectKeysMax?: number;
  /** What is made of its flows beside that; undefined: nothing. */
  readonly branches?: readonly SwarmBranch[];
  /** What takes the place of the job while it runs, one after the other; undefined: nothing. */
  readonly versions?: readonly SwarmVersion[];
  /** How many events its sources have emitted when the job is drained; undefined: it comes to their end. */
  readonly drainAfterEvents?: number;
}
