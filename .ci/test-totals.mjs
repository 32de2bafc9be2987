/**
 * Prints `N passed, N failed` from vitest's JSON report as its last line, and fails if none ran.
 * A test file that could not be loaded counts as one failed test: its tests are unknown.
 */

import { readFileSync } from "node:fs";

const report = readReport(process.argv[2]);
const brokenFiles = report.testResults.filter(
  (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
);
const passed = report.numPassedTests;
const failed = report.numFailedTests + brokenFiles.length;
const skipped = report.numPendingTests + report.numTodoTests;

if (skipped > 0) {
  console.log(`${skipped} skipped: they need another platform or user`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed + failed > 0 && failed === 0 ? 0 : 1;

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    console.error(`there is no test report: ${error.message}`);
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
}
