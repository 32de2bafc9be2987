import { describe, expect, test } from "vitest";
import { defineTransactionalSink, generate, type SinkSpec } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import {
  crash,
  exit,
  fail,
  failCommit,
  failStart,
  type HangWay,
  hang,
  host,
  jumpClock,
  overflowHeap,
  type PlannedFault,
  poison,
  stall,
  strayReject,
  strayThrow,
} from "./fault.ts";
import { isPoison } from "./poison-rule.ts";
import { simulate } from "./simulate.ts";
import { type ThrownKind, thrownKinds } from "./thrown-value.ts";

const eventCount = 600;
const all = Array.from({ length: eventCount }, (_, number) => number);

interface Transaction {
  readonly name: string;
  readonly rows: number[];
}

/** A job whose sink commits into an array that outlives threads. */
function committing() {
  const committed = new Map<string, readonly number[]>();
  const sink: SinkSpec<number> = defineTransactionalSink<number, Transaction, Transaction>({
    kind: "array",
    create: () => ({
      begin: (name) => ({ name, rows: [] }),
      write: ({ rows }, more) => void rows.push(...more),
      prepare: (transaction) => transaction,
      commit: ({ name, rows }) => void committed.set(name, rows),
    }),
  });
  const job = defineJob("committing", (builder) => {
    builder
      .source("numbers", generate({ count: eventCount }))
      .map("same", (number) => number, { parallelism: 2 })
      .toOne()
      .sink("array", sink);
  });
  return { job, shown: () => [...committed.values()].flat().toSorted((left, right) => left - right) };
}

function run(seed: number, faults: readonly PlannedFault[]) {
  const { job, shown } = committing();
  const simulated = simulate(job, { seed, faults, epochInterval: 10, creditEvents: 32 });
  return simulated.then((simulation) => ({ simulation, shown: shown() }));
}

describe("under exactly-once nothing is missing or doubled when", () => {
  test.each<[string, readonly PlannedFault[]]>([
    ["a thread exits with 0", [exit("same", 1).after(50)]],
    ["a thread exits with a code", [exit(host(1), 7).at(3)]],
    ["a stray callback throws", [strayThrow("same").after(60)]],
    ["a stray promise rejects", [strayReject("same", 1).throwing("undefined").after(60)]],
    ["a thread overflows its heap", [overflowHeap("same").after(70)]],
    ["an operator cannot be opened again at first", [failStart("same").times(2).after(49), crash("same").after(50)]],
    ["a sink takes nothing for a while", [stall("array").for("3s").after(50)]],
    ["an operator in the middle takes nothing", [stall("same", 1).for("3s").after(50)]],
    ["transactions cannot be committed at first", [failCommit("array").times(5).at(1)]],
  ])("%s", async (_what, faults) => {
    for (let seed = 0; seed < 5; seed += 1) {
      const { simulation, shown } = await run(seed, faults);

      expect(simulation, `seed ${seed}`).toMatchObject({ status: "completed", assertions: [] });
      expect(simulation.struck, `seed ${seed}`).toHaveLength(faults.length);
      expect(shown, `seed ${seed}`).toEqual(all);
    }
  });

  test.each(thrownKinds)("an operator or a stray callback throws a value that is: %s", async (thrown) => {
    const faults = [fail("same").throwing(thrown).after(20), strayThrow("same", 1).throwing(thrown).after(40)];

    const { simulation, shown } = await run(1, faults);

    expect(simulation).toMatchObject({ status: "completed", assertions: [] });
    expect(simulation.struck).toHaveLength(2);
    expect(shown).toEqual(all);
  });
});

describe("poison", () => {
  test.each<[string, PlannedFault, (number: number) => boolean]>([
    ["a function says so", poison<number>("same", (number) => number === 17), (number) => number === 17],
    ["it equals a value", poison("same", { equals: 17 }), (number) => number === 17],
    [
      "it is one in so many",
      poison("same", { oneIn: 50 }),
      (number) => isPoison({ kind: "one-in", count: 50 }, number),
    ],
  ])("fails each time that an event comes of which %s, and only the event is given up", async (_what, fault, isBad) => {
    const { simulation, shown } = await run(1, [fault]);

    expect(simulation.status).toBe("completed");
    expect(shown).toEqual(all.filter((number) => !isBad(number)));
    expect(all.filter(isBad).length).toBeGreaterThan(0);
    expect(all.filter(isBad).length).toBeLessThan(30);
    expect(simulation.struck.length).toBeGreaterThan(all.filter(isBad).length);
  });
});

test("a sink that takes nothing for ever stops the stream, and the run is told from one that has ended", async () => {
  const { job } = committing();

  const simulation = await simulate(job, {
    seed: 1,
    faults: [stall("array").forever().after(50)],
    epochInterval: 10,
    limit: "20s",
    quietAfter: "1s",
  });

  expect(simulation.status).toBe("hung");
});

describe("a plan that does not fit its job is refused", () => {
  test.each<[string, () => PlannedFault, string]>([
    ["an instance that is not there", () => fail("same", 2).at(1), "ERR_JOB_OPERATOR_UNKNOWN"],
    ["an operator that is not there", () => poison("nobody", { oneIn: 2 }), "ERR_JOB_OPERATOR_UNKNOWN"],
    ["a host that is not there", () => crash(host(3)).at(1), "ERR_RT_OPTION"],
    ["a source that is to fail", () => fail("numbers").at(1), "ERR_RT_OPTION"],
    ["commits of an operator", () => failCommit("same").at(1), "ERR_RT_OPTION"],
    ["a fault without a time", () => crash("same") as unknown as PlannedFault, "ERR_RT_OPTION"],
    ["a rule that is none", () => poison("same", {} as { oneIn: 2 }), "ERR_RT_OPTION"],
    [
      "a value that is none",
      () =>
        fail("same")
          .throwing("nonsense" as ThrownKind)
          .at(1),
      "ERR_RT_OPTION",
    ],
    [
      "a way that is none",
      () =>
        hang("same")
          .by("sleep" as HangWay)
          .at(1),
      "ERR_RT_OPTION",
    ],
    ["a jump that is none", () => jumpClock("-soon").at(1), "ERR_RT_OPTION"],
    ["an exit code that is none", () => exit("same", 0, 256).at(1), "ERR_RT_OPTION"],
  ])("%s", async (_what, fault, code) => {
    const plan = async () => run(1, [fault()]);

    await expect(plan()).rejects.toMatchObject({ code });
  });
});
