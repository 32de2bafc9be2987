/**
 * Interleaved rounds: A B D C, B C A D, C D B A, D A C B. What else the machine does then falls on all contenders alike, and so does
 * what one leaves behind for the next: each comes in each place as often as the others, and of an even number each behind each other one.
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
    for (let turn = 0; turn < lanes.length; turn++) {
      const index = (round + placeOf(turn, lanes.length)) % lanes.length;
      const lane = lanes[index] as Lane<Round>;
      if (closed.has(lane)) continue;
      const outcome = await runOnce(lane);
      if (outcome.kind !== "measured") closed.set(lane, outcome);
      else if (round > 0) counted[index]?.push(...outcome.rounds);
    }
  }
  return lanes.map((lane, index) => closed.get(lane) ?? { kind: "measured", rounds: counted[index] ?? [] });
}

/** 0, 1, n - 1, 2, n - 2, and so on: no two are as far from their next ones. */
function placeOf(turn: number, laneCount: number): number {
  return turn % 2 === 1 ? (turn + 1) / 2 : laneCount - turn / 2;
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
