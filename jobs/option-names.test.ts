import { expect, test } from "vitest";
import {
  ActorSystem,
  aggregate,
  buildGraph,
  count,
  csv,
  defineActor,
  defineJob,
  discard,
  every,
  fileLines,
  fromIterable,
  generate,
  type Job,
  loadJob,
  plan,
  quantile,
  RunProgress,
  session,
  supervise,
  table,
  tcpLines,
  textLines,
  tumbling,
  upsert,
} from "./index.ts";
import { simulate } from "./simulation/simulate.ts";
import { checkOperators, OperatorHarness, operatorHarness, SourceHarness, startSimulation } from "./testing/index.ts";

/** What a user without types writes. */
const wrong = (options: object) => options as never;

const rows = (job: Job) =>
  job.source("in", generate({ count: 1, from: (key) => ({ key }) })).asTable("rows", (row) => row.key);

const numbersJob = defineJob("numbers", (job) => {
  job
    .source("in", generate({ count: 1 }))
    .map("same", (n) => n)
    .sink("out", discard());
});

const refusals: readonly [string, (job: Job) => unknown, string][] = [
  [
    "a source",
    (job) => job.source("in", generate(), wrong({ paralelism: 2 })),
    'source "in": expected no options but parallelism, supervision, renamedFrom, got "paralelism"; did you mean "parallelism"?',
  ],
  [
    "a sink",
    (job) => job.source("in", generate()).sink("out", discard(), wrong({ microBatch: false })),
    'sink "out": expected no options but parallelism, supervision, renamedFrom, got "microBatch"',
  ],
  [
    "an operator",
    (job) => job.source("in", generate()).map("same", (n) => n, wrong({ Parallelism: 2 })),
    'operator "same": expected no options but parallelism, supervision, renamedFrom, microBatch, got "Parallelism"; did you mean "parallelism"?',
  ],
  [
    "an operator with options of its own",
    (job) => job.source("in", generate()).mapAsync("ask", (n) => n, wrong({ concurency: 2 })),
    '"concurency"; did you mean "concurrency"?',
  ],
  [
    "options that are none",
    (job) => job.source("in", generate()).map("same", (n) => n, 4 as never),
    'operator "same": expected an object of options, got 4',
  ],
  [
    "a window",
    (job) => job.source("in", generate()).window("w", tumbling("1s"), count(), wrong({ allowedLatness: "1s" })),
    '"allowedLatness"; did you mean "allowedLateness"?',
  ],
  [
    "event time",
    (job) => job.source("in", generate()).eventTime("at", wrong({ outOfOrder: "1s" })),
    "eventTime: expected no options but time, outOfOrderness,",
  ],
  ["micro-batches", (job) => job.microBatch(wrong({ interval: "1s", event: 2 })), '"event"; did you mean "events"?'],
  ["supervision", (job) => job.supervision(wrong({ restart: { max: 1 } })), "job.supervision: expected no options but"],
  [
    "restarts of supervision",
    (job) => job.supervision({ restarts: wrong({ times: 1 }) }),
    'job.supervision.restarts: expected no options but max, within, got "times"',
  ],
  [
    "a rule of supervision",
    (job) => job.supervision({ rules: [wrong({ when: "E", directive: "resume", messages: "retry" })] }),
    'did you mean "message"?',
  ],
  [
    "a table",
    (job) => rows(job).topN("top", 1, wrong({ order: () => 0, rankin: "rank" })),
    '"rankin"; did you mean "ranking"?',
  ],
  [
    "a join of tables",
    (job) => {
      const people = rows(job);
      return people.join("join", people, () => 1, wrong({ how: "left" }));
    },
    'operator "join": expected no options but parallelism, supervision, renamedFrom, microBatch, type, on, got "how"',
  ],
  [
    "a service",
    (job) => job.provide(wrong({ name: "db" }), () => 1, wrong({ scop: "host" })),
    'service "db": expected no options but scope, got "scop"; did you mean "scope"?',
  ],
  [
    "textLines",
    () => textLines("a", wrong({ emptylines: "skip" })),
    'textLines: expected no options but encoding, emptyLines, lineBytesMax, onInvalid, got "emptylines"; did you mean "emptyLines"?',
  ],
  ["csv", () => csv("a", wrong({ delimeter: ";" })), 'did you mean "delimiter"?'],
  ["generate", () => generate(wrong({ coutn: 3 })), 'did you mean "count"?'],
  [
    "fromIterable",
    () => fromIterable([1], wrong({ endless: true })),
    'fromIterable: expected no options but bounded, got "endless"',
  ],
  [
    "tcpLines",
    () => tcpLines({ port: 1, reconnect: wrong({ attempt: 2 }) }),
    "tcpLines: reconnect: expected no options but attempts",
  ],
  [
    "fileLines",
    () => fileLines("a", wrong({ apend: true })),
    'fileLines: expected no options but append, format, got "apend"; did you mean "append"?',
  ],
  [
    "upsert",
    () => upsert(wrong({ key: () => 1, write: () => undefined, max: 3 })),
    'upsert: expected no options but key, write, eventsMax, got "max"',
  ],
  ["the sink table", () => table("t", wrong({ columns: ["a"], keys: ["a"] })), 'did you mean "key"?'],
  [
    "tumbling",
    () => tumbling("1s", wrong({ ofset: "1s" })),
    'tumbling: expected no options but offset, got "ofset"; did you mean "offset"?',
  ],
  ["session", () => session("1s", wrong({ touch: "merge" })), 'session: expected no options but touching, got "touch"'],
  ["every so many events", () => every(3 as never, wrong({ time: "event" })), 'every: expected no options, got "time"'],
  [
    "a plan",
    () => plan(buildGraph(numbersJob, undefined), wrong({ hostCount: 1, hosts: 2 })),
    'plan: expected no options but hostCount, got "hosts"',
  ],
  [
    "the progress of a run",
    () => new RunProgress(async () => wrong({}), wrong({ clock: {}, stream: {}, inplace: true, boundedSources: [] })),
    'RunProgress: expected no options but clock, stream, inPlace, boundedSources, got "inplace"; did you mean "inPlace"?',
  ],
  ["quantile", () => aggregate({ p: quantile(0.5, () => 1, wrong({ acuracy: 0.1 })) }), 'did you mean "accuracy"?'],
  [
    "an actor",
    () => defineActor("a", () => () => 1, wrong({ supervison: {} })),
    'actor a: expected no options but supervision, got "supervison"; did you mean "supervision"?',
  ],
  [
    "supervise",
    () =>
      supervise(
        defineJob("j", "file:///j.ts", () => undefined),
        wrong({ storage: "./data", procesHangLimit: "1m" }),
      ),
    'did you mean "processHangLimit"?',
  ],
];

