import type { Example } from "../example.ts";

export const example: Example = {
  name: "emissions",
  command: ["node", "examples/emissions/main.ts"],
  expect: [/^06:00 {2}centre +\d+ vehicles +[\d.]+ kg$/m, /^1,200 vehicles in 15 windows$/m],
  timeoutMs: 300_000,
};
