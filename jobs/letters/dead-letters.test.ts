import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type EventDeadLetter, fromIterable, generate } from "../../actors/index.ts";
import type { DeadLetter } from "../../runtime/index.ts";
import { ActorSystem, type SubmitOptions } from "../actor-system.ts";
import { buildGraph, defineJob } from "../define-job.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import type { Job } from "../job-builder.ts";
import { command } from "./fixtures/command.ts";

const epochs = { guarantee: "exactly-once", epochInterval: 5 } as const;

async function run(describeJob: (job: Job) => void, options: SubmitOptions<undefined> = epochs) {
  await using system = await ActorSystem.start({ threads: 0 });
  const handle = await system.submit(defineJob("letters", describeJob), options);
  const error: unknown = await handle.completed.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { handle, error, letters: handle.deadLetters.list() };
}

/** Fails at multiples of `divisor`, for good. */
function failAt(divisor: number): (number: number) => number {
  return (number) => {
    if (number % divisor === 0) throw new RangeError(`no ${number}`);
    return number;
  };
}

describe("a dead letter", () => {
  test("says what failed, where, why, how often and when", async () => {
    const { letters, handle } = await run((job) => {
      job
        .source("numbers", generate({ count: 100, from: (index) => index + 1 }))
        .map("picky", failAt(50), { supervision: { messageRetries: 2 } })
        .keyBy((number) => number % 2)
        .scan(
          "sum",
          () => 0,
          (sum, number) => sum + failAt(30)(number),
          { supervision: "resume" },
        )
        .collect("sums");
    });

    const summary = letters.map(({ operator, value, key, attempts }) => ({ operator, value, key, attempts }));
    expect(summary.sort((left, right) => Number(left.value) - Number(right.value))).toEqual([
      { operator: "sum", value: 30, key: 0, attempts: 1 },
      { operator: "picky", value: 50, key: undefined, attempts: 3 },
      { operator: "sum", value: 60, key: 0, attempts: 1 },
      { operator: "sum", value: 90, key: 0, attempts: 1 },
      { operator: "picky", value: 100, key: undefined, attempts: 3 },
    ]);
    expect(letters.find(({ value }) => value === 50)).toMatchObject({
      to: "millrace://millrace/letters/picky/0",
      instance: 0,
      batchIndex: expect.any(Number),
      epoch: expect.any(Number),
      atMs: expect.any(Number),
      time: undefined,
      resubmittable: true,
      error: { name: "RangeError", message: "no 50", stack: expect.stringContaining("RangeError: no 50") },
    });
    expect(new Set(letters.map(({ id }) => id)).size).toBe(5);
    expect(handle.collected("sums")).toHaveLength(95);
  });

  test("of an event that is too large, or no data, holds a text, and cannot be resubmitted", async () => {
    const { letters } = await run((job) => {
      job
        .source("values", fromIterable([["x".repeat(100_000)], [() => 1]] as unknown[]))
        .map(
          "fails",
          () => {
            throw new Error("no");
          },
          { supervision: "resume" },
        )
        .collect("never");
    });

    expect(letters.map(({ resubmittable }) => resubmittable)).toEqual([false, false]);
    for (const { value } of letters) expect(String(value).length).toBeLessThan(200);
  });
});

