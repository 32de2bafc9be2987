/**
 * KillStorm: kills of threads, or of the process, by the thousand: in rounds, each of its own seed, two at a time, because a kill
 * is followed by waits. It tells each round and the sum of all; one that is stopped goes on later with the round that it names.
 */

import { type KillRound, processRound, runKillRound, threadRound, wrongWith } from "./kill-round.ts";
import { grouped, KillTally, recoveriesText } from "./kill-tally.ts";

export interface KillStormOptions {
  readonly kill: KillRound["kill"];
  readonly count: number;
  readonly seed: number;
  /** Rounds before this one are left out. */
  readonly fromRound: number;
  /** Once it is aborted no further round begins. */
  readonly signal: AbortSignal;
  readonly write: (line: string) => void;
}

/** Kills of a round. */
const roundSize = { threads: 250, processes: 25 } as const;
const roundsAtOnce = 2;

/** Whether exactly-once was kept throughout. */
export async function killStorm(options: KillStormOptions): Promise<boolean> {
  const { kill, fromRound, signal, write } = options;
  const rounds = roundsOf(options);
  const tally = new KillTally();
  let isKept = true;
  let next = fromRound;
  await Promise.all(Array.from({ length: roundsAtOnce }, oneAfterTheOther));
  for (const line of tally.lines(kill)) write(line);
  write(isKept ? "exactly-once was kept" : "exactly-once was BROKEN");
  if (next <= rounds.length) write(`stopped: it goes on with --from-round ${next}`);
  return isKept;

  async function oneAfterTheOther(): Promise<void> {
    while (next <= rounds.length && !signal.aborted) {
      const number = next;
      next += 1;
      const round = rounds[number - 1] as KillRound;
      const wrong = await told(round, tally, (line) => write(`round ${number} of ${rounds.length}, ${line}`));
      if (wrong.length > 0) isKept = false;
      for (const each of wrong) write(`  BROKEN: ${each}`);
    }
  }
}

function roundsOf({ kill, count, seed }: KillStormOptions): readonly KillRound[] {
  const size = roundSize[kill];
  const roundFor = kill === "threads" ? threadRound : processRound;
  return Array.from({ length: Math.ceil(count / size) }, (_, index) =>
    roundFor(seed + index, Math.min(size, count - index * size)),
  );
}

async function told(round: KillRound, tally: KillTally, write: (line: string) => void): Promise<readonly string[]> {
  const what = `seed ${round.seed}: ${grouped(round.count)} kills of ${round.kill}`;
  try {
    const result = await runKillRound(round);
    tally.add(result);
    const recoveriesMs = round.kill === "threads" ? result.threadRecoveriesMs : result.processRecoveriesMs;
    write(`${what}, ${(result.elapsedMs / 1_000).toFixed(1)} s, recoveries: ${recoveriesText(recoveriesMs)}`);
    return wrongWith(round, result);
  } catch (error) {
    tally.addDied();
    write(what);
    return [error instanceof Error ? error.message : String(error)];
  }
}
