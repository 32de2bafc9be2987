/** The shared memory of the futex ask: whose turn it is, and the value that goes with the turn. */

const turnCell = 0;
const valueCell = 1;

export const askersTurn = 0;
export const echosTurn = 1;

export function newFutexCells(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}

/** Writes the value, hands the turn over and wakes the other side. */
export function passTurn(cells: Int32Array, turn: number, value: number): void {
  Atomics.store(cells, valueCell, value);
  Atomics.store(cells, turnCell, turn);
  Atomics.notify(cells, turnCell);
}

/** Blocks the thread until it has the turn; returns the value that came with it. */
export function awaitTurn(cells: Int32Array, turn: number): number {
  const otherTurn = turn === askersTurn ? echosTurn : askersTurn;
  while (Atomics.load(cells, turnCell) !== turn) Atomics.wait(cells, turnCell, otherTurn);
  return Atomics.load(cells, valueCell);
}

/** Resolves, with the value that came with it, when this side has the turn; the thread serves its event loop meanwhile. */
export async function awaitTurnServing(cells: Int32Array, turn: number): Promise<number> {
  const otherTurn = turn === askersTurn ? echosTurn : askersTurn;
  while (Atomics.load(cells, turnCell) !== turn) {
    const wait = Atomics.waitAsync(cells, turnCell, otherTurn);
    if (wait.async) await wait.value;
  }
  return Atomics.load(cells, valueCell);
}
