/**
 * ChannelAttempts: the attempt of every channel of a run. Only main raises them, for every channel one of whose ends starts
 * over on a new thread.
 */

import type { OpenChannel } from "../../actors/index.ts";
import { mutated } from "../../runtime/index.ts";
import type { JobPlan } from "../job-plan.ts";

export class ChannelAttempts {
  readonly #plan: JobPlan;
  readonly #attempts: number[];

  constructor(plan: JobPlan) {
    this.#plan = plan;
    this.#attempts = plan.channels.map(() => firstAttempt);
  }

  of(channel: number): number {
    return this.#attempts[channel] as number;
  }

  /** Raises the attempts of the channels that begin or end at one of `cells`. */
  raise(cells: ReadonlySet<string>): void {
    for (const { id, fromChain, fromInstance, toChain, toInstance } of this.#plan.channels) {
      const touched = cells.has(cellKey(fromChain, fromInstance)) || cells.has(cellKey(toChain, toInstance));
      if (touched && !mutated("attempts.not-raised")) this.#attempts[id] = this.of(id) + 1;
    }
  }

  /** Channels with their attempts. */
  open(channels: readonly number[]): readonly OpenChannel[] {
    return channels.map((channel) => [channel, this.of(channel)]);
  }

  /** By channel id, for the inputs of a chain instance. */
  ofInputs(chain: number, instance: number): Record<number, number> {
    const inputs = this.#plan.chains[chain]?.instances[instance]?.inputs ?? [];
    return Object.fromEntries(inputs.map((channel) => [channel, this.of(channel)]));
  }

  /** By channel id, for the outputs of a chain instance. */
  ofOutputs(chain: number, instance: number): Record<number, number> {
    const outputs = this.#plan.chains[chain]?.instances[instance]?.outputs ?? [];
    const channels = outputs.flatMap((output) => output.channels);
    return Object.fromEntries(channels.map((channel) => [channel, this.of(channel)]));
  }
}

/** Of a channel neither of whose ends was started once more. */
export const firstAttempt = 1;

/** Names a chain instance within a plan. */
export function cellKey(chain: number, instance: number): string {
  return `${chain}/${instance}`;
}
