import type { Example } from "../example.ts";
import { bookJobs } from "./book-jobs.ts";

/** What the totals of each job's demonstration must be. */
const totals: Readonly<Record<string, readonly RegExp[]>> = {
  "vehicle-count": [/^counter 0 +bus 1, car 3, lorry 1, truck 2, van 1$/m, /^read 0 +main thread +9 +8 +1$/m],
  "two-readers": [/^counter 0 +bus 1, car 3, lorry 1, truck 2, van 1$/m, /^sensor 1 +main thread +0 +4 +0$/m],
  "two-counters-shuffle": [/^counter 0 +main thread +4 +4 +0$/m, /^counter 1 +main thread +4 +4 +0$/m],
  "two-counters-by-key": [/^counter 0 +bus 1, truck 2, van 1$/m, /^counter 1 +car 3, lorry 1$/m],
  fork: [/^booth-by-type 1 +car 3, lorry 1$/m, /^booth-in-turns 1 +main thread +4 +4 +0$/m],
  merge: [/^booth 1 +car 3, lorry 1$/m, /^south-bridge 0 +main thread +0 +4 +0$/m],
  split: [/^car-booth 0 +car 3$/m, /^heavy-booth 1 +lorry 1$/m, /^other-booth 0 +van 1$/m],
  "fraud-detection": [/^6 transactions, frauds: t4, t5$/m, /^decision 1 +worker 2 /m],
  "system-usage": [/^analyzer 0 +3 transactions, 1 fraud$/m, /^analyzer 1 +2 transactions, 1 fraud$/m],
};
const onTwoThreads = ["two-counters-by-key", "fraud-detection"];

export const example: readonly Example[] = bookJobs.map(({ name }) => ({
  name: `book-${name}`,
  command: ["node", "examples/book/main.ts", name, "--demo", "--threads", onTwoThreads.includes(name) ? "2" : "0"],
  expect: totals[name] as readonly RegExp[],
  timeoutMs: 300_000,
}));