describe("dead letters as a stream", () => {
  const split = (letters: readonly EventDeadLetter[]) => letters.map(({ operator, value }) => `${operator} ${value}`);

  test.each<Guarantee>(["at-most-once", "at-least-once", "exactly-once"])(
    "leave from the middle of a chain, from a source and from a sink, under %s",
    async (guarantee) => {
      const { handle, error } = await run(
        (job) => {
          const numbers = job.source("numbers", fromIterable([1, 2, 3, 4, 5, 6]));
          const odd = numbers.map("odd", failAt(2), { supervision: "resume" });
          const end = odd
            .map("all", (number) => number)
            .sink("sink", { kind: "test", create: () => failingSink(3) }, { supervision: "resume" });
          odd.deadLetters().collect("even");
          end
            .deadLetters()
            .map("value", ({ value }) => value)
            .collect("threes");
          job.deadLetters().collect("all-letters");
        },
        { guarantee, epochInterval: 5 },
      );

      expect(error).toBeUndefined();
      expect(split(handle.collected("even"))).toEqual(["odd 2", "odd 4", "odd 6"]);
      expect(handle.collected("threes")).toEqual([3]);
      expect(split(handle.collected("all-letters")).sort()).toEqual(["odd 2", "odd 4", "odd 6", "sink 3"]);
    },
  );

  test("do not break a chain", async () => {
    const { handle } = await run((job) => {
      const odd = job.source("numbers", fromIterable([1, 2])).map("odd", failAt(2), { supervision: "resume" });
      odd.deadLetters().collect("even");
      odd.map("next", (number) => number).collect("odds");
    });

    const report = await handle.report();
    expect(report.operators.map(({ name, total }) => `${name} ${total.in} ${total.out} ${total.deadLetters}`)).toEqual([
      "numbers 0 2 0",
      "odd 2 1 1",
      "even 1 0 0",
      "next 1 1 0",
      "odds 1 0 0",
    ]);
  });

  test("that cannot be handed on are kept, and make no further letters of themselves", async () => {
    const { letters, error } = await run((job) => {
      const odd = job.source("numbers", fromIterable([1, 2])).map("odd", failAt(2), { supervision: "resume" });
      odd
        .deadLetters()
        .partitionBy(() => 7)
        .map("never", (letter) => letter)
        .collect("even");
      odd.collect("odds");
    });

    expect(error).toBeUndefined();
    expect(letters).toMatchObject([
      { value: 2, error: { name: "RangeError" } },
      { value: { value: 2 }, error: { code: "ERR_ACT_PARTITION" }, resubmittable: false },
    ]);
  });
});

function failingSink(bad: number) {
  return {
    onBatch(
      { values }: { readonly values: readonly unknown[] },
      from: number,
      to: number,
      output: { begin(index: number): void },
    ) {
      for (let index = from; index < to; index += 1) {
        output.begin(index);
        if (values[index] === bad) throw new Error("bad");
      }
    },
  };
}

describe("an event that always fails", () => {
  test("fails the run after its retries, where the job wants that", async () => {
    const { error, letters } = await run((job) => {
      job
        .source("numbers", generate({ count: 100, from: (index) => index + 1 }))
        .map("picky", failAt(50), { supervision: { messageRetries: 1, whenRetriesSpent: "stop" } })
        .collect("all");
    });

    expect(error).toMatchObject({ code: "ERR_JOB_FAILED", message: expect.stringContaining("no 50") });
    expect(letters).toEqual([]);
  });

  test("costs nothing of the restarts that its operator has, however many there are", async () => {
    const { error, letters, handle } = await run((job) => {
      job
        .source("numbers", generate({ count: 1_000, from: (index) => index + 1 }))
        .map("picky", failAt(50), { supervision: { messageRetries: 1, restarts: { max: 1, within: "1h" } } })
        .collect("all");
    });

    expect(error).toBeUndefined();
    expect(letters.map(({ value, attempts }) => [value, attempts])).toEqual(
      Array.from({ length: 20 }, (_, index) => [50 * (index + 1), 2]),
    );
    expect(handle.collected("all")).toHaveLength(980);
  });

  test.each([{ whenRetriesSpent: "never" }, { messageRetries: -1 }])("%o is refused", (supervision) => {
    expect(() =>
      buildGraph(
        defineJob("letters", (job) => {
          job.source("numbers", fromIterable([1])).map("picky", failAt(2), { supervision: supervision as never });
        }),
        undefined,
      ),
    ).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  });
});

