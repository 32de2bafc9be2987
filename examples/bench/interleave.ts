/**
 * Interleaved rounds: A B C A B C, never A A B B. What else the machine does then falls on all contenders alike.
 * The first round of each lane is a warm-up: its answer is checked, its time is not counted.
 *
 * A lane whose round fails is closed and the others go on. A failure is a value here, never a throw.
 */

export interface Lane<Round> {
  readonly name: string;
  run(): Promise<Round>;
  /** Why a round does not count, or undefined when it does. */
  refuse(round: Round): string | undefined;
}

export type LaneOutcome<Round> =
  | { readonly kind: "measured"; readonly rounds: readonly Round[] }
  | { readonly kind: "wrong" | "failed"; readonly reason: string };

/** The outcomes in the order of the lanes. */
export async function interleave<Round>(
  lanes: readonly Lane<Round>[],
  countedRounds: number,
  onRound: (round: number) => void = () => {},
): Promise<LaneOutcome<Round>[]> {
  const counted = lanes.map((): Round[] => []);
  const closed = new Map<Lane<Round>, LaneOutcome<Round>>();
  for (let round = 0; round <= countedRounds; round++) {
    onRound(round);
    for (const [index, lane] of lanes.entries()) {
      if (closed.has(lane)) continue;
      const outcome = await runOnce(lane);
      if (outcome.kind !== "measured") closed.set(lane, outcome);
      else if (round > 0) counted[index]?.push(...outcome.rounds);
    }
  }
  return lanes.map((lane, index) => closed.get(lane) ?? { kind: "measured", rounds: counted[index] ?? [] });
}

async function runOnce<Round>(lane: Lane<Round>): Promise<LaneOutcome<Round>> {
  try {
    const round = await lane.run();
    const reason = lane.refuse(round);
    return reason === undefined ? { kind: "measured", rounds: [round] } : { kind: "wrong", reason };
  } catch (error) {
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}
