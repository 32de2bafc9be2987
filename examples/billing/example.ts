import type { Example } from "../example.ts";

export const example: Example = {
  name: "billing",
  command: ["node", "examples/billing/main.ts"],
  expect: [
    /^30 Mar 2025, a day of 23 hours: 40 invoices over 2298\.09 euros$/m,
    /^120 invoices of the live job: the same$/m,
  ],
  timeoutMs: 300_000,
};
