import type { Example } from "../example.ts";

export const example: Example = {
  name: "monitoring",
  command: ["node", "examples/monitoring/main.ts", "5"],
  expect: [
    /^server-\d{3} {2}(overload|errors|silence) +\d+ ms behind its event$/m,
    /^\d+,\d{3} signals of 100 servers in 5 s$/m,
    /^overload {2}\d+ troubles, \d+ alerts, median \d+ ms/m,
    /^from event to alert: median \d+ ms, p99 \d+ ms, longest \d+ ms$/m,
  ],
  timeoutMs: 300_000,
};
