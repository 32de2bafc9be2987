/** Real hosts on real threads. */

import { expect, test } from "vitest";
import { Host } from "../host/host.ts";
import { SystemClock } from "../seams/clock.ts";
import { SystemRandom } from "../seams/random.ts";
import { RecordingLogger } from "./fixtures/group-harness.ts";
import { HostGroup } from "./host-group.ts";
import { MessagePortTransport } from "./message-port-transport.ts";
import { PiscinaThreadPool } from "./piscina-thread-pool.ts";

async function startedGroup() {
  const [clock, logger] = [new SystemClock(), new RecordingLogger()];
  const hostSettings = (host: number, incarnation: number) => ({ host, system: "test", incarnation });
  const seams = { clock, logger, random: new SystemRandom(), progress: new Int32Array(1) };
  const mainHost = new Host(hostSettings(0, 0), seams);
  const pool = new PiscinaThreadPool({ hosts: 2 }, { clock, logger });
  const replaced = Promise.withResolvers<number>();
  const group = new HostGroup(
    { hosts: 2 },
    { pool, clock, logger, mainHost, hostSettings, pathOn: () => undefined, transport: new MessagePortTransport() },
    {
      onLost: () => {},
      onReplaced: (host) => replaced.resolve(host),
      onStandsBy: () => {},
      onFailed: replaced.reject,
    },
  );
  await group.start();
  return { group, mainHost, replaced: replaced.promise };
}

/** What a host answers for an actor that it does not have, which shows that it runs and is linked. */
function answerOf(mainHost: Host, host: number): Promise<unknown> {
  return mainHost.ask({ path: "millrace://test/nobody", host }, "hello", 10_000);
}

test("a host on a thread answers, also after its thread was replaced, and stops", async () => {
  const { group, mainHost, replaced } = await startedGroup();
  const unknown = { code: "ERR_RT_ACTOR_UNKNOWN" };
  await expect(answerOf(mainHost, 1)).rejects.toMatchObject(unknown);
  await expect(answerOf(mainHost, 2)).rejects.toMatchObject(unknown);

  group.kill(2);
  expect(await replaced).toBe(2);
  mainHost.command(2, { kind: "settled" });

  await expect(answerOf(mainHost, 2)).rejects.toMatchObject(unknown);
  await Promise.all([group.stop(), mainHost.stop()]);
  expect(group.threadIds()).toEqual([]);
});
