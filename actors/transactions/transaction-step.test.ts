import { expect, test } from "vitest";
import { nextStep, type TransactionState } from "./transaction-step.ts";

const atRest: TransactionState = {
  due: undefined,
  isRetryWaiting: false,
  isRecovered: true,
  openEvents: undefined,
  waitingEvents: 0,
  isClosing: false,
  hasEpochs: true,
};
const due = { operator: "sink", instance: 0, history: "h", epoch: 1, part: 0, handle: "h" };

test.each<[string, Partial<TransactionState>, ReturnType<typeof nextStep>["kind"]]>([
  ["nothing waits", {}, "rest"],
  ["it starts", { isRecovered: false, waitingEvents: 3 }, "recover"],
  ["it starts with something to commit", { isRecovered: false, due }, "commit"],
  ["it starts, and the commit failed", { isRecovered: false, due, isRetryWaiting: true, waitingEvents: 1 }, "rest"],
  ["it starts, and cleaning up failed", { isRecovered: false, isRetryWaiting: true }, "rest"],
  ["events wait", { waitingEvents: 3 }, "begin"],
  ["events wait for an open transaction", { waitingEvents: 3, openEvents: 0 }, "write"],
  ["a transaction is full", { waitingEvents: 3, openEvents: 10 }, "prepare"],
  ["a transaction is open", { openEvents: 5 }, "rest"],
  ["the barrier came", { openEvents: 5, isClosing: true }, "prepare"],
  ["the barrier came behind events", { openEvents: 5, waitingEvents: 1, isClosing: true }, "write"],
  ["the barrier came, and there is nothing", { isClosing: true }, "rest"],
  ["something is due", { due, waitingEvents: 3, openEvents: 1 }, "commit"],
  ["a commit is tried again later", { due, isRetryWaiting: true, waitingEvents: 3, openEvents: 1 }, "write"],
  ["there are no epochs, and it is not yet time", { hasEpochs: false, waitingEvents: 3 }, "rest"],
  ["there are no epochs, and it is time", { hasEpochs: false, waitingEvents: 3, isClosing: true }, "begin"],
  [
    "there are no epochs, and the transaction before is not committed",
    { hasEpochs: false, waitingEvents: 3, isClosing: true, due, isRetryWaiting: true },
    "rest",
  ],
])("when %s", (_, state, kind) => {
  expect(nextStep({ ...atRest, ...state }, 10).kind).toBe(kind);
});

test("a write takes no more than its transaction may hold", () => {
  expect(nextStep({ ...atRest, waitingEvents: 30, openEvents: 4 }, 10)).toEqual({ kind: "write", eventCount: 6 });
});
