/** Tables, joins with them and patterns of many keys, whose state is packed, are as those of few: at each step and in each checkpoint. */

import { test } from "vitest";
import { SeededRandom } from "../../runtime/index.ts";
import { min } from "../aggregates/extremes.ts";
import { sum } from "../aggregates/totals.ts";
import type { Key } from "../batch.ts";
import type { OperatorSpec } from "../operator.ts";
import { process } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { match } from "../patterns/match.ts";
import { pattern } from "../patterns/pattern.ts";
import { BothForms } from "../state/packed/fixtures/both-forms.ts";
import type { Timer } from "../time/timer-table.ts";
import { asOfJoin } from "./as-of-join.ts";
import { awaitTable } from "./await-table.ts";
import { type Change, changeBetween } from "./change.ts";
import { groupedAggregate } from "./grouped-aggregate.ts";
import { settleRows } from "./settle-rows.ts";
import { streamAsOfJoin } from "./stream-as-of-join.ts";
import { streamTableJoin } from "./stream-table-join.ts";
import { joinByKey, joinByReference } from "./table-join.ts";
import { tableRows } from "./table-rows.ts";
import { firstRows, topRows } from "./top-rows.ts";

interface Row {
  readonly amount: number;
  readonly text: string;
}

const pairOf = (left: unknown, right: unknown): unknown => [left ?? null, right ?? null];
const amountOf = ({ amount }: Row): number => amount;
const byAmount = (left: Row, right: Row): number => left.amount - right.amount;
const upAndDown = pattern<Row>()
  .begin("up", ({ amount }) => amount > 5)
  .followedByAny("down", ({ amount }) => amount < 3)
  .within(30);

/** Sets timers of both kinds, some of them with names, and takes some back. */
const timers = process(
  () => ({
    onEvent({ amount }: Row, { timers, time = 0, clock }: ProcessContext): void {
      const name = amount % 2 === 0 ? "" : `of ${amount}`;
      timers.setEventTime(time + amount, name);
      if (amount < 4) timers.setProcessingTime(clock.wallMs() + amount, name);
      if (amount % 3 === 0) timers.deleteEventTime(time + amount, name);
    },
    onTimer: (timer: Timer, context: ProcessContext) => context.emit(timer, timer.time),
  }),
  { keyed: true },
);

/** What comes in on each input: events, the changes of a table, or those of a table by groups. */
type Input = "events" | "changes" | "grouped";

type Tested = readonly [name: string, spec: OperatorSpec, inputs: readonly Input[], isSame?: boolean];

const operators: readonly Tested[] = [
  ["a table", tableRows((row: Row) => (row.amount === 0 ? null : row)), ["events"]],
  ["rows that run out by event time", tableRows((row: Row) => row, { ttl: 12 }), ["events"]],
  ["rows that run out by the clock", tableRows((row: Row) => row, { ttl: 12, ttlTime: "processing" }), ["events"]],
  ["a stream with a table", streamTableJoin("left", pairOf), ["events", "changes"]],
  ["a stream with a table that is waited for", awaitTable(streamTableJoin("left", pairOf)), ["events", "changes"]],
  ["a stream with a table as of a time", streamAsOfJoin("left", 10, pairOf), ["events", "changes"]],
  ["two tables by their keys", joinByKey("full", pairOf), ["changes", "changes"]],
  ["two tables by a reference", joinByReference("full", pairOf), ["grouped", "changes"]],
  ["two tables by time", asOfJoin({ leftTime: amountOf, rightTime: amountOf }, pairOf), ["grouped", "grouped"]],
  ["the lowest of each group", groupedAggregate(min(amountOf)), ["grouped"]],
  ["the sum of each group", groupedAggregate(sum(amountOf)), ["grouped"]],
  // Numbers of arrival are given anew where rows are put in order anew.
  [
    "the first rows of each group",
    topRows(2, { order: byAmount }, (row: Row, rank) => [row, rank]),
    ["grouped"],
    false,
  ],
  ["the first row of each group", firstRows(byAmount), ["grouped"], false],
  ["rows that several groups show", settleRows(), ["grouped"]],
  ["timers", timers, ["events"]],
  ["a pattern", match(upAndDown), ["events"]],
  ["a pattern by the clock", match(upAndDown, undefined, { time: "processing" }), ["events"]],
];

const byName = operators.map((tested) => [tested[0], tested] as const);

for (const keysMax of [0, 1, 4]) {
  test.each(byName)(`%s: packed from ${keysMax} keys on as never, over restarts`, async (_, tested) => {
    const [, spec, inputs, isSame] = tested;
    for (let seed = 1; seed <= 2; seed += 1) {
      const random = new SeededRandom(seed * 17 + keysMax);
      const both = await BothForms.open(spec, keysMax);
      const tables = inputs.map(() => new Map<Key, Row>());
      let now = 0;
      for (let count = 0; count < 150; count += 1) {
        const luck = random.next();
        if (luck < 0.06) await both.restart(isSame);
        else if (luck < 0.2) {
          now += Math.floor(random.next() * 10);
          await both.watermark(now);
        } else if (luck < 0.3) await both.advance(Math.floor(random.next() * 10));
        else {
          const input = Math.floor(random.next() * inputs.length);
          const number = Math.floor(random.next() * 24);
          const row = { amount: Math.floor(random.next() * 10), text: `row of ${number}` };
          const time = now + 1 + Math.floor(random.next() * 20) - (random.next() < 0.1 ? 10 : 0);
          const key = `k${number}`;
          if (inputs[input] === "events") {
            await both.feed({ value: row, key, time }, input);
            continue;
          }
          const change = changed(tables[input]!, key, random.next() < 0.3 ? undefined : row);
          if (change === undefined) continue;
          const group = inputs[input] === "grouped" ? `k${number % 12}` : undefined;
          const value = group === undefined ? change : { group, change };
          await both.feed({ value, key: group ?? key, time }, input);
        }
      }
      await both.watermark(now + 1_000);
      await both.restart(isSame);
    }
  });
}

/** The row of a table is another one from now on. */
function changed(table: Map<Key, Row>, key: Key, row: Row | undefined): Change<Row> | undefined {
  const change = changeBetween(key, table.get(key), row);
  if (row === undefined) table.delete(key);
  else table.set(key, row);
  return change;
}
