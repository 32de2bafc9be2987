/** RecoveryLog: says what fails and what is done about it, as it happens. */

import type { Fact, HostStatus, SupervisedRun } from "../../jobs/index.ts";

type FailureKind = "actor-failed" | "actor-restarted" | "host-lost" | "host-replaced";

/** Whatever tells of failures: an actor system, or a run in a process of its own. */
interface FailureFacts {
  on<Kind extends FailureKind>(kind: Kind, subscriber: (fact: Extract<Fact, { kind: Kind }>) => void): () => void;
}

/**
 * Calls `say` with a line for each failure and each step of the recovery, until the returned function is called.
 *
 * @param threads the threads that the hosts run on at the beginning, as far as that is known
 */
export function logRecovery(
  facts: FailureFacts,
  threads: readonly HostStatus[],
  say: (line: string) => void,
): () => void {
  const hosts = new Map(threads.map(({ host, threadId }) => [host, threadId]));
  const thread = (host: number) => (hosts.has(host) ? `thread ${hosts.get(host)} (host ${host})` : `host ${host}`);
  const unsubscribe = [
    facts.on("actor-failed", ({ path, error, directive }) => {
      say(`failed      ${actorName(path)}: ${error.message}; the supervisor decides: ${directive}`);
    }),
    facts.on("host-lost", ({ host, error }) => {
      say(`lost        ${thread(host)}, with its actors: ${error.message}`);
    }),
    facts.on("host-replaced", ({ host, threadId }) => {
      hosts.set(host, threadId);
      say(`replaced    host ${host} lives on, on thread ${threadId}`);
    }),
    facts.on("actor-restarted", ({ path, host, incarnation }) => {
      say(`restarted   ${actorName(path)} on ${thread(host)}, incarnation ${incarnation}`);
    }),
  ];
  return () => {
    for (const each of unsubscribe) each();
  };
}

/** The same for a run in a process of its own, and what becomes of that. */
export function logProcessRecovery(run: SupervisedRun, say: (line: string) => void): () => void {
  let stopLog = logRecovery(run, [], say);
  const unsubscribe = [
    run.on("process-lost", ({ error, restartInMs }) => {
      const next = restartInMs === undefined ? "no other is started" : "another one is started";
      say(`lost        ${error.message}; ${next}`);
    }),
    run.on("process-begun", ({ pid, restarts }) => {
      if (restarts === 0) return;
      stopLog(); // what it knows of threads is of the process before
      stopLog = logRecovery(run, [], say);
      say(`replaced    the job goes on in process ${pid}`);
    }),
  ];
  return () => {
    for (const each of [stopLog, ...unsubscribe]) each();
  };
}

/** `millrace://millrace/flights/airports/0` is `airports/0`. */
function actorName(path: string): string {
  return path.split("/").slice(-2).join("/");
}
