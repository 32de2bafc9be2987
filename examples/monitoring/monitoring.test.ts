import { expect, test } from "vitest";
import { fromIterable } from "../../jobs/index.ts";
import { crash, killProcess, type PlannedFault, simulate } from "../../jobs/testing/index.ts";
import monitoring, { type Alert } from "./monitoring.job.ts";
import { measureMs, nameOf, signalsAt, troublesOf } from "./signal.ts";

const serverCount = 6;
const durationMs = 8_000;
const startMs = Date.UTC(2026, 0, 1);
const troubles = troublesOf(serverCount, durationMs);

/** In the order of time, but for every third server, whose lines come 40 ms later than those of others. */
function lines(): readonly string[] {
  const sent: { readonly line: string; readonly at: number }[] = [];
  for (let tick = 0; tick * measureMs < durationMs; tick += 1) {
    for (let server = 0; server < serverCount; server += 1) {
      for (const signal of signalsAt(server, tick, startMs, troubles)) {
        sent.push({ line: JSON.stringify(signal), at: signal.at + (server % 3 === 0 ? 40 : 0) });
      }
    }
  }
  return sent.toSorted((left, right) => left.at - right.at).map(({ line }) => line);
}

const plans: readonly (readonly [string, readonly PlannedFault[]])[] = [
  ["without a fault", []],
  [
    "when operators throw and the process dies",
    [crash("load", 0).after(300), killProcess().at(45), killProcess().at(1_090)],
  ],
];

test.each(plans)("each trouble is told once, by the event that tips it, %s", async (_, faults) => {
  const simulation = await simulate(monitoring, {
    seed: 2,
    params: { port: 1 },
    sources: { servers: fromIterable(lines) },
    collect: ["alerts"],
    faults,
    guarantee: "exactly-once",
    epochInterval: 10,
  });

  expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
  expect(simulation.struck).toHaveLength(faults.length);
  // At the end of the input all are silent.
  const found = simulation.collected<Alert>("alerts").filter(({ at }) => at < startMs + durationMs);
  const nameAndKind = ({ server, what }: { server: string; what: string }) => `${server} ${what}`;
  const wanted = troubles.map(({ server, kind }) => nameAndKind({ server: nameOf(server), what: kind }));
  expect(found.map(nameAndKind).sort()).toEqual(wanted.sort());
  for (const { server, what, at } of found) {
    const trouble = troubles.find((one) => {
      return (
        nameOf(one.server) === server && one.kind === what && at >= startMs + one.fromMs && at < startMs + one.toMs
      );
    });
    expect(trouble, `${server} ${what}`).toBeDefined();
    expect(at - startMs - trouble!.fromMs).toBeLessThanOrEqual(550);
  }
});
