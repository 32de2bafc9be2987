import type { Example } from "../example.ts";

export const example: Example = {
  name: "chaos",
  command: ["node", "examples/chaos/main.ts"],
  expect: [
    /^without faults: 3,000,000 flights/m,
    /^\d+ faults, 2 processes: 3,000,000 flights/m,
    /^the tables are the same$/m,
  ],
  timeoutMs: 300_000,
};
