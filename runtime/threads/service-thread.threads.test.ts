import { expect, test } from "vitest";
import { ServiceThread } from "./service-thread.ts";

const module = new URL("./fixtures/echo-service.ts", import.meta.url).href;
const echo = () => new ServiceThread({ module, export: "createEcho" });

test("answers requests in order, one that fails by its error, and ends when it is closed", async () => {
  const thread = echo();

  const answers = await Promise.allSettled(["a", "fail", "later", "b"].map((request) => thread.request(request)));
  await thread.close();

  expect(answers).toMatchObject([
    { value: { count: 1, request: "a" } },
    { reason: { code: "ERR_RT_OPTION", classNames: ["OptionError", "MillraceError", "Error"] } },
    { value: { count: 3, request: "later" } },
    { value: { count: 4, request: "b" } },
  ]);
  await expect(thread.request("c")).rejects.toMatchObject({ code: "ERR_RT_SERVICE_THREAD" });
  await expect(thread.close()).resolves.toBeUndefined();
});

test("what was asked before the end is answered", async () => {
  const thread = echo();

  const answer = thread.request("a");
  await thread.close();

  expect(await answer).toEqual({ count: 1, request: "a" });
});

test("gives its buffers away", async () => {
  const thread = echo();
  const bytes = new Uint8Array([1, 2, 3]);

  const answer = await thread.request(bytes, [bytes.buffer]);
  await thread.close();

  expect(bytes.byteLength).toBe(0);
  expect(answer).toEqual({ count: 1, request: new Uint8Array([1, 2, 3]) });
});

test("a thread that dies answers everything by an error", async () => {
  const thread = echo();

  const answers = await Promise.allSettled(["die", "a"].map((request) => thread.request(request)));

  expect(answers.map((answer) => answer.status === "rejected" && answer.reason.code)).toEqual([
    "ERR_RT_SERVICE_THREAD",
    "ERR_RT_SERVICE_THREAD",
  ]);
});

test("a module that does not load is the error of every request", async () => {
  const thread = new ServiceThread({ module: `${module}.missing`, export: "createEcho" });

  await expect(thread.request("a")).rejects.toMatchObject({
    code: "ERR_RT_SERVICE_THREAD",
    cause: { message: expect.stringContaining("echo-service.ts.missing") },
  });
});

test("what goes on aside keeps nobody waiting but the end", async () => {
  const thread = echo();
  const late = Promise.allSettled([thread.request("aside"), thread.request("aside that fails")]);
  let isLate = false;
  void late.then(() => {
    isLate = true;
  });

  expect(await thread.request("a")).toEqual({ count: 3, request: "a" });
  expect(isLate).toBe(false);
  await Promise.all([thread.request("free"), thread.close()]);

  expect(await late).toMatchObject([{ value: { count: 1, request: "aside" } }, { reason: { message: "late" } }]);
});
