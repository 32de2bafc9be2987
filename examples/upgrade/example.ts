import type { Example } from "../example.ts";

export const example: Example = {
  name: "upgrade",
  command: ["node", "examples/upgrade/main.ts"],
  expect: [
    /version 1: savepoint storage\/shop\.savepoints\/before-2\.sqlite/,
    /migrated +operator "totals-per-customer": was called "spent"; .*2 instances then, 3 instances now/,
    /version 2: completed; it has read [1-9]\d{3} of 10000 orders/,
    /5 customers, 0 totals wrong/,
    /10000 lines in journal-0\.ndjson, journal-1\.ndjson, journal-2\.ndjson, 10000 of them different/,
  ],
  timeoutMs: 60_000,
};
