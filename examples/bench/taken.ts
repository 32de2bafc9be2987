/** StartTaking: begins to measure; what it returns says what was taken since. */

import type { Taken } from "./contender.ts";

export function startTaking(): () => Taken {
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  return () => {
    const wallMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { wallMs, cpuMs: (user + system) / 1000 };
  };
}
