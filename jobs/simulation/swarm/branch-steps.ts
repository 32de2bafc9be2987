/** branchStep: a branch of a job of the swarm, as the job has it. */

import {
  type Aggregate,
  type CallContext,
  type Change,
  type Key,
  type ProcessContext,
  type ProcessOperator,
  type Rules,
  rowAfter,
  type Timer,
} from "../../../actors/index.ts";
import type { Guarantee } from "../../epochs/guarantee.ts";
import type { StreamBroadcast } from "../../process-maker.ts";
import type { Stream } from "../../stream.ts";
import {
  bare,
  type GroupSum,
  givenUp,
  groupOf,
  groupRow,
  higher,
  isGivenUp,
  type SwarmBranch,
  type SwarmBranchOf,
  toldBy,
  topCount,
} from "./swarm-branch.ts";
import { callMsOf, idOf } from "./swarm-item.ts";
import type { SwarmItem, SwarmPlan, SwarmTime } from "./swarm-plan.ts";
import { eventTimeOf } from "./swarm-time.ts";

type Flow = (name: string) => Stream<SwarmItem>;

/** @param flow the stream of a name */
export function branchStep(
  branch: SwarmBranch,
  flow: Flow,
  { time, guarantee }: Pick<SwarmPlan, "time" | "guarantee">,
): Stream<SwarmItem> {
  const { name, parallelism } = branch;
  const input = flow(branch.input);
  const byKey = input.keyBy(({ key }) => key);
  switch (branch.kind) {
    case "copies":
      return input.broadcast().map(name, (item, { instance }) => toldBy(item, instance), { parallelism });
    case "rules":
      return input.withBroadcast<SwarmItem, SwarmItem>(name, flow(branch.right), () => new RuledOperator(time), {
        parallelism,
      });
    case "timers":
      return byKey.process<SwarmItem>(name, () => new WaitingOperator(branch.delayMs, guarantee), { parallelism });
    case "due":
      return dueStep(branch, byKey, guarantee);
    case "together":
      return byKey
        .aggregate(name, listed, { emit: "end", parallelism })
        .flatMap(`${name}-out`, ({ value }) => value.map(bare));
    case "calls":
      return byKey.mapAsync(name, called, { order: branch.order, concurrency: branch.concurrency, parallelism });
    case "outputs": {
      const { main, even } = input.process<SwarmItem, "even">(name, () => new SortingOperator(), {
        outputs: ["even"],
        parallelism,
      });
      return main.union(even.map(`${name}-even`, (item) => bare(item as SwarmItem)));
    }
    case "letters":
      return lettersStep(branch, input);
    case "table":
      return tableStep(branch, input);
  }
}

/** What comes again may be late, and is told all the same. */
function dueStep(
  { name, parallelism, by }: SwarmBranchOf<"due">,
  byKey: ReturnType<Stream<SwarmItem>["keyBy"]>,
  guarantee: Guarantee,
): Stream<SwarmItem> {
  const due =
    by === "order"
      ? byKey.inOrder(name, { parallelism })
      : byKey.process<SwarmItem>(name, () => new DueOperator(guarantee), { parallelism });
  return due.union(due.late().map(`${name}-late`, (item) => item as SwarmItem)).map(`${name}-out`, bare);
}

async function called(item: SwarmItem, { clock }: CallContext): Promise<SwarmItem> {
  await new Promise<void>((resolve) => clock.after(callMsOf(item), resolve));
  return bare(item);
}

function lettersStep(branch: SwarmBranchOf<"letters">, input: Stream<SwarmItem>): Stream<SwarmItem> {
  const { name, parallelism } = branch;
  const kept = input.flatMap(
    name,
    (item, context) => {
      if (!isGivenUp(item, branch)) return [bare(item)];
      context.deadLetter(item, new Error("left out"));
      return [];
    },
    { parallelism },
  );
  return kept.union(kept.deadLetters().map(`${name}-given-up`, ({ value }) => givenUp(value as SwarmItem)));
}

function tableStep(branch: SwarmBranchOf<"table">, input: Stream<SwarmItem>): Stream<SwarmItem> {
  const { name, parallelism, form } = branch;
  const groups = input
    .asTable(`${name}-items`, idOf, { row: bare, parallelism })
    .groupBy((item) => groupOf(item, branch));
  if (form === "top") {
    const top = groups.topN(name, topCount, { order: higher, parallelism });
    return lastRows(name, top.changes(), parallelism, (row) => row);
  }
  const sums = groups.aggregate(name, form === "running" ? { ...summed, remove } : summed, { parallelism });
  return lastRows(name, sums.changes(), parallelism, (sum, group) => groupRow(group as number, sum));
}

function lastRows<R, K extends Key>(
  name: string,
  changes: Stream<Change<R, K>>,
  parallelism: number,
  tell: (row: R, key: Key) => SwarmItem,
): Stream<SwarmItem> {
  return changes
    .keyBy(({ key }) => key)
    .process<SwarmItem>(`${name}-last`, () => new LastRows<R>(tell), { parallelism });
}

