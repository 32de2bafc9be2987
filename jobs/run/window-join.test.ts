import { describe, expect, test } from "vitest";
import {
  generate,
  type JoinType,
  session,
  sliding,
  tumbling,
  type WindowJoined,
  windowJoin,
} from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { oneByOne } from "../fixtures/one-by-one.ts";
import { type CaseEvent, type SemanticsCase, semanticsCases } from "../fixtures/semantics-cases.ts";
import { simulatedExactlyOnce } from "../fixtures/simulated-exactly-once.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";
import { OperatorHarness } from "../testing/index.ts";

describe("windows of other engines", () => {
  const cases = semanticsCases("window-join").filter(({ params }) => params.window !== undefined);

  const join = (left: CaseEvent | undefined, right: CaseEvent | undefined) => ({ left, right });
  type Joined = WindowJoined<number, ReturnType<typeof join>>;
  const rulesOf = ({ params }: SemanticsCase) => {
    const { joinType, window, size } = params as {
      readonly joinType: string;
      readonly window: string;
      readonly size: number;
    };
    expect(window).toBe("tumbling");
    return { windows: tumbling(size), type: (joinType.startsWith("full") ? "full" : joinType) as JoinType };
  };
  const rowsOf = (results: readonly Joined[]) => {
    const rows = results.map(({ window, value: { left, right } }) => {
      const side = (event: CaseEvent | undefined) => [event?.key ?? null, event?.value ?? null];
      return JSON.stringify([...side(left), ...side(right), window.start, window.end]);
    });
    return rows.sort();
  };
  const expectedRows = ({ expected }: SemanticsCase) =>
    (expected.at(-1)?.rows ?? []).map((row) => JSON.stringify(row)).sort();

  test.each(cases)("$id", async (given) => {
    const { input } = given;
    const { windows, type } = rulesOf(given);
    const harness = await OperatorHarness.open<CaseEvent, Joined>(windowJoin(windows, join, { type }));
    for (const item of input) {
      if ("value" in item)
        harness.feed([{ value: item, time: item.ts ?? 0, key: item.key ?? 0 }], item.stream === "R" ? 1 : 0);
      else await harness.end();
    }

    expect(rowsOf(harness.values())).toEqual(expectedRows(given));
  });

  test.each(cases)("$id, in jobs under faults", async (given) => {
    const events = given.input.flatMap((item) => ("value" in item ? [item] : []));
    const { windows, type } = rulesOf(given);
    const job = defineJob("cases", (job, parallelism: number) => {
      const all = job
        .source("items", oneByOne(events))
        // Nothing is late: event time stands until the end.
        .eventTime("times", { time: ({ ts = 0 }) => ts, watermark: () => undefined });
      const side = (name: string) =>
        all.filter(name, ({ stream = "L" }) => stream === name).keyBy(({ key }) => key as number);
      side("L").windowJoin("joined", side("R"), windows, join, { type, parallelism }).collect("rows");
    });
    for (const params of [1, 4]) {
      const simulation = await simulate(job, {
        ...{ seed: params, params, guarantee: "exactly-once", epochInterval: 5, threads: 3 },
        faults: [crash("times").after(Math.ceil(events.length / 3)), killProcess().at(60)],
      });

      expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
      expect(simulation.struck.length).toBeGreaterThan(0);
      expect(rowsOf(simulation.collected<Joined>("rows"))).toEqual(expectedRows(given));
    }
  });
});

interface Reading {
  readonly key: number;
  readonly time: number;
  readonly id: string;
}

const eventCount = 300;
const keyCount = 7;
const disorderMs = 40;
const windows = { tumbling: tumbling(50), sliding: sliding(60, 25), session: session(25) };

/** In disorder, and in places with nobody near. */
function reading(side: "l" | "r", number: number): Reading {
  const stride = side === "l" ? 13 : 17;
  return {
    key: (number * stride) % keyCount,
    time: number * 10 + ((number * stride) % 5) * 10,
    id: `${side}${number}`,
  };
}

interface JoinParams {
  readonly kind: keyof typeof windows;
  readonly parallelism: number;
}

const job = defineJob("readings", (job, { kind, parallelism }: JoinParams) => {
  const [left, right] = (["l", "r"] as const).map((side) =>
    job
      .source(`source-${side}`, generate({ count: eventCount }))
      .map(`reading-${side}`, (number) => reading(side, number))
      .eventTime(`time-${side}`, { time: ({ time }) => time, outOfOrderness: disorderMs })
      .keyBy(({ key }) => key),
  );
  const join = (one: Reading | undefined, other: Reading | undefined) => `${one?.id ?? "-"} ${other?.id ?? "-"}`;
  const joined = left!.windowJoin("joined", right!, windows[kind], join, { type: "full", parallelism });
  joined.map("line", ({ key, window, value }) => `${key} [${window.start}, ${window.end}) ${value}`).collect("all");
  joined.late().collect("late");
});

/** By looking through all windows there are. */
function expected(kind: JoinParams["kind"]): readonly string[] {
  const all = (["l", "r"] as const).flatMap((side) =>
    Array.from({ length: eventCount }, (_, number) => reading(side, number)),
  );
  const lines: string[] = [];
  for (let key = 0; key < keyCount; key += 1) {
    const own = all.filter((event) => event.key === key).toSorted((one, other) => one.time - other.time);
    for (const { start, end } of kind === "session"
      ? sessionsOf(own)
      : fixedWindows(kind === "sliding" ? 60 : 50, kind === "sliding" ? 25 : 50)) {
      const inside = own.filter(({ time }) => time >= start && time < end).map(({ id }) => id);
      const [lefts, rights] = [inside.filter((id) => id.startsWith("l")), inside.filter((id) => id.startsWith("r"))];
      const sides = [lefts.length === 0 ? ["-"] : lefts, rights.length === 0 ? ["-"] : rights] as const;
      if (inside.length === 0) continue;
      for (const one of sides[0]) for (const other of sides[1]) lines.push(`${key} [${start}, ${end}) ${one} ${other}`);
    }
  }
  return lines.sort();
}

function fixedWindows(size: number, slide: number) {
  return Array.from({ length: 400 }, (_, index) => ({ start: (index - 10) * slide, end: (index - 10) * slide + size }));
}

function sessionsOf(events: readonly Reading[]) {
  const found: { start: number; end: number }[] = [];
  for (const { time } of events) {
    const last = found.at(-1);
    if (last === undefined || time >= last.end) found.push({ start: time, end: time + 25 });
    else last.end = time + 25;
  }
  return found;
}

const plans: Readonly<Record<string, readonly PlannedFault[]>> = {
  "without a fault": [],
  "when it throws and threads are lost": [crash("joined", 0).after(60), crash(host(1)).at(30), crash(host(2)).at(60)],
  "when the process is killed": [killProcess().at(20), killProcess().at(45)],
};

describe.each(["tumbling", "sliding", "session"] as const)("the full join of %s windows", (kind) => {
  test.each(
    Object.entries(plans).flatMap(([name, faults]) => [1, 4].map((parallelism) => ({ name, faults, parallelism }))),
  )("is that of their events, $name, on $parallelism instances", async ({ faults, parallelism }) => {
    const simulation = await simulatedExactlyOnce(job, { seed: 13, faults, params: { kind, parallelism } });

    expect(simulation.collected("late")).toEqual([]);
    expect([...simulation.collected<string>("all")].sort()).toEqual(expected(kind));
  });
});
