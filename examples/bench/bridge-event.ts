/**
 * The event of every workload, generated from its index so that all contenders read the same stream and any of them
 * can be checked without keeping the stream.
 *
 * The product with the multiplier leaves the safe integers after about three million events; it is then rounded, but
 * on every engine in the same way, so the stream stays the same everywhere.
 */

const vehicles = ["car", "truck", "van", "bus"] as const;

// Not exported: the compiler folds a constant of its own module into the code, and loads an exported one each time.
// That alone halves the speed of the generator, which is part of every figure.
const bridges = 1000;
const weights = 5000;
const heavy = 1000;
const multiplier = 2654435761;
const startMs = 1700000000000;

export const vehicleNames: readonly string[] = vehicles;
export const bridgeCount = bridges;
export const weightRange = weights;
export const heavyFrom = heavy;

export interface BridgeEvent {
  readonly vehicle: string;
  readonly bridge: number;
  readonly ts: number;
  readonly weight: number;
}

/** What W1 maps an event to. */
export interface Crossing {
  readonly bridge: number;
  readonly vehicle: string;
  readonly weight: number;
}

export function bridgeEventAt(index: number): BridgeEvent {
  return {
    vehicle: vehicles[index % 4]!,
    bridge: ((index * multiplier) >>> 0) % bridges,
    ts: startMs + index,
    weight: index % weights,
  };
}

export function toCrossing(event: BridgeEvent): Crossing {
  return { bridge: event.bridge, vehicle: event.vehicle, weight: event.weight };
}

export function isHeavy(crossing: Crossing): boolean {
  return crossing.weight >= heavy;
}