class RuledOperator implements StreamBroadcast<SwarmItem, SwarmItem, SwarmItem> {
  readonly #time: SwarmTime | undefined;

  constructor(time: SwarmTime | undefined) {
    this.#time = time;
  }

  onRule(rule: SwarmItem, rules: Rules<SwarmItem>): void {
    rules.set(idOf(rule), rule);
  }

  onEvent(item: SwarmItem, context: ProcessContext<SwarmItem>): void {
    context.emit(bare(item));
  }

  *onEnd(context: ProcessContext<SwarmItem>, rules: ReadonlyMap<Key, SwarmItem>): Generator<void, void> {
    for (const rule of rules.values()) {
      // A stream has times on all its events or on none.
      const at = this.#time && eventTimeOf(this.#time, rule);
      context.emit(toldBy(rule, context.instance), at);
      if (rule.seq % rulesOfPiece === 0) yield;
    }
  }
}

const rulesOfPiece = 25;

/** Keeps each item until its timer is due. */
class WaitingOperator implements ProcessOperator<SwarmItem, SwarmItem> {
  readonly #delayMs: number;
  readonly #guarantee: Guarantee;

  constructor(delayMs: number, guarantee: Guarantee) {
    this.#delayMs = delayMs;
    this.#guarantee = guarantee;
  }

  onEvent(item: SwarmItem, { state, timers, clock }: ProcessContext<SwarmItem>): void {
    const id = idOf(item);
    state.map<string, SwarmItem>("waiting").set(id, item);
    timers.setProcessingTime(clock.wallMs() + (item.seq % 3) * this.#delayMs, id);
  }

  onTimer({ name }: Timer, context: ProcessContext<SwarmItem>): void {
    tellWaiting(name, context, this.#guarantee);
  }

  onEnd(context: ProcessContext<SwarmItem>): void {
    for (const [, waiting] of context.state.map<string, SwarmItem>("waiting").entries()) {
      for (const item of waiting.values()) context.emit(bare(item));
    }
  }
}

/** Keeps each item until event time has come to it. */
class DueOperator implements ProcessOperator<SwarmItem, SwarmItem> {
  readonly #guarantee: Guarantee;

  constructor(guarantee: Guarantee) {
    this.#guarantee = guarantee;
  }

  onEvent(item: SwarmItem, context: ProcessContext<SwarmItem>): void {
    const { state, timers, time = Number.NEGATIVE_INFINITY, watermark } = context;
    if (time <= watermark) return context.late(item);
    const id = idOf(item);
    state.map<string, SwarmItem>("waiting").set(id, item);
    timers.setEventTime(time, id);
  }

  onTimer({ name }: Timer, context: ProcessContext<SwarmItem>): void {
    tellWaiting(name, context, this.#guarantee);
  }
}

/** Tells what waits under a name, and does so no more. */
function tellWaiting(name: string, context: ProcessContext<SwarmItem>, guarantee: Guarantee): void {
  const waiting = context.state.map<string, SwarmItem>("waiting");
  const item = waiting.get(name);
  waiting.delete(name);
  if (item !== undefined) context.emit(bare(item));
  // An item that comes twice has two timers. Of others a timer that is left makes what no model has.
  else if (guarantee === "exactly-once")
    context.emit({ key: "nothing", seq: 0, lane: ` is due of ${name}`, counts: [] });
}

class SortingOperator implements ProcessOperator<SwarmItem, SwarmItem> {
  onEvent(item: SwarmItem, context: ProcessContext<SwarmItem>): void {
    if (item.seq % 2 === 0) context.emitTo("even", item);
    else context.emit(bare(item));
  }
}

/** Knows the row of each key, and tells it at the end. */
class LastRows<R> implements ProcessOperator<Change<R>, SwarmItem> {
  readonly #tell: (row: R, key: Key) => SwarmItem;

  constructor(tell: (row: R, key: Key) => SwarmItem) {
    this.#tell = tell;
  }

  onEvent(change: Change<R>, { state }: ProcessContext<SwarmItem>): void {
    const row = state.value<R>("row");
    const after = rowAfter(change);
    if (after === undefined) row.clear();
    else row.set(after);
  }

  onEnd(context: ProcessContext<SwarmItem>): void {
    for (const [key, row] of context.state.value<R>("row").entries()) context.emit(this.#tell(row, key));
  }
}

/** The events of a key, in a list that changes, so that it matters who else has it. */
const listed: Aggregate<SwarmItem, SwarmItem[], readonly SwarmItem[]> = {
  create: () => [],
  add(items, item) {
    items.push(item);
    return items;
  },
  merge(into, from) {
    into.push(...from);
    return into;
  },
  finish: (items) => [...items],
};

const summed: Aggregate<SwarmItem, GroupSum, GroupSum> = {
  create: () => ({ count: 0, sum: 0 }),
  add: ({ count, sum }, { seq }) => ({ count: count + 1, sum: sum + seq }),
  finish: (sum) => sum,
};

function remove({ count, sum }: GroupSum, { seq }: SwarmItem): GroupSum {
  return { count: count - 1, sum: sum - seq };
}
