import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import {
  aggregate,
  type Change,
  fileLines,
  fromIterable,
  type Key,
  type Latest,
  type SinkSpec,
  stdout,
  sum,
  upsert,
} from "../actors/index.ts";
import { ActorSystem } from "./actor-system.ts";
import { buildGraph, defineJob } from "./define-job.ts";
import { simulatedExactlyOnce } from "./fixtures/simulated-exactly-once.ts";
import { crash, host, killProcess, type PlannedFault } from "./simulation/fault.ts";
import { TestStorage } from "./store/fixtures/test-storage.ts";
import type { Table } from "./table.ts";
import { table } from "./tables/table-sink.ts";

interface Score {
  readonly player: string;
  readonly team: string;
  readonly points: number;
  /** Not in the game any more. */
  readonly gone: boolean;
}

/** What a player's row is in the end, by the rule: the newest event counts. */
const scores: readonly Score[] = Array.from({ length: 700 }, (_, index) => {
  // Multiplicative steps, so that players, teams and points come in no order.
  const mixed = (index * 7_919) % 1_009;
  return {
    player: `p${mixed % 37}`,
    team: `t${(mixed * 13) % 5}`,
    points: (mixed * 31) % 23,
    gone: mixed % 11 === 0,
  };
});

const rowsAtEnd = new Map<string, Score>();
for (const score of scores) {
  if (score.gone) rowsAtEnd.delete(score.player);
  else rowsAtEnd.set(score.player, score);
}

/** The rows that changes leave, which are held against the rules of changes, per key. */
function contentOf<R>(changes: Iterable<Change<R>>): Map<Key, R> {
  const rows = new Map<Key, R>();
  for (const change of changes) {
    const before = change.kind === "insert" ? undefined : change.before;
    const isRight = isDeepStrictEqual(before, rows.get(change.key));
    expect(isRight, `${change.kind} of ${String(change.key)}`).toBe(true);
    if (change.kind === "delete") rows.delete(change.key);
    else rows.set(change.key, change.after);
  }
  return rows;
}

const plans: readonly (readonly [string, readonly PlannedFault[]])[] = [
  ["without a fault", []],
  ["when it throws and a thread is lost", [crash("teams", 0).after(200), crash(host(1)).at(30)]],
  ["when the process is killed", [killProcess().at(20), killProcess().at(50)]],
];

describe.each([
  [1, plans.slice(0, 1)],
  [4, plans],
] as const)("with parallelism %i", (parallelism, plans) => {
  const job = defineJob("tables", (job) => {
    const players = job
      .source("scores", fromIterable(scores))
      .asTable("players", ({ player }) => player, { row: (score) => (score.gone ? null : score), parallelism });
    const teams = players
      .groupBy(({ team }) => team)
      .aggregate("teams", aggregate({ points: sum(({ points }) => points) }));
    teams.changes().collect("teams-changes");
    players
      .groupBy(({ team }) => team)
      .topN("best", 2, {
        order: (left, right) => right.points - left.points || (left.player < right.player ? -1 : 1),
        result: ({ player, team }, rank) => ({ player, team, rank }),
      })
      .changes()
      .collect("best-changes");
    players
      .join("with-team", teams, ({ player, points }, team) => ({ player, share: points / (team?.points || 1) }), {
        type: "left",
        on: ({ team }) => team,
      })
      .changes()
      .collect("shares");
    players
      .filter("many", ({ points }) => points > 10)
      .map("points", ({ points }) => points)
      .latest("points-now")
      .collect("many-points");
  });

  test.each(plans)(
    "rows are those of the newest events, and what is worked out of them follows, %s",
    async (_, faults) => {
      const simulation = await simulatedExactlyOnce(job, { seed: 3, faults });

      const totals = Map.groupBy(rowsAtEnd.values(), ({ team }) => team);
      const pointsOf = (rows: readonly Score[]) => rows.reduce((all, { points }) => all + points, 0);
      expect(contentOf(simulation.collected<Change<{ points: number }>>("teams-changes"))).toEqual(
        new Map([...totals].map(([team, rows]) => [team, { points: pointsOf(rows) }])),
      );

      const best = [...totals].flatMap(([team, rows]) => {
        const order = (left: Score, right: Score) =>
          right.points - left.points || (left.player < right.player ? -1 : 1);
        const sorted = rows.toSorted(order).slice(0, 2);
        return sorted.map(({ player }, index) => [player, { player, team, rank: index + 1 }] as const);
      });
      expect(contentOf(simulation.collected<Change>("best-changes"))).toEqual(new Map(best));

      const shares = [...rowsAtEnd.values()].map(({ player, team, points }) => {
        return [player, { player, share: points / (pointsOf(totals.get(team) ?? []) || 1) }] as const;
      });
      expect(contentOf(simulation.collected<Change>("shares"))).toEqual(new Map(shares));

      const latest = new Map<Key, number | null>();
      for (const { key, row } of simulation.collected<Latest<number>>("many-points")) latest.set(key, row);
      const many = [...rowsAtEnd.values()].filter(({ points }) => points > 10);
      expect(new Map([...latest].filter(([, row]) => row !== null))).toEqual(
        new Map(many.map(({ player, points }) => [player, points])),
      );
    },
  );
});

