import type { Example } from "../example.ts";

export const example: Example = {
  name: "trending",
  command: ["node", "examples/trending/main.ts"],
  expect: [
    /^18:20 {2}1\. election \(360\) {2}2\. eclipse \(60\) {2}3\. football \(60\)$/m,
    /^18:40 {2}1\. launch \(420\) {2}2\. eclipse \(60\) {2}3\. football \(60\)$/m,
  ],
  timeoutMs: 300_000,
};