test.each(refusals)("a name that no option of %s has is refused", (_, build, message) => {
  expect(() =>
    buildGraph(
      defineJob("j", (job) => void build(job)),
      undefined,
    ),
  ).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining(message) }));
});

test("a name that no option of a system, a run, an actor, an ask or a simulation has is refused", async () => {
  const job = defineJob("j", (j) => j.source("in", generate({ count: 1 })).sink("out", discard()));
  const echo = defineActor("echo", () => (message: string) => message);
  const refused = (message: string) =>
    expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining(message) });
  await expect(ActorSystem.start(wrong({ threds: 2 }))).rejects.toEqual(
    refused("ActorSystem.start: expected no options but name, threads, heapLimitMb,"),
  );
  await expect(ActorSystem.start(wrong({ threds: 2 }))).rejects.toEqual(
    refused('got "threds"; did you mean "threads"?'),
  );
  await expect(ActorSystem.start({ threadReplacements: wrong({ times: 2 }) })).rejects.toEqual(
    refused("threadReplacements: expected no options but max, within"),
  );
  await expect(loadJob("job.ts", wrong({ job: "j" }))).rejects.toEqual(
    refused('loadJob: expected no options but name, got "job"'),
  );
  await expect(simulate(job, wrong({ seed: 1, sed: 2 }))).rejects.toEqual(refused('got "sed"; did you mean "seed"?'));
  await using system = await ActorSystem.start();
  await expect(system.submit(job, wrong({ garantee: "exactly-once" }))).rejects.toEqual(
    refused("submit: expected no options but params, creditEvents,"),
  );
  await expect(system.submit(job, { storage: wrong({ directory: "d", copy: 3 }) })).rejects.toEqual(
    refused("storage: expected no options but directory, copies, onDamage"),
  );
  await expect(system.submit(job, { deadLetters: wrong({ keep: 3 }) })).rejects.toEqual(
    refused("deadLetters: expected no options but kept, perEpoch, beyond"),
  );
  expect(() => system.spawn(echo, "echo", wrong({ hots: 1 }))).toThrow(
    refused('spawn "echo": expected no options but args, host, mailboxMessagesMax, got "hots"; did you mean "host"?'),
  );
  const ref = system.spawn(echo, "echo");
  expect(() => ref.ask("hello", wrong({ timeout: "1s", retries: 2 }))).toThrow(
    refused("ask: expected no options but timeout"),
  );
});

test("a name that no option of the test kit has is refused", async () => {
  class Nothing {
    onEvent() {}
  }
  await using simulation = await startSimulation(numbersJob);
  const calls: readonly [() => Promise<unknown>, string][] = [
    [
      () => OperatorHarness.open(discard(), wrong({ guarante: "exactly-once" })),
      'OperatorHarness.open: expected no options but operator, instance, parallelism, incarnation, clock, random, logger, services, storage, guarantee, keyOf, freeze, restore, got "guarante"; did you mean "guarantee"?',
    ],
    [() => OperatorHarness.openProcess(Nothing, wrong({ output: ["late"] })), '"output"; did you mean "outputs"?'],
    [() => SourceHarness.open(generate(), wrong({ positon: 1 })), '"positon"; did you mean "position"?'],
    [() => SourceHarness.readAll(generate({ count: 1 }), wrong({ eventCount: 1 })), 'got "eventCount"'],
    [() => operatorHarness(numbersJob, "same", wrong({ keyOf: () => 1 })), 'restore, params, got "keyOf"'],
    [
      () => checkOperators(numbersJob, wrong({ onyl: ["same"] })),
      'checkOperators: expected no options but params, events, eventCountMax, only, services, got "onyl"; did you mean "only"?',
    ],
    [
      () => simulation.sink("out").expectEvent(wrong({ wthin: "1s" })),
      'expectEvents: expected no options but within, got "wthin"; did you mean "within"?',
    ],
    [
      () => simulation.until(() => true, wrong({ timeout: "1s" })),
      'until: expected no options but within, got "timeout"',
    ],
    [() => simulation.end(wrong({ timeout: "1s" })), 'end: expected no options but within, got "timeout"'],
  ];
  for (const [call, message] of calls) {
    await expect(call()).rejects.toEqual(
      expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining(message) }),
    );
  }
});
