/**
 * Placement: which host each instance of each chain runs on. Greedy and deterministic, chain by chain:
 * first spread the chain over as many hosts as possible, then even out the load, then stay with a forward neighbour. What would be
 * chained with its source if that could start over is where the source is.
 *
 * The load of a host is the number of operators on it. Loads differ by at most the length of the longest chain and such a source.
 */

export interface PlacedChain {
  readonly parallelism: number;
  /** Operators in one instance. */
  readonly weight: number;
  readonly onMain: boolean;
  /** An earlier chain whose instance i sends to instance i of this one. */
  readonly forwardFrom: number | undefined;
  /** Whether its instances are where those of `forwardFrom` are, whatever the load. */
  readonly staysThere: boolean;
}

/** The host of each instance of each chain: 0 is main, 1 to `hostCount` are worker threads. */
export function placeChains(chains: readonly PlacedChain[], hostCount: number): readonly (readonly number[])[] {
  const load = new Array<number>(hostCount + 1).fill(0);
  const placed: number[][] = [];
  for (const chain of chains) {
    const own = new Array<number>(hostCount + 1).fill(0);
    const neighbours = chain.forwardFrom === undefined ? [] : (placed[chain.forwardFrom] ?? []);
    const hosts: number[] = [];
    for (let instance = 0; instance < chain.parallelism; instance++) {
      const neighbour = neighbours[instance];
      const isGiven = chain.staysThere && neighbour !== undefined;
      const host = isGiven ? neighbour : chain.onMain || hostCount === 0 ? 0 : bestHost(own, load, neighbour);
      own[host] = (own[host] ?? 0) + 1;
      load[host] = (load[host] ?? 0) + chain.weight;
      hosts.push(host);
    }
    placed.push(hosts);
  }
  return placed;
}

function bestHost(own: readonly number[], load: readonly number[], neighbour: number | undefined): number {
  let best = 1;
  for (let host = 2; host < own.length; host++) {
    if (isBetter(host, best)) best = host;
  }
  return best;

  function isBetter(host: number, than: number): boolean {
    const ownDifference = (own[host] ?? 0) - (own[than] ?? 0);
    if (ownDifference !== 0) return ownDifference < 0;
    const loadDifference = (load[host] ?? 0) - (load[than] ?? 0);
    if (loadDifference !== 0) return loadDifference < 0;
    return host === neighbour;
  }
}
