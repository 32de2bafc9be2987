import { expect, test } from "vitest";
import { fromIterable, generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash } from "./fault.ts";
import { historyText, replayHistory } from "./history-file.ts";
import { simulate } from "./simulate.ts";

const countOf = (from: (index: number) => number) =>
  defineJob("count", (job, { count }: { count: number }) => {
    job
      .source("numbers", generate({ count, from }))
      .filter("even", (number) => number % 2 === 0)
      .keyBy((number) => number % 4)
      .count("counts")
      .collect("all");
  });
const job = countOf((index) => index);
const options = {
  seed: 3,
  epochInterval: 5,
  history: true,
  params: { count: 200 },
  faults: [crash("counts").after(50)],
};
const refused = (text: string) =>
  expect.objectContaining({ code: "ERR_JOB_HISTORY", message: expect.stringContaining(text) });

test("a history tells how to run it again, and is the same then", async () => {
  const simulation = await simulate(job, options);

  const text = historyText(simulation);
  const replay = await replayHistory(job, text);

  expect(text).toMatch(
    /^# millrace history 1\n# \{"millrace":"\d+\.\d+\.\d+","job":"count","status":"completed",.*"seed":3/,
  );
  expect(text).toMatch(/^# {3}host 1 < host 2: 312 bytes/m);
  expect(replay.difference).toBeUndefined();
  expect(replay.simulation.historyHash).toBe(simulation.historyHash);
});

test("code that does something else is found at the first step that differs, with those before it", async () => {
  const simulation = await simulate(job, options);
  const changed = countOf((index) => (index < 150 ? index : 1));

  const { difference } = await replayHistory(changed, historyText(simulation));

  const step = difference?.step ?? 0;
  expect(difference?.expected).toBe(simulation.history?.[step - 1]);
  expect(difference?.actual).not.toBe(difference?.expected);
  expect(difference?.before).toEqual(simulation.history?.slice(step - 6, step - 1));
});

test("what a text cannot hold has to be given again", async () => {
  const more = { sources: { numbers: fromIterable([2, 4, 6]) }, until: () => false };
  const text = historyText(await simulate(job, { ...options, ...more }));

  await expect(replayHistory(job, text)).rejects.toMatchObject({ code: "ERR_RT_OPTION" });
  expect((await replayHistory(job, text, more)).difference).toBeUndefined();
});

test("what is no history of the job, or was not kept, is refused", async () => {
  const simulation = await simulate(job, { ...options, history: false });
  const text = historyText(await simulate(job, options));

  expect(() => historyText(simulation)).toThrow(refused("was not kept"));
  await expect(replayHistory(job, "1.000 host 0: timer")).rejects.toThrow(refused("it is no history"));
  await expect(replayHistory(job, text.replace('{"millrace"', '{"mill'))).rejects.toThrow(refused("its second line"));
  await expect(
    replayHistory(
      defineJob("other", () => undefined),
      text,
    ),
  ).rejects.toThrow(refused('not of "other"'));
});
