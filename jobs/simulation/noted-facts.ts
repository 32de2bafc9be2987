/** noteFacts: what a system publishes about its actors and hosts, in the words of the history. */

import type { ActorSystem, History } from "../../runtime/index.ts";

export function noteFacts(system: ActorSystem, history: History): void {
  system.on("actor-failed", ({ path, error, directive }) => {
    history.note(`${placeOf(path)} has failed, ${directive}: ${error.message}`);
  });
  system.on("actor-restarted", ({ path, incarnation }) => {
    history.note(`${placeOf(path)} restarts as incarnation ${incarnation}`);
  });
  system.on("host-lost", ({ host, error }) => history.note(`host ${host} is lost: ${error.message}`));
  system.on("host-replaced", ({ host, threadId }) => history.note(`host ${host} runs on thread ${threadId} now`));
}

/** `count/1`, of the whole path. */
function placeOf(path: string): string {
  return path.split("/").slice(-2).join("/");
}
