/** How this example is run unattended, and what it must print. */

export const example = {
  name: "book",
  command: ["examples/book/main.ts", "two-counters-by-key", "--demo", "--threads", "2"],
  expect: [/^counter 0 +bus 1, truck 2, van 1$/m, /^counter 1 +car 3, lorry 1$/m, /^read 1 +worker 2 .* 1$/m],
  timeoutMs: 30_000,
};
