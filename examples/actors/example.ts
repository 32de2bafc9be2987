/** How this example is run unattended, and what it must print. */

export const example = {
  name: "actors",
  command: ["examples/actors/main.ts"],
  expect: [/"totalCents":1370,"host":1/, /ERR_RT_ASK_TIMEOUT/, /"ticket":1,"incarnation":1/, /green.*amber.*red/],
  timeoutMs: 30_000,
};
