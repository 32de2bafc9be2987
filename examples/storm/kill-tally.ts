/** KillTally: what the rounds of a storm of kills came to, all together, as lines for people. */

import type { KillRound, KillRoundResult } from "./kill-round.ts";

export class KillTally {
  readonly #results: KillRoundResult[] = [];
  #diedRounds = 0;

  add(result: KillRoundResult): void {
    this.#results.push(result);
  }

  /** A round whose own process died. */
  addDied(): void {
    this.#diedRounds += 1;
  }

  lines(kill: KillRound["kill"]): readonly string[] {
    const sum = (of: (result: KillRoundResult) => number) => this.#results.reduce((all, each) => all + of(each), 0);
    const kinds = Object.entries(
      Object.groupBy(
        this.#results.flatMap((result) => result.kinds),
        (kind) => kind,
      ),
    )
      .map(([kind, all = []]) => `${grouped(all.length)} ${kind}`)
      .join(", ");
    const rows: readonly (readonly [string, string])[] = [
      ["kills that struck", `${grouped(sum(({ struck }) => struck))}${kinds === "" ? "" : `: ${kinds}`}`],
      ...(kill === "threads"
        ? ([
            ["threads lost", grouped(sum(({ threadsLost }) => threadsLost))],
            ["recoveries", recoveriesText(this.#results.flatMap(({ threadRecoveriesMs }) => threadRecoveriesMs))],
            ["checkpoints meanwhile", grouped(sum(({ checkpoints }) => checkpoints))],
          ] as const)
        : ([
            ["processes lost", grouped(sum(({ lives }) => lives - 1))],
            ["recoveries", recoveriesText(this.#results.flatMap(({ processRecoveriesMs }) => processRecoveriesMs))],
          ] as const)),
      ["events", grouped(sum(({ shown }) => shown.lines + shown.missing - shown.doubled - shown.foreign))],
      ["  lost", grouped(sum(({ shown }) => shown.missing))],
      ["  doubled", grouped(sum(({ shown }) => shown.doubled))],
      [
        "  out of order or miscounted",
        grouped(sum(({ shown }) => shown.disordered + shown.miscounted + shown.foreign)),
      ],
      ["rounds that hung", grouped(sum(({ status }) => (status === "hung" ? 1 : 0)))],
      ["rounds that failed or died", grouped(sum(({ status }) => (status === "failed" ? 1 : 0)) + this.#diedRounds)],
      ["seconds, of all rounds", (sum(({ elapsedMs }) => elapsedMs) / 1_000).toFixed(1)],
    ];
    return rows.map(([what, value]) => `${what.padEnd(30)} ${value}`);
  }
}

/** How long they took. */
export function recoveriesText(recoveriesMs: readonly number[]): string {
  if (recoveriesMs.length === 0) return "none";
  const sorted = recoveriesMs.toSorted((left, right) => left - right);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return `${grouped(sorted.length)}, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
}

export function grouped(value: number): string {
  return value.toLocaleString("en");
}
