import { expect, test } from "vitest";
import { concat, fromIterable, generate } from "../../jobs/index.ts";
import { crash, killProcess, type PlannedFault, simulate } from "../../jobs/testing/index.ts";
import { live, nightly } from "./billing.job.ts";
import type { Invoice } from "./invoices.ts";
import { prices, usageAt, usageCount } from "./usage.ts";

const knownCount = usageCount - 800;
const overlap = 200;
const usageOf = (count: number) => Array.from({ length: count }, (_, id) => usageAt(id));

/** Prices come one after the other, long behind the first usage. */
const slowPrices = generate({ count: prices.length, rate: 30, from: (index) => prices[index] });
const file = "not read here";

/** `29 customer-7: 312 entries, 48100` by looking through everything, with days of the calendar in Berlin. */
function expected(): string[] {
  const totals = new Map<string, { entries: number; milliCents: number }>();
  const berlin = new Intl.DateTimeFormat("en", { day: "numeric", timeZone: "Europe/Berlin" });
  for (const { customer, service, amount, at } of usageOf(usageCount)) {
    const name = `${berlin.format(at)} ${customer}`;
    const { entries, milliCents } = totals.get(name) ?? { entries: 0, milliCents: 0 };
    const price = prices.find((one) => one.service === service)!.milliCents;
    totals.set(name, { entries: entries + 1, milliCents: milliCents + amount * price });
  }
  return Array.from(totals, ([name, { entries, milliCents }]) => `${name}: ${entries} entries, ${milliCents}`).sort();
}

function texts(invoices: readonly Invoice[]): string[] {
  const berlin = new Intl.DateTimeFormat("en", { day: "numeric", timeZone: "Europe/Berlin" });
  return invoices
    .map(
      ({ key, window, value }) =>
        `${berlin.format(window.start)} ${key}: ${value.entries} entries, ${value.milliCents}`,
    )
    .sort();
}

const options = { seed: 3, guarantee: "exactly-once", epochInterval: 20, threads: 2 } as const;

test("a night's file and what happens live make the same invoices, which are those of all usage", async () => {
  const faults: readonly PlannedFault[] = [
    crash("invoices", 0).after(900),
    killProcess().at(120),
    killProcess().at(1_250),
  ];
  const ofNight = await simulate(nightly, {
    ...options,
    params: { file },
    sources: { usage: fromIterable(() => usageOf(usageCount)), prices: slowPrices },
  });
  const from = knownCount - overlap;
  const happening = generate({ count: usageCount - from, rate: 4_000, from: (index) => usageAt(from + index) });
  const ofLive = await simulate(live, {
    ...options,
    faults,
    params: { file, from, rate: 4_000 },
    sources: {
      usage: concat(
        fromIterable(() => usageOf(knownCount)),
        happening,
        { seam: ({ id }) => id },
      ),
      prices: slowPrices,
    },
  });

  expect(ofNight).toMatchObject({ status: "completed", assertions: [], violations: [] });
  expect(ofLive).toMatchObject({ status: "completed", assertions: [], violations: [] });
  expect(ofLive.struck).toHaveLength(faults.length);
  expect(texts(ofNight.collected("billed"))).toEqual(expected());
  expect(texts(ofLive.collected("billed"))).toEqual(expected());
});
