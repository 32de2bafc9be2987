/** RecoveryLog: says what fails and what is done about it, as it happens. */

import type { ActorSystem } from "../../jobs/index.ts";

/** Calls `say` with a line for each failure and each step of the recovery, until the returned function is called. */
export function logRecovery(system: ActorSystem, say: (line: string) => void): () => void {
  const hosts = new Map(system.hosts().map(({ host, threadId }) => [host, threadId]));
  const unsubscribe = [
    system.on("actor-failed", ({ path, error, directive }) => {
      say(`failed      ${actorName(path)}: ${error.message}; the supervisor decides: ${directive}`);
    }),
    system.on("host-lost", ({ host, error }) => {
      say(`lost        thread ${hosts.get(host)} (host ${host}), with its actors: ${error.message}`);
    }),
    system.on("host-replaced", ({ host, threadId }) => {
      hosts.set(host, threadId);
      say(`replaced    host ${host} lives on, on thread ${threadId}`);
    }),
    system.on("actor-restarted", ({ path, host, incarnation }) => {
      say(`restarted   ${actorName(path)} on thread ${hosts.get(host) ?? 0}, incarnation ${incarnation}`);
    }),
  ];
  return () => {
    for (const each of unsubscribe) each();
  };
}

/** `millrace://millrace/flights/airports/0` is `airports/0`. */
function actorName(path: string): string {
  return path.split("/").slice(-2).join("/");
}
