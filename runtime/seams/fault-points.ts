/**
 * FaultPoints: named places where a process can be made to die, to see what the next one makes of it. Set from outside, for
 * tests: MILLRACE_CRASH_AT="<name>:<nth>,..." kills the process with SIGKILL when a thread of it comes to the point of that
 * name for the nth time.
 *
 * Each name stands in the sources once, as a literal, so that a test finds all of them.
 */

/** Passes the point of that name, or kills the process there. Costs a call that does nothing when nothing is set. */
export function faultPoint(name: string): void {
  passing(name);
}

/**
 * What happens at points while a function runs: a simulation lets threads and processes of its own die there.
 *
 * @param pass called with the name of each point; what it throws leaves the point
 */
export function atFaultPoints<R>(pass: (name: string) => void, run: () => R): R {
  const outer = passing;
  passing = pass;
  try {
    return run();
  } finally {
    passing = outer;
  }
}

/** Whether any point is set: what is not part of a run keeps away from them then. */
export const areFaultPointsSet = (process.env.MILLRACE_CRASH_AT ?? "") !== "";

/** @param setting what the environment says; read once per thread */
export function armedPoints(setting: string | undefined, crash: () => void): (name: string) => void {
  if (setting === undefined || setting === "") return pass;
  const left = new Map(
    setting.split(",").map((each) => {
      const [name = "", nth = "1"] = each.split(":");
      return [name, Number(nth)];
    }),
  );
  return (name) => {
    const times = left.get(name);
    if (times === undefined) return;
    left.set(name, times - 1);
    if (times === 1) crash();
  };
}

function pass(): void {}

let passing = armedPoints(process.env.MILLRACE_CRASH_AT, () => process.kill(process.pid, "SIGKILL"));
