import type { Example } from "../example.ts";

export const example: Example = {
  name: "ledger",
  command: ["node", "examples/ledger/main.ts"],
  expect: [
    /(kill -9 \d+: the file holds \d+ lines\n){3}/,
    /[1-9]\d* lines, 0 transfers missing, 0 twice, 0 pending parts left/,
  ],
  timeoutMs: 300_000,
};
