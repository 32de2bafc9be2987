import type { Example } from "../example.ts";

export const example: Example = {
  name: "upgrade",
  command: ["node", "examples/upgrade/main.ts"],
  expect: [
    /version 1: savepoint storage\/shop\.savepoints\/before-2\.sqlite/,
    /migrated +operator "totals-per-customer": was called "spent"; .*2 instances then, 3 instances now/,
    /version 2: completed; it has read 4000 of \d+ orders/,
    /5 customers, 0 totals wrong/,
    /^(\d+) orders, \1 lines in journal-0\.ndjson, journal-1\.ndjson, journal-2\.ndjson, \1 of them different$/m,
  ],
  timeoutMs: 300_000,
};
