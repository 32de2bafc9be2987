/** InjectedFault: a failure on purpose, once, to see what becomes of the rest. A whole process is killed from outside. */

export const faultKinds = ["operator", "thread", "process"] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface InjectedFault {
  readonly kind: Exclude<FaultKind, "process">;
  /** It happens at this flight, by the count of the instance that it happens to. */
  readonly afterFlights: number;
}

/** Throws, or ends the thread. */
export function fail({ kind, afterFlights }: InjectedFault): void {
  if (kind === "operator") throw new Error(`failed on purpose at flight ${afterFlights}`);
  process.exit(1); // in a worker thread this ends the thread, not the process
}
