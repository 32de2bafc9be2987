import type { Example } from "../example.ts";

export const example: Example = {
  name: "fraud",
  command: ["node", "examples/fraud/main.ts"],
  expect: [
    /completed: 34\d+ payments, 0 of them late/,
    /56 of 56 stolen cards found, 0 alarms for nothing/,
    /^168 hours in which/m,
  ],
  timeoutMs: 300_000,
};
