/** What servers send: a line of JSON for each measurement, and for each entry of their log. */

export type Signal =
  | { readonly kind: "load"; readonly server: string; readonly at: number; readonly load: number }
  | { readonly kind: "log"; readonly server: string; readonly at: number; readonly level: "info" | "error" };

/** How often a server measures its load. */
export const measureMs = 50;

/** What is wrong with a server, and from when to when, in ms behind the start. */
interface Trouble {
  readonly server: number;
  readonly kind: "overload" | "silence" | "errors";
  readonly fromMs: number;
  readonly toMs: number;
}

export const troubleKinds = ["overload", "silence", "errors"] as const;
/** A server has a trouble this often, and each for this long. */
const troubleEveryMs = 2_000;
const troubleMs = 1_200;

export function nameOf(server: number): string {
  return `server-${String(server).padStart(3, "0")}`;
}

/** The troubles of so many servers within a time: the same ones each time, one after the other for each server. */
export function troublesOf(serverCount: number, durationMs: number): readonly Trouble[] {
  const troubles: Trouble[] = [];
  for (let server = 0; server < serverCount; server += 1) {
    let number = server;
    for (
      let fromMs = 1_000 + ((server * 137) % troubleEveryMs);
      fromMs + troubleMs < durationMs;
      fromMs += troubleEveryMs
    ) {
      troubles.push({ server, kind: troubleKinds[number % 3] as Trouble["kind"], fromMs, toMs: fromMs + troubleMs });
      number += 1;
    }
  }
  return troubles;
}

/** What a server sends at a tick, `tick * measureMs` behind the start: nothing while it is silent. */
export function signalsAt(
  server: number,
  tick: number,
  startMs: number,
  troubles: readonly Trouble[],
): readonly Signal[] {
  const passedMs = tick * measureMs;
  const trouble = troubles.find((one) => one.server === server && one.fromMs <= passedMs && passedMs < one.toMs);
  if (trouble?.kind === "silence") return [];
  const name = nameOf(server);
  const at = startMs + passedMs;
  const load = trouble?.kind === "overload" ? 0.99 : 0.3 + ((server * 31 + tick * 17) % 20) / 100;
  const measured: Signal = { kind: "load", server: name, at, load };
  if (tick % 10 !== 0 && trouble?.kind !== "errors") return [measured];
  return [measured, { kind: "log", server: name, at, level: trouble?.kind === "errors" ? "error" : "info" }];
}
