import { expect, test } from "vitest";
import { defineSource } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

/** What a socket is: it delivers each line once, and has been told to close when it is opened again. */
function lines(values: readonly string[]) {
  const rest = [...values];
  const opened = { count: 0 };
  const source = defineSource<string>({
    kind: "socket",
    bounded: true,
    create: () => ({
      open: () => {
        opened.count += 1;
      },
      poll: (output) => {
        for (const value of rest.splice(0)) output.emit(value);
        return "end";
      },
    }),
  });
  return { source, opened };
}

test.each(["at-least-once", "exactly-once"] as const)(
  "under %s an operator that fails behind a source that cannot be read again costs the event it fails at, and nothing else",
  async (guarantee) => {
    const { source, opened } = lines(["1", "2", "nonsense", "3"]);
    await using system = await ActorSystem.start({ threads: 0, logger: { log: () => undefined } });
    const job = defineJob("live", (builder) => {
      builder
        .source("lines", source)
        .map("number", (line) => JSON.parse(line) as number)
        .collect("numbers");
    });

    const run = await system.submit(job, { guarantee });
    await run.completed;

    expect(run.collected("numbers")).toEqual([1, 2, 3]);
    expect(system.deadLetters.newest().map(({ value }) => value)).toEqual(["nonsense"]);
    expect(opened.count).toBe(1);
  },
);
