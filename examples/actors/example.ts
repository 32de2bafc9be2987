import type { Example } from "../example.ts";

export const example: Example = {
  name: "actors",
  command: ["node", "examples/actors/main.ts"],
  expect: [/"totalCents":1370,"host":1/, /ERR_RT_ASK_TIMEOUT/, /"ticket":1,"incarnation":1/, /green.*amber.*red/],
  timeoutMs: 300_000,
};
