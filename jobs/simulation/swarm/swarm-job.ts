/** swarmJob: the job of a plan, on what it reads and writes, where faults strike. */

import {
  generate,
  type MapState,
  type ProcessContext,
  type SourceContext,
  type SourceSpec,
  type ValueState,
} from "../../../actors/index.ts";
import { defineJob, type JobDefinition } from "../../define-job.ts";

import type { Job } from "../../job-builder.ts";
import type { Stream } from "../../stream.ts";
import type { AcknowledgedInputs } from "./acknowledged-inputs.ts";
import { branchStep } from "./branch-steps.ts";
import { counted, ghostCount, inLane, isKept, itemOf } from "./swarm-item.ts";
import type { SwarmItem, SwarmPlan, SwarmSink, SwarmSource, SwarmStep } from "./swarm-plan.ts";
import type { SwarmReach } from "./swarm-reach.ts";
import type { SwarmTarget } from "./swarm-target.ts";
import type { SwarmTroubles } from "./swarm-troubles.ts";
import { timedSource, timedStep } from "./timed-steps.ts";

/** @param targets of the transactional sinks, by name */
export function swarmJob(
  plan: SwarmPlan,
  targets: ReadonlyMap<string, SwarmTarget>,
  troubles: SwarmTroubles,
  reach: SwarmReach,
  acknowledged: AcknowledgedInputs,
): JobDefinition<undefined> {
  const seen: Seen = (operator, item) => {
    acknowledged.arrived(item);
    troubles.event(operator, item);
  };
  return defineJob("swarm", (job) => {
    job.supervision({
      restarts: { max: plan.pressure.restartsMax, within: plan.pressure.restartsWithinMs },
      messageRetries: plan.faults.some(({ kind }) => kind === "poison") ? poisonRetries : retriesMax,
      backoff: { min: plan.backoffMs, max: 4 * plan.backoffMs },
    });
    if (plan.microBatch !== undefined) {
      job.microBatch({ interval: plan.microBatch.intervalMs, events: plan.microBatch.eventsMax });
    }
    const flows = new Map<string, Stream<SwarmItem>>();
    const flow = (name: string): Stream<SwarmItem> => flows.get(name) as Stream<SwarmItem>;
    for (const source of plan.sources) {
      flows.set(source.name, timedSource(readFrom(job, source, troubles, reach, acknowledged), source, plan));
    }
    for (const step of plan.steps) {
      const [first, ...others] = step.inputs.map(flow) as [Stream<SwarmItem>, ...Stream<SwarmItem>[]];
      flows.set(step.name, stepOf(step, others.length === 0 ? first : first.union(...others), troubles, seen));
    }
    const { time, guarantee, branches = [] } = plan;
    if (time !== undefined) {
      for (const step of time.steps) flows.set(step.name, timedStep(step, flow, time, guarantee));
    }
    for (const branch of branches) flows.set(branch.name, branchStep(branch, flow, plan));
    for (const sink of plan.sinks) sinkOf(sink, flow(sink.input), targets.get(sink.name));
  });
}

function sinkOf(
  { name, kind, parallelism, eventsMax }: SwarmSink,
  input: Stream<SwarmItem>,
  target?: SwarmTarget,
): void {
  const byKey = input.keyBy(({ key }) => key);
  if (target === undefined) input.toOne().collect(name);
  else if (kind === "transactional") byKey.sink(name, target.sink(), { parallelism });
  else {
    const concurrency = eventsMax;
    byKey.mapAsync(name, (item, context) => target.call(item, context), { parallelism, concurrency });
  }
}

/** Enough for every fault of a plan. */
const retriesMax = 1_000;
const poisonRetries = 2;

function readFrom(
  job: Job,
  source: SwarmSource,
  troubles: SwarmTroubles,
  reach: SwarmReach,
  acknowledged: AcknowledgedInputs,
): Stream<SwarmItem> {
  const { name, parallelism, instances = parallelism, itemCount, form, burst, gapMs } = source;
  if (form === "paced") {
    return job.source(name, pacedSource(source, troubles, reach, acknowledged), { parallelism: instances });
  }
  const rate = (burst * parallelism * 1_000) / gapMs;
  const made = (index: number): SwarmItem =>
    reach.note(itemOf(source, index % parallelism, Math.floor(index / parallelism)));
  // A literal, so that its fields go straight into columns where they can.
  const from = (index: number): SwarmItem => ({
    key: made(index).key,
    seq: Math.floor(index / parallelism),
    lane: "",
    counts: [],
  });
  return job.source(name, generate({ count: itemCount * parallelism, rate, from }), { parallelism: instances });
}

