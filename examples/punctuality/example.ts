import type { Example } from "../example.ts";

export const example: Example = {
  name: "punctuality",
  command: ["node", "examples/punctuality/main.ts", "ORD"],
  expect: [
    /^ORD 2001-\d\d-\d\d \d\d:00, told \d+ times:$/m,
    /^ {2}revision {2}1 +\d+ flights +-?[\d.]+ min$/m,
    /^ORD {2}166,\d{3} flights in 3,\d{3} hours, 9\.\d min; [\d,]+ revisions; \d+ reported too late$/m,
  ],
  timeoutMs: 300_000,
};
