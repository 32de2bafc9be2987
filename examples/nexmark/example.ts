import type { Example } from "../example.ts";

export const example: readonly Example[] = [
  {
    name: "nexmark",
    command: ["node", "examples/nexmark/main.ts", "--out-of-order", "1000"],
    expect: [
      /^20,000 events, shuffled within groups of 1000, 2 worker threads, exactly-once$/m,
      /^24 of 24 queries gave the rows that were expected$/m,
    ],
    timeoutMs: 600_000,
  },
  {
    name: "nexmark-faults",
    command: ["node", "examples/nexmark/main.ts", "--query", "q10", "--faults", "3"],
    expect: [/^1 of 1 queries gave the rows that were expected$/m],
    timeoutMs: 600_000,
  },
];