describe("a flood of dead letters", () => {
  const flood = (job: Job) => {
    job
      .source("numbers", generate({ count: 1_000 }))
      .shuffle()
      .map("all-fail", failAt(1), { supervision: "resume" })
      .collect("none");
  };

  test("fails the run, by name", async () => {
    const { error } = await run(flood, { ...epochs, epochInterval: "1h", deadLetters: { perEpoch: 100 } });

    expect(error).toMatchObject({
      code: "ERR_JOB_FAILED",
      cause: { cause: { code: "ERR_ACT_OPERATOR_FAILED", cause: { code: "ERR_ACT_DEAD_LETTERS" } } },
    });
    expect(String((error as Error).message)).toMatch(/all-fail.* gave up 101 events .* RangeError: no 100/);
  });

  test("is counted, where the job wants that", async () => {
    const deadLetters = { perEpoch: 100, beyond: "count", kept: 50 } as const;
    const { error, handle, letters } = await run(flood, { ...epochs, deadLetters });

    expect(error).toBeUndefined();
    expect(letters).toHaveLength(50);
    expect(handle.deadLetters.droppedCount).toBeGreaterThan(0);
    const report = await handle.report();
    expect(report.operators.find(({ name }) => name === "all-fail")?.total.deadLetters).toBe(1_000);
  });

  test("of a source lets it wait for checkpoints, and none is lost", async () => {
    const { error, letters } = await run(
      (job) => {
        job
          .source("numbers", generate({ count: 6_000 }), { supervision: "resume" })
          .map("all-fail", failAt(1), { supervision: "resume" })
          .collect("none");
      },
      { ...epochs, epochInterval: "1h", deadLetters: { perEpoch: 4_500 } },
    );

    expect(error).toBeUndefined();
    expect(letters.map(({ value }) => value)).toEqual(Array.from({ length: 6_000 }, (_, index) => index));
  });
});

describe("resubmitted while the job runs,", () => {
  test.each<Guarantee>(["at-most-once", "at-least-once", "exactly-once"])(
    "an event is taken again, under %s",
    async (guarantee) => {
      let isFixed = false;
      await using system = await ActorSystem.start({ threads: 0 });
      const job = defineJob("letters", (builder) => {
        builder
          .source("numbers", generate({ rate: 2_000 }))
          .map("same", (number) => number)
          .map(
            "picky",
            (number) => {
              if (number === 7 && !isFixed) throw new RangeError("no 7");
              return number;
            },
            { supervision: "resume" },
          )
          .collect("all");
      });
      const handle = await system.submit(job, { guarantee, epochInterval: 5 });
      const letter = await new Promise<DeadLetter>((resolve) => system.deadLetters.subscribe(resolve));
      const [kept] = handle.deadLetters.list();
      expect(kept).toEqual(letter);
      isFixed = true;

      await handle.deadLetters.resubmit([kept?.id ?? ""]);
      await handle.drain();

      const all = handle.collected<number>("all");
      expect(all.filter((number) => number === 7)).toEqual([7]);
      expect(handle.deadLetters.list()).toEqual([]);
      expect([...all].sort((left, right) => left - right)).toEqual(all.map((_, index) => index));
    },
  );

  test("an event that lets another operator fail before a checkpoint holds it is taken again, and counts once", async () => {
    let isFixed = false;
    let failures = 0;
    await using system = await ActorSystem.start({ threads: 0 });
    const job = defineJob("letters", (builder) => {
      builder
        .source("numbers", generate({ rate: 2_000 }))
        .map("picky", (number) => (isFixed ? number : failAt(7)(number + 7) - 7))
        .map("fragile", (number) => {
          if (number === 0 && failures < 2) {
            failures += 1;
            throw new RangeError("not yet");
          }
          return number;
        })
        .collect("all");
    });
    const handle = await system.submit(job, epochs);
    await new Promise<DeadLetter>((resolve) => system.deadLetters.subscribe(resolve));
    isFixed = true;

    const ids = handle.deadLetters.list().map(({ id }) => id);
    await handle.deadLetters.resubmit(ids.slice(0, 1));
    await handle.drain();

    expect(failures).toBe(2);
    expect(handle.collected("all").filter((number) => number === 0)).toEqual([0]);
  });

  test("one that is not there, or whose operator has ended, is refused", async () => {
    const { handle, letters } = await run((job) => {
      job
        .source("numbers", fromIterable([1, 2]))
        .map("odd", failAt(2), { supervision: "resume" })
        .collect("odds");
    });

    await expect(handle.deadLetters.resubmit(["unknown"])).rejects.toMatchObject({ code: "ERR_JOB_DEAD_LETTER" });
    await expect(handle.deadLetters.resubmit([letters[0]?.id ?? ""])).rejects.toMatchObject({
      code: "ERR_JOB_DEAD_LETTER",
      message: expect.stringContaining("has ended"),
    });
  });
});

