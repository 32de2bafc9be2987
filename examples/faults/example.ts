import type { Example } from "../example.ts";

const simulate = ["node", "jobs/cli/main.ts", "simulate"];

export const example: readonly Example[] = [
  {
    name: "faults-broken",
    command: ["node", "examples/faults/main.ts"],
    expect: [
      /^receipts-broken: 20 seeds, [1-9]\d* seeds with violations/m,
      /^receipts: 20 seeds, 0 seeds with violations/m,
    ],
    timeoutMs: 300_000,
  },
  {
    name: "faults-mended",
    command: [...simulate, "examples/faults/receipts.job.ts", "--seeds", "5"],
    expect: [/^5 seeds, \d+ faults, .*: exactly-once held$/m],
    timeoutMs: 300_000,
  },
  {
    name: "faults-story",
    command: ["node", "--test", "examples/faults/story.ts"],
    expect: [/pass 3$/m, /^number \(on another thread after each event, .*at event 4, .*"shop":"Ulm"/m],
    timeoutMs: 300_000,
  },
];
