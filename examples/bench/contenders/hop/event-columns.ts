/**
 * A batch of events as typed columns over one ArrayBuffer. Column order by element size, so that every column is
 * aligned. The first number of the buffer is how many rows are in use.
 */

export interface EventColumns {
  readonly rowCount: Float64Array;
  readonly ts: Float64Array;
  readonly bridge: Int32Array;
  readonly weight: Int32Array;
  readonly vehicle: Uint8Array;
}

const headerBytes = 8;

export function columnBytes(rowsMax: number): number {
  return headerBytes + rowsMax * (8 + 4 + 4 + 1);
}

export function columnsOver(buffer: ArrayBuffer, rowsMax: number): EventColumns {
  const bridgeOffset = headerBytes + rowsMax * 8;
  return {
    rowCount: new Float64Array(buffer, 0, 1),
    ts: new Float64Array(buffer, headerBytes, rowsMax),
    bridge: new Int32Array(buffer, bridgeOffset, rowsMax),
    weight: new Int32Array(buffer, bridgeOffset + rowsMax * 4, rowsMax),
    vehicle: new Uint8Array(buffer, bridgeOffset + rowsMax * 8, rowsMax),
  };
}