describe.each<Guarantee>(["at-most-once", "exactly-once"])(
  "resubmitted when the run has been cancelled, under %s,",
  (guarantee) => {
    test("an event is refused, and its letter stays", async () => {
      await using system = await ActorSystem.start({ threads: 0 });
      const job = defineJob("letters", (builder) => {
        builder
          .source("numbers", generate({ rate: 2_000 }))
          .map("odd", failAt(2), { supervision: "resume" })
          .collect("odds");
      });
      const handle = await system.submit(job, { guarantee, epochInterval: 5 });
      await new Promise<DeadLetter>((resolve) => system.deadLetters.subscribe(resolve));
      await handle.cancel();
      const ids = handle.deadLetters.list().map(({ id }) => id);

      await expect(handle.deadLetters.resubmit(ids)).rejects.toMatchObject({
        code: "ERR_JOB_DEAD_LETTER",
        message: expect.stringContaining("it stays"),
      });

      expect(ids.length).toBeGreaterThan(0);
      expect(handle.deadLetters.list().map(({ id }) => id)).toEqual(ids);
    });
  },
);

describe("with storage", () => {
  let storage: string;
  beforeEach(() => {
    storage = mkdtempSync(join(tmpdir(), "millrace-letters-"));
  });
  afterEach(() => rmSync(storage, { recursive: true }));

  /** Counts by key, then fails at some totals, then collects what passes. */
  function totals(bad: (count: number) => boolean) {
    return (job: Job) => {
      job
        .source("numbers", generate({ count: 6 }))
        .keyBy((number) => number % 3)
        .count("count", { emit: "end" })
        .map("check", ({ key, count }) => {
          if (bad(key)) throw new RangeError(`bad ${key}`);
          return `${key}: ${count}`;
        })
        .map("loud", (text) => `${text}!`)
        .collect("all");
    };
  }

  test("letters of an earlier run are there", async () => {
    const first = await run(
      totals((key) => key === 1),
      { ...epochs, storage },
    );
    const second = await run(
      totals((key) => key === 1),
      { ...epochs, storage },
    );

    expect(second.letters).toEqual(first.letters);
    expect(second.letters).toMatchObject([{ operator: "check", value: { key: 1, count: 2 } }]);
  });

  test.each<Guarantee>(["at-least-once", "exactly-once"])(
    "a letter is taken when all has ended, by its operator and those behind it only, under %s",
    async (guarantee) => {
      // given a run that has ended, with a letter in the middle of a chain, behind an operator that speaks at its end
      const options = { ...epochs, guarantee, storage };
      const { handle } = await run(
        totals((key) => key === 1),
        options,
      );
      expect(handle.collected("all")).toEqual(["0: 2!", "2: 2!"]);
      expect((await millrace("resubmit", "letters", "--operator", "check")).exitCode).toBe(0);

      // when it goes on, mended
      const { handle: mended, letters } = await run(
        totals(() => false),
        options,
      );

      // then the one before has not spoken again
      expect(mended.collected("all")).toEqual(["0: 2!", "2: 2!", "1: 2!"]);
      expect(letters).toEqual([]);
    },
  );

  test("a letter goes to its operator under the name that it has now, also two versions later", async () => {
    const named = (name: string, renamedFrom: string | undefined, isMended: boolean) => (job: Job) => {
      const options = { supervision: "resume", ...(renamedFrom === undefined ? {} : { renamedFrom }) } as const;
      job
        .source("numbers", generate({ count: 3 }))
        .map(name, isMended ? (number) => number : failAt(2), options)
        .collect("all");
    };
    await run(named("first", undefined, false), { ...epochs, storage });
    await run(named("second", "first", false), { ...epochs, storage });
    await millrace("resubmit", "letters", "--all");

    const { handle, letters } = await run(named("third", "second", true), { ...epochs, storage });

    expect([...handle.collected<number>("all")].sort()).toEqual([0, 1, 2]);
    expect(letters).toEqual([]);
  });

  test("one that fails again is a letter again", async () => {
    const [letter] = (
      await run(
        totals((key) => key === 1),
        { ...epochs, storage },
      )
    ).letters;
    await millrace("resubmit", "letters", "--all");

    const { letters } = await run(
      totals((key) => key === 1),
      { ...epochs, storage },
    );

    expect(letters).toMatchObject([{ operator: "check", value: { key: 1, count: 2 } }]);
    expect(letters[0]?.id).not.toBe(letter?.id);
  });

  test("those for which there was no room are counted over all runs", async () => {
    const options = { ...epochs, storage, deadLetters: { kept: 2 } };
    const failing = totals((key) => key < 3);
    const countOf = async (more: typeof failing) => (await run(more, options)).handle.deadLetters.droppedCount;

    expect(await countOf(failing)).toBe(1);
    expect((await millrace("list", "letters")).out).toContain("\n1 more was dropped, because there was no room\n");
    await millrace("resubmit", "letters", "--all");

    // given another version, whose checkpoint holds everything anew
    const another = (job: Job) => {
      failing(job);
      job.source("more", fromIterable([1])).collect("others");
    };
    expect(await countOf(another)).toBeGreaterThanOrEqual(1);
    expect((await millrace("list", "letters", "--json")).out).toMatch(/"droppedCount": [1-9]/);
  });

  test("the command line lists and shows them, and has them deleted", async () => {
    const { letters } = await run(
      totals((key) => key < 2),
      { ...epochs, storage },
    );
    const [first = "", second = ""] = letters.map(({ id }) => id);

    const { out: list } = await millrace("list", "letters");
    expect(list).toMatch(/^job letters: 2 dead letters\nid +operator +age +attempts +status +event +error\n/);
    expect(list).toMatch(new RegExp(`\\n${first} +check/0 .* 4 +\\{"key":0,"count":2\\} +RangeError: bad 0`));

    const { out: shown } = await millrace("show", "letters", second.slice(0, 12));
    expect(shown).toContain("millrace://millrace/letters/check/0");
    expect(shown).toContain("RangeError: bad 1\n");
    expect(JSON.parse((await millrace("show", "letters", second, "--json")).out)).toMatchObject({
      id: second,
      value: { key: 1, count: 2 },
      error: { name: "RangeError" },
    });

    expect((await millrace("delete", "letters", first)).out).toBe(
      "1 dead letter of job letters will be gone with the next checkpoint\n",
    );
    expect((await millrace("list", "letters")).out).toContain("job letters: 1 dead letter\n");
    expect(
      (
        await run(
          totals(() => false),
          { ...epochs, storage },
        )
      ).letters.map(({ id }) => id),
    ).toEqual([second]);
  });

  test.each([
    [["show", "letters", "nobody"], "ERR_JOB_DEAD_LETTER"],
    [["resubmit", "letters"], "ERR_JOB_USAGE"],
    [["resubmit", "letters", "nobody", "--all"], "ERR_JOB_USAGE"],
    [["list", "another"], "ERR_JOB_STORAGE"],
    [["list", "letters", "--limit", "none"], "ERR_JOB_USAGE"],
  ])("%j is refused", async (given, code) => {
    await run(
      totals(() => false),
      { ...epochs, storage },
    );

    const { exitCode, out } = await millrace(...given);

    expect(exitCode).not.toBe(0);
    expect(out).toContain(code);
  });

  test("a job that runs takes what was marked on the command line with its next checkpoint", async () => {
    let isFixed = false;
    await using system = await ActorSystem.start({ threads: 0 });
    const job = defineJob("letters", (builder) => {
      builder
        .source("numbers", generate({ rate: 2_000 }))
        .map("picky", (number) => (isFixed || number > 0 ? number : failAt(7)(7)))
        .collect("all");
    });
    const handle = await system.submit(job, { ...epochs, storage });
    const letter = await new Promise<DeadLetter>((resolve) => system.deadLetters.subscribe(resolve));
    isFixed = true;

    expect((await millrace("resubmit", "letters", "--all")).out).toContain("with the next checkpoint");
    await vi.waitFor(() => expect(handle.deadLetters.list()).toEqual([]));
    await handle.drain();

    expect(handle.collected("all").filter((number) => number === letter.value)).toHaveLength(1);
  });

  function millrace(...given: string[]) {
    return command("dead-letters", ...given, "--storage", storage);
  }
});
