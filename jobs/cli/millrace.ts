#!/usr/bin/env node
/** What `millrace` starts: the command, or on a Node that cannot load it, a word on which one it needs. Imports nothing by itself. */

const nodeMajorMin = 24;

if (Number.parseInt(process.versions.node, 10) >= nodeMajorMin) {
  await import("./main.ts");
} else {
  console.error(
    `error millrace needs Node ${nodeMajorMin} or newer; ${process.execPath} is Node ${process.versions.node}`,
  );
  process.exitCode = 2;
}
