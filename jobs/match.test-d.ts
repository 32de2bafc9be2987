/** What the compiler knows of patterns and their matches. Checked by `tsc`, never run. */

import { expectTypeOf } from "vitest";
import { type Match, pattern, type TimedOut } from "../actors/index.ts";
import { defineJob } from "./define-job.ts";
import { sampleSink, sampleSource } from "./fixtures/sample-specs.ts";
import type { Stream } from "./stream.ts";

interface Card {
  readonly kind: "card";
  readonly user: string;
  readonly cents: number;
}
interface Login {
  readonly kind: "login";
  readonly user: string;
  readonly ok: boolean;
}
type Action = Card | Login;

const start = pattern<Action>().begin("failed", (action): action is Login => action.kind === "login" && !action.ok);

const attack = start
  .timesOrMore(3)
  .notFollowedBy("success", (action, { failed }) => {
    expectTypeOf(failed).toEqualTypeOf<readonly Login[]>();
    return action.kind === "login" && action.ok;
  })
  .followedBy("small", (action, { failed, small }) => {
    expectTypeOf(failed).toEqualTypeOf<readonly Login[]>();
    expectTypeOf(small).toEqualTypeOf<readonly Action[] | undefined>();
    return action.kind === "card" && action.cents < failed.length;
  })
  .optional()
  .followedByAny("big", (action, { small }): action is Card => {
    expectTypeOf(small).toEqualTypeOf<readonly Action[] | undefined>();
    return action.kind === "card";
  })
  .within("1h")
  .afterMatch({ skipToFirst: "big" });

interface Attack {
  readonly failed: readonly Login[];
  readonly small?: readonly Action[];
  readonly big: readonly Card[];
}

defineJob("types", (job) => {
  const actions = job.source("actions", sampleSource<Action>()).keyBy(({ user }) => user);

  // What a match holds
  expectTypeOf(actions.match("whole", attack)).toExtend<Stream<Match<Attack, string>>>();
  expectTypeOf(actions.match("options", attack, { time: "processing", parallelism: 2 })).toExtend<
    Stream<Match<Attack, string>>
  >();
  const users = actions.match("users", attack, ({ key, captured, time }) => {
    expectTypeOf(key).toEqualTypeOf<string>();
    expectTypeOf(captured.failed).toEqualTypeOf<readonly Login[]>();
    expectTypeOf(captured.small).toEqualTypeOf<readonly Action[] | undefined>();
    expectTypeOf(captured.big).toEqualTypeOf<readonly Card[]>();
    expectTypeOf(time).toEqualTypeOf<number | undefined>();
    // @ts-expect-error a negative captures nothing
    return captured.success ?? key;
  });
  expectTypeOf(users).toExtend<Stream<unknown>>();
  expectTypeOf(users.late()).toEqualTypeOf<Stream<Action>>();
  expectTypeOf(users.timedOut()).toExtend<Stream<TimedOut<Partial<Attack>, string>>>();
  users.timedOut().map("start", ({ captured }) => {
    expectTypeOf(captured.failed).toEqualTypeOf<readonly Login[] | undefined>();
    return captured;
  });
  users.sink("out", sampleSink());

  // times(0, max) is optional, too
  const maybe = start.times(0, 2).next("card", (action): action is Card => action.kind === "card");
  actions.match("maybe", maybe, ({ captured }) => {
    expectTypeOf(captured.failed).toEqualTypeOf<readonly Login[] | undefined>();
    expectTypeOf(captured.card).toEqualTypeOf<readonly Card[]>();
    return 1;
  });

  // A pattern of more events than the stream has will do, one of others will not
  const logins = job
    .source("logins", sampleSource<Login>())
    .keyBy(({ user }) => user)
    .match("of-logins", attack);
  expectTypeOf(logins).toExtend<Stream<Match<Attack, string>>>();
  job
    .source("numbers", sampleSource<number>())
    .keyBy((number) => number)
    // @ts-expect-error a pattern of other events
    .match("of-numbers", attack);

  // @ts-expect-error a field that the event does not have
  start.next("wrong", (action) => action.cent > 1);
  // @ts-expect-error a stage that is not there
  start.afterMatch({ skipToLast: "filed" });
  // @ts-expect-error a negative has no quantifier
  start.notNext("no", () => true).oneOrMore();
  // @ts-expect-error a pattern begins with begin
  pattern<Action>().next("first", () => true);
  // @ts-expect-error an option that does not exist
  actions.match("option", attack, { tiem: "processing" });
});
