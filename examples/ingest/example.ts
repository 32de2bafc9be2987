import type { Example } from "../example.ts";

export const example: Example = {
  name: "ingest",
  command: ["node", "examples/ingest/main.ts"],
  expect: [
    /^killed, before any checkpoint was made$/m,
    /^second process: north 500 readings, sum 249500; south 500 readings, sum 250000$/m,
    /^second process: north 505 readings, sum 249520; south 505 readings, sum 250025$/m,
  ],
  timeoutMs: 300_000,
};