function pacedSource(
  source: SwarmSource,
  troubles: SwarmTroubles,
  reach: SwarmReach,
  acknowledged: AcknowledgedInputs,
): SourceSpec<SwarmItem> {
  const { name, itemCount, burst, gapMs, acknowledges } = source;
  return {
    kind: "paced",
    bounded: true,
    replayable: acknowledges !== "queue",
    acknowledging: acknowledges !== undefined,
    // Some find their way back only from the start, so that channels within a thread keep what they carry.
    seeks: burst % 4 !== 0 && acknowledges !== "queue",
    create: () => {
      let next = 0;
      let dueMs = 0;
      let context: SourceContext;
      return {
        open(given, position) {
          troubles.opened(name);
          context = given;
          const asked = position as number | undefined;
          next = acknowledges === undefined ? (asked ?? 0) : acknowledged.opened(source, given.instance, asked);
        },
        poll(output, eventCountMax) {
          const nowMs = context.clock.monotonicMs();
          if (nowMs < dueMs) return "waiting";
          troubles.read(name);
          const first = next;
          const end = Math.min(itemCount, next + Math.min(eventCountMax, burst));
          for (; next < end; next += 1) output.emit(reach.note(itemOf(source, context.instance, next)));
          if (next === itemCount) {
            // Who starts where nothing is left has read nothing, and whoever has may be lost.
            if (end > first) acknowledged.ended(source, context.instance, nowMs);
            return "end";
          }
          dueMs = nowMs + gapMs;
          context.clock.after(gapMs, () => context.wake());
          return "waiting";
        },
        position: () => next,
        acknowledge: (position) => acknowledged.acknowledge(source, context.instance, position as number),
      };
    },
  };
}

interface Counts {
  readonly byLane: Readonly<Record<string, number>>;
  readonly item: SwarmItem | undefined;
}

/** Called with each item that comes to an operator. */
type Seen = (operator: string, item: SwarmItem) => void;

function stepOf(step: SwarmStep, input: Stream<SwarmItem>, troubles: SwarmTroubles, onItem: Seen): Stream<SwarmItem> {
  const { name } = step;
  const seen = (item: SwarmItem): void => onItem(name, item);
  switch (step.kind) {
    case "map": {
      const grouped = step.grouping === "none" ? input : input[step.grouping]();
      return grouped.map(
        name,
        (item) => {
          seen(item);
          return step.letter === "" ? item : inLane(item, step.letter);
        },
        { parallelism: step.parallelism },
      );
    }
    case "filter":
      return input.filter(name, (item) => {
        seen(item);
        return isKept(item, step.modulo);
      });
    case "flatMap":
      return input.flatMap(name, (item) => {
        seen(item);
        return [...step.letters].map((letter) => inLane(item, letter));
      });
    case "mapAsync":
      return input.mapAsync(
        name,
        async (item) => {
          seen(item);
          for (let round = 0; round < item.seq % 5; round += 1) await null;
          return item;
        },
        { concurrency: step.concurrency },
      );
    case "throttle":
      return input.throttle(name, step.perMs, 1);
    case "hold":
      return input
        .toOne()
        .process<SwarmItem>(name, () => new HoldingOperator(step.itemsOfPiece, seen), { parallelism: 1 });
    case "scan":
      return input
        .keyBy(({ key }) => key)
        .scan(
          name,
          (): Counts => {
            return { byLane: {}, item: undefined };
          },
          ({ byLane }, item): Counts => {
            seen(item);
            const count = (byLane[item.lane] ?? 0) + 1;
            return {
              byLane: { ...byLane, [item.lane]: count },
              item: counted(item, count),
            };
          },
          { parallelism: step.parallelism },
        )
        .map(`${name}-out`, ({ value }) => value.item as SwarmItem);
    case "process":
      return input
        .keyBy(({ key }) => key)
        .process<SwarmItem>(name, () => new CountingOperator(name, troubles, seen), { parallelism: step.parallelism });
  }
}

class CountingOperator {
  readonly #name: string;
  readonly #troubles: SwarmTroubles;
  readonly #seen: (item: SwarmItem) => void;
  #byLane: MapState<string, number> | undefined;
  /** There at every other event of a key, so that state is removed, too. */
  #odd: ValueState<boolean, undefined> | undefined;

  constructor(name: string, troubles: SwarmTroubles, seen: (item: SwarmItem) => void) {
    this.#name = name;
    this.#troubles = troubles;
    this.#seen = seen;
  }

  open({ state }: ProcessContext<SwarmItem>): void {
    this.#troubles.opened(this.#name);
    this.#byLane = state.map("lanes");
    this.#odd = state.value("odd");
  }

  onEvent(item: SwarmItem, context: ProcessContext<SwarmItem>): void {
    // Before any change: those of an event that is given up stay.
    this.#seen(item);
    const lanes = this.#byLane?.all() ?? new Map<string, number>();
    const isOdd = lanes.values().reduce((sum, count) => sum + count, 0) % 2 === 1;
    // What was removed and is there again makes a count that no model has.
    const isGhostly = (this.#odd?.get() !== undefined) !== isOdd;
    const count = (lanes.get(item.lane) ?? 0) + (isGhostly ? ghostCount : 1);
    if (isOdd) this.#odd?.clear();
    else this.#odd?.set(true);
    this.#byLane?.set(item.lane, count);
    context.emit(counted(item, count));
  }
}

class HoldingOperator {
  readonly #itemsOfPiece: number;
  readonly #seen: (item: SwarmItem) => void;

  constructor(itemsOfPiece: number, seen: (item: SwarmItem) => void) {
    this.#itemsOfPiece = itemsOfPiece;
    this.#seen = seen;
  }

  onEvent(item: SwarmItem, { state }: ProcessContext<SwarmItem>): void {
    this.#seen(item);
    state.list<SwarmItem>("held").add(item);
  }

  *onEnd(context: ProcessContext<SwarmItem>): Generator<void, void> {
    let count = 0;
    for (const item of context.state.list<SwarmItem>("held").all()) {
      context.emit(item);
      count += 1;
      if (count % this.#itemsOfPiece === 0) yield;
    }
  }
}
