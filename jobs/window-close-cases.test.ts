/**
 * The cases of rows that are put out once, when event time has passed them or the window that they are in: on the operator, as it is,
 * made again from its state at every item, and in micro-batches; and in a job whose process is killed.
 */

import { expect, test } from "vitest";
import {
  encodeDelta,
  generate,
  inOrder,
  type Key,
  max,
  mergedEntries,
  microBatch,
  type Numbered,
  numbered,
  type OperatorSpec,
  topN,
  tumbling,
  type WindowResult,
  windowOperator,
} from "../actors/index.ts";
import { defineJob } from "./define-job.ts";
import { type CaseEvent, semanticsCases } from "./fixtures/semantics-cases.ts";
import { killProcess } from "./simulation/fault.ts";
import { simulate } from "./simulation/simulate.ts";
import { OperatorHarness } from "./testing/index.ts";

interface Rule {
  readonly spec: OperatorSpec;
  readonly disorderMs: number;
  readonly keyOf?: (event: CaseEvent) => Key;
  /** The row, or rows, that a case writes for a result. */
  readonly rows: (result: unknown) => readonly unknown[];
}

interface Order {
  readonly foo: number;
  readonly bar: number;
}

const minuteMs = 60_000;
const value = (event: CaseEvent) => event.value as number;
const barOf = (event: CaseEvent) => (event.value as Order).bar;

const rules: Readonly<Record<string, Rule>> = {
  "rw-eowc-select": {
    spec: inOrder(),
    disorderMs: 5 * minuteMs,
    keyOf: () => "all",
    rows: (event) => [[(event as CaseEvent).ts, value(event as CaseEvent)]],
  },
  "rw-eowc-row-number": {
    spec: numbered(),
    disorderMs: 5_000,
    keyOf: barOf,
    rows: (result) => {
      const { event, number, rank, denseRank } = result as Numbered<CaseEvent>;
      const { foo, bar } = event.value as Order;
      return [[event.ts, foo, bar, number, rank, denseRank]];
    },
  },
  "rw-eowc-top1-1h": {
    spec: windowOperator(
      tumbling("1h"),
      topN(1, (event: CaseEvent) => -value(event)),
      {},
      false,
    ),
    disorderMs: 5 * minuteMs,
    rows: (result) => {
      const { window, value: top } = result as WindowResult<readonly CaseEvent[]>;
      return top.map((event) => [window.start, value(event)]);
    },
  },
  "rw-eowc-max-1h": {
    spec: windowOperator(tumbling("1h"), max(value), {}, false),
    disorderMs: 5 * minuteMs,
    rows: (result) => [[(result as WindowResult<number>).window.start, (result as WindowResult<number>).value]],
  },
};

const cases = semanticsCases("watermark", "topn").filter(({ id }) => id in rules);

test("every case that is put out when a window closes has a rule", () => {
  expect(cases.map(({ id }) => id)).toEqual(semanticsCases().flatMap(({ id }) => (id.includes("eowc") ? [id] : [])));
});

test.each(
  cases.flatMap((one) =>
    (["as it is", "restored at every item", "in micro-batches"] as const).map((mode) => [one.id, mode, one] as const),
  ),
)("%s, %s", async (id, mode, one) => {
  const { spec, disorderMs, keyOf, rows } = rules[id] as Rule;
  const used = mode === "in micro-batches" ? microBatch(spec, { interval: "1h" }) : spec;
  const deltas: Uint8Array[] = [];
  let harness = await OperatorHarness.open<CaseEvent>(used, { guarantee: "exactly-once" });
  /** What came before it was made again. */
  let before: readonly unknown[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  for (const [index, item] of one.input.entries()) {
    const event = item as CaseEvent;
    newest = Math.max(newest, event.ts!);
    harness.feed([{ value: event, time: event.ts!, ...(keyOf === undefined ? {} : { key: keyOf(event) }) }]);
    // Theirs says that nothing before it follows, ours that nothing at it does, either.
    harness.watermark(newest - disorderMs - 1);
    if (mode !== "as it is") deltas.push(encodeDelta("under test", await harness.barrier(deltas.length + 1)));
    const found = [...before, ...harness.values().flatMap(rows)];
    const expected = one.expected.find(({ after }) => after === index)?.rows;
    if (expected !== undefined) expect(sorted(found)).toEqual(sorted(expected));
    if (mode !== "restored at every item") continue;
    before = found;
    const { watermarkTime } = harness.context;
    harness = await OperatorHarness.open<CaseEvent>(used, {
      guarantee: "exactly-once",
      restore: { entries: mergedEntries(deltas), epoch: deltas.length },
    });
    harness.context.watermarkTime = watermarkTime;
  }
});

interface Step {
  readonly key: number;
  readonly id: number;
  readonly at: number;
}

const stepCount = 400;
const disorderMs = 30;
const keyCount = 5;

/** In bundles that come backwards, two events at each time. */
function stepAt(id: number): Step {
  const turned = id - (id % 20) + (19 - (id % 20));
  return { key: id % keyCount, id, at: 1_000 + Math.floor(turned / 2) };
}

test("in a job whose process is killed every event leaves once, with its number in the order of event time", async () => {
  const job = defineJob("numbers", (job) => {
    const steps = job
      .source("steps", generate({ count: stepCount, from: stepAt }))
      .eventTime("at", { time: ({ at }) => at, outOfOrderness: disorderMs })
      .keyBy(({ key }) => key);
    const results = steps.numbered("numbers", { parallelism: 3 });
    results.collect("numbered");
    results.late().collect("late");
  });

  const simulation = await simulate(job, {
    seed: 3,
    faults: [killProcess().at(12), killProcess().at(30)],
    guarantee: "exactly-once",
    epochInterval: 5,
    creditEvents: 16,
  });

  expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
  expect(simulation.collected("late")).toEqual([]);
  const numbers = simulation.collected<Numbered<Step>>("numbered");
  for (let key = 0; key < keyCount; key += 1) {
    const all = Array.from({ length: stepCount }, (_, id) => stepAt(id)).filter((step) => step.key === key);
    const inTurn = all
      .toSorted((left, right) => left.at - right.at)
      .map((event, index) => ({ event, number: index + 1 }));
    expect(numbers.filter(({ event }) => event.key === key)).toMatchObject(inTurn);
  }
});

function sorted(rows: readonly unknown[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
