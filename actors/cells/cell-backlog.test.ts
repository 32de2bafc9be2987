import { expect, test } from "vitest";
import { progressLength, unfinishedWork } from "../../runtime/index.ts";
import { OutputEdge } from "../channels/output-edge.ts";
import { CellBacklog } from "./cell-backlog.ts";

const here = 1;

/** A cell on host 1 with a channel to host 1 and one to host 2. */
function cellOf(progress = new Int32Array(progressLength)) {
  const channels = [here, 2].map((host) => ({ channel: host, to: { path: `millrace://test/job/to/${host}`, host } }));
  const edge = new OutputEdge({ grouping: { kind: "broadcast" }, channels }, 0, here, "none", new Int32Array(1));
  const [local, remote] = edge.channels;
  if (local === undefined || remote === undefined) throw new Error("there are two channels");
  const backlog = new CellBacklog(progress, new Map(edge.channels.map((channel) => [channel.channel, channel])));
  const batch = { values: [1, 2, 3], times: undefined, keys: undefined };
  const refuse = (_value: unknown, error: unknown) => {
    throw error;
  };
  const told = (heldEvents = 0) => {
    backlog.tell(heldEvents);
    return unfinishedWork([progress]);
  };
  return {
    edge,
    local,
    remote,
    backlog,
    told,
    send: () => edge.send(batch, 0, 3, refuse),
    flush: () => edge.flush(refuse),
  };
}

test("what waits to be sent is unfinished, to whichever thread it goes", () => {
  const { told, send, flush } = cellOf();

  expect(told()).toBe(0);
  send();
  expect(told()).toBe(6);
  expect(told(2)).toBe(8);
  flush();
  expect(told()).toBe(6);
});

test("what is in flight is unfinished until the receiver has consumed it", () => {
  const { local, remote, told, send, flush } = cellOf();
  send();
  flush();
  for (const { outbox } of [local, remote]) outbox.open(1, 0, 100);

  remote.next();
  local.next();
  expect(told()).toBe(6);
  local.outbox.grant(1, 3, 3);
  expect(told()).toBe(3);
  remote.outbox.grant(1, 3, 3);
  expect(told()).toBe(0);
});

test("cells of a thread add up, and one that has stopped takes its own away", () => {
  const progress = new Int32Array(progressLength);
  const one = cellOf(progress);
  const other = cellOf(progress);
  one.send();
  other.send();
  one.told();

  expect(other.told()).toBe(12);
  one.backlog.end();
  expect(unfinishedWork([progress])).toBe(6);
});

test("what was in flight to a receiver that is gone stays unfinished: main may not have heard yet that it is lost", () => {
  const { remote, told, send, flush } = cellOf();
  send();
  flush();
  remote.outbox.open(1, 0, 100);
  remote.next();

  remote.outbox.open(2, 0, 100);

  expect(remote.loadEvents).toBe(0);
  expect(told()).toBe(6);
});

test("where nobody looks nothing is told", () => {
  const progress = new Int32Array(1);
  const { backlog, send } = cellOf(progress);
  send();

  backlog.tell(0);

  expect([...progress]).toEqual([0]);
});
