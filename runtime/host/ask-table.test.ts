import { expect, test } from "vitest";
import { promisesDone } from "../fixtures/promises-done.ts";
import { asksPendingMax, deadlineLookMsMax, deadlinesPerMsMax } from "../limits.ts";
import { VirtualClock } from "../seams/virtual-clock.ts";
import { AskTable } from "./ask-table.ts";

const to = { path: "millrace://test/a", host: 1 };

function opened(incarnation = 0, clock = new VirtualClock()) {
  const table = new AskTable(clock, incarnation);
  const ids: number[] = [];
  const open = (host = 1) =>
    table
      .open({ ...to, host }, 50, (id) => ids.push(id))
      .then(
        (value) => ({ value }),
        (error: unknown) => error,
      );
  return { clock, table, ids, open };
}

test("ends an ask by its first answer, and keeps no timer behind the next look at deadlines", async () => {
  const { clock, table, ids, open } = opened();
  const answers = [open(), open()];

  table.settle(ids[1] as number, false, new RangeError("no"));
  table.settle(ids[0] as number, true, "first");
  table.settle(ids[0] as number, true, "second");

  expect(await Promise.all(answers)).toEqual([{ value: "first" }, expect.any(RangeError)]);
  clock.advance(50);
  expect(clock.nextDelayMs()).toBeUndefined();
});

test("keeps a timer no longer than until the next look, however long asks may take", async () => {
  const { clock, table, ids } = opened();
  const answer = table.open(to, 1e9, (id) => ids.push(id));

  expect(clock.nextDelayMs()).toBe(deadlineLookMsMax);
  clock.advance(deadlineLookMsMax);
  expect(clock.nextDelayMs()).toBe(deadlineLookMsMax);
  table.settle(ids[0] as number, true, "done");
  clock.advance(deadlineLookMsMax);

  expect(await answer).toBe("done");
  expect(clock.nextDelayMs()).toBeUndefined();
});

test("ends asks by their own deadlines, in whatever order they were opened", async () => {
  const { clock, table } = opened();
  const ended: number[] = [];
  for (const timeoutMs of [3_000, 20, 2_500, 10, 2_500]) {
    table.open(to, timeoutMs, () => undefined).catch(() => ended.push(timeoutMs, clock.monotonicMs()));
  }

  for (const passMs of [10, 10, 2_479, 1, 500]) {
    clock.advance(passMs);
    await promisesDone();
  }

  expect(ended).toEqual([10, 10, 20, 20, 2_500, 2_500, 2_500, 2_500, 3_000, 3_000]);
});

test("looks at very many deadlines less often", () => {
  const { clock, table } = opened();
  let looks = 0;
  const after = clock.after.bind(clock);
  clock.after = (delayMs, callback) =>
    after(delayMs, () => {
      looks += 1;
      callback();
    });
  for (let index = 0; index < 4 * deadlinesPerMsMax; index += 1) {
    table.open(to, 100 + index / deadlinesPerMsMax, () => undefined).catch(() => undefined);
  }

  clock.advance(104);

  expect(looks).toBeLessThanOrEqual(4);
  table.rejectAll(new Error("end"));
  expect(clock.nextDelayMs()).toBeUndefined();
});

test("ends an ask at its deadline, one whose message could not be sent at once, and all when told to", async () => {
  const { clock, table, open } = opened();
  const late = open();
  clock.advance(50);
  expect(await late).toMatchObject({ code: "ERR_RT_ASK_TIMEOUT", details: { path: to.path, timeoutMs: 50 } });

  const unsent = table.open(to, 50, () => {
    throw new RangeError("not sent");
  });
  await expect(unsent).rejects.toThrow(RangeError);

  const [lost, other] = [open(1), open(2)];
  table.hostLost(1, new Error("gone"));
  expect(await lost).toMatchObject({
    code: "ERR_RT_HOST_LOST",
    message: "host 1 was lost: gone",
    cause: { message: "gone" },
  });
  table.rejectAll(new RangeError("over"));
  expect(await other).toBeInstanceOf(RangeError);
  expect(clock.nextDelayMs()).toBeUndefined();
});

test("refuses more asks than may wait", async () => {
  // Deadlines that never come; a hundred thousand of them cost a virtual clock seconds.
  const still = Object.assign(new VirtualClock(), { after: () => () => undefined });
  const { table, open } = opened(0, still);
  for (let index = 0; index < asksPendingMax; index += 1) void open();

  expect(await open()).toMatchObject({ code: "ERR_RT_TOO_MANY_ASKS" });
  table.rejectAll(new Error("end"));
});

test("never gives an id that another incarnation of the host may have given", () => {
  const [first, second] = [opened(0), opened(1)];
  for (const { open } of [first, second]) for (let index = 0; index < 100; index += 1) void open();

  expect(first.ids.filter((id) => second.ids.includes(id))).toEqual([]);
});
