import type { Example } from "../example.ts";

const start = ["npm", "start", "--silent", "--"];

export const example: readonly Example[] = [
  {
    name: "flights",
    command: [...start, "--threads", "2", "--top", "3", "--live"],
    expect: [
      /^1 +ORD +Chicago, IL +166,341 .*$/m,
      /^ +all +229 airports +3,000,000 +6\.7 min /m,
      /^3,000,000 flights counted in .* on 2 threads: [\d,]+ flights a second$/m,
      /^airports\/1 +2 +\d+ +1,625,941 +115$/m,
    ],
    timeoutMs: 300_000,
  },
  {
    name: "flights-crash-thread",
    command: [...start, "--threads", "2", "--crash", "thread"],
    expect: [
      /^lost +thread \d/m,
      /^replaced +host 1/m,
      /^restarted +airports\/0/m,
      /^ +all +229 airports +3,000,000 +6\.7 min /m,
    ],
    timeoutMs: 300_000,
  },
  {
    name: "flights-crash-process",
    command: [...start, "--threads", "2", "--crash", "process"],
    expect: [
      /^kill -9 +the process of the job, \d+$/m,
      /^lost .*was killed by SIGKILL .* epoch \d+; another one is started$/m,
      /^replaced +the job goes on in process \d+$/m,
      /^ +all +229 airports +3,000,000 +6\.7 min /m,
    ],
    timeoutMs: 300_000,
  },
  {
    name: "flights-crash-at-most-once",
    command: [...start, "--threads", "2", "--crash", "operator", "--guarantee", "at-most-once"],
    expect: [/^failed +airports\/0: .*on purpose/m, /^restarted +airports\/0 /m, /at most 750,000 are missing/],
    timeoutMs: 300_000,
  },
  {
    name: "flights-usage",
    command: [...start, "--help"],
    expect: [/--crash <what>/, /Exit codes:/],
    timeoutMs: 300_000,
  },
];