const write = () => undefined;

test("a sink that only adds is refused when the job is built", () => {
  const build = (sink: unknown) => {
    return buildGraph(
      defineJob("refusing", (job) => {
        const rows = job.source("scores", fromIterable(scores)).asTable("rows", ({ player }) => player);
        rows.sink("out", sink as SinkSpec<Change<Score, string>>);
      }),
      undefined,
    );
  };

  for (const sink of [stdout(), fileLines("rows.txt"), table<Score>("rows", { columns: ["player"] })]) {
    expect(() => build(sink)).toThrow(
      expect.objectContaining({
        code: "ERR_JOB_SINK_CANNOT_DELETE",
        message: expect.stringMatching(/"out".*changes\(\)/),
      }),
    );
  }
  for (const sink of [
    table<Score>("rows", { columns: ["player"], key: ["player"] }),
    upsert({ key: () => 1, write }),
  ]) {
    expect(build(sink).nodes.at(-1)).toMatchObject({ kind: "sink", label: sink.kind });
  }
});

test("tables of two jobs cannot be joined", () => {
  const one = defineJob("one", (job) => {
    const own = job.source("scores", fromIterable(scores)).asTable("rows", ({ player }) => player);
    defineTwo(own);
  });
  const defineTwo = (foreign: Table<Score, string>) => {
    buildGraph(
      defineJob("two", (job) => {
        const own = job.source("scores", fromIterable(scores)).asTable("rows", ({ player }) => player);
        own
          .join("both", foreign, (left) => left)
          .changes()
          .collect("joined");
      }),
      undefined,
    );
  };

  expect(() => buildGraph(one, undefined)).toThrow(expect.objectContaining({ code: "ERR_JOB_FOREIGN_STREAM" }));
});

test("rows of a table are those of the file, and go when they go", async () => {
  const storage = new TestStorage();
  const teams = defineJob("teams", (job) => {
    job
      .source("scores", fromIterable(scores))
      .asTable("players", ({ player }) => player, { row: (score) => (score.gone ? null : score) })
      .groupBy(({ team }) => team)
      .aggregate(
        "teams",
        sum(({ points }) => points),
      )
      .map("rows", (points, team) => ({ team, points }))
      .sink("file", table("teams", { columns: ["team", "points"], key: ["team"] }));
  });
  await using system = await ActorSystem.start({ threads: 0 });
  const run = await system.submit(teams, { guarantee: "exactly-once", storage: storage.folder });
  await run.completed;

  const database = new DatabaseSync(join(storage.folder, "teams.sqlite"), { readOnly: true });
  const rows = database.prepare("SELECT team, points FROM teams").all() as unknown as {
    team: string;
    points: number;
  }[];
  database.close();
  storage.remove();

  const totals = Map.groupBy(rowsAtEnd.values(), ({ team }) => team);
  expect(new Map(rows.map(({ team, points }) => [team, points]))).toEqual(
    new Map([...totals].map(([team, own]) => [team, own.reduce((all, { points }) => all + points, 0)])),
  );
});
