/**
 * ThreadClock: ms on one monotonic clock for all threads of a process. That of `performance.now` begins anew in each thread; asking
 * `process.hrtime` each time makes an object.
 */

const samples = 50;
const offsetMs = measuredOffsetMs();

export function threadNowMs(): number {
  return performance.now() + offsetMs;
}

/** From the sample that took least: in between two others the thread may have been kept waiting. */
function measuredOffsetMs(): number {
  let offsetMs = 0;
  let leastMs = Number.POSITIVE_INFINITY;
  for (let sample = 0; sample < samples; sample += 1) {
    const beforeMs = performance.now();
    const nowMs = Number(process.hrtime.bigint()) / 1e6;
    const afterMs = performance.now();
    if (afterMs - beforeMs >= leastMs) continue;
    leastMs = afterMs - beforeMs;
    offsetMs = nowMs - (beforeMs + afterMs) / 2;
  }
  return offsetMs;
}
