/**
 * shrinkPlan: a smaller plan that breaks the same promise: without the faults that it does not take, then without operators and
 * sinks, then with fewer events.
 */

import { shrinkFaults } from "../shrink-faults.ts";
import type { SwarmBranch } from "./swarm-branch.ts";
import type { SwarmPlan, SwarmTimedStep } from "./swarm-plan.ts";

/** @param breaks whether a plan still breaks what the first one does */
export async function shrinkPlan(
  plan: SwarmPlan,
  breaks: (plan: SwarmPlan) => Promise<boolean>,
  runsMax: number,
): Promise<SwarmPlan> {
  let runsLeft = runsMax;
  const isBroken = (smaller: SwarmPlan): Promise<boolean> => {
    runsLeft -= 1;
    return runsLeft < 0 ? Promise.resolve(false) : breaks(smaller);
  };
  let left = plan;
  const calmer = { ...plan, pressure: { ...plan.pressure, faults: [] } };
  if (await isBroken(calmer)) left = calmer;
  const faults = await shrinkFaults(left.faults, (some) => isBroken({ ...left, faults: some }), runsMax);
  left = { ...left, faults };
  for (let before: SwarmPlan | undefined; before !== left && runsLeft > 0; ) {
    before = left;
    for (const smaller of smallerJobs(left)) {
      if (!(await isBroken(smaller))) continue;
      left = smaller;
      break;
    }
  }
  return left;
}

/** Each with one thing less; the larger steps first. */
function* smallerJobs(plan: SwarmPlan): Generator<SwarmPlan> {
  yield* withLessTime(plan);
  yield* withFewerBranches(plan);
  const { microBatch, objectKeysMax, ...plain } = plan;
  if (microBatch !== undefined || objectKeysMax !== undefined) yield plain;
  for (const version of plan.versions ?? []) {
    const versions = plan.versions?.filter((each) => each !== version) ?? [];
    yield { ...plan, versions };
  }
  for (const { name } of plan.steps) {
    const without = withoutStep(plan, name);
    if (without !== undefined) yield without;
  }
  if (plan.sinks.length > 1) {
    for (const { input } of plan.sinks) {
      const step = plan.steps.find(({ name }) => name === input);
      if (step === undefined || plan.steps.some(({ inputs }) => inputs.includes(input))) continue;
      if (plan.time?.steps.some((timed) => timed.input === input || ("right" in timed && timed.right === input)))
        continue;
      const isUsed = step.inputs.every((name) =>
        plan.steps.some((other) => other !== step && other.inputs.includes(name)),
      );
      if (!isUsed || isBranched(plan, input)) continue;
      yield {
        ...plan,
        steps: plan.steps.filter((each) => each !== step),
        sinks: plan.sinks.filter((sink) => sink.input !== input),
      };
    }
  }
  if (plan.sources.some(({ itemCount }) => itemCount > 1)) {
    yield {
      ...plan,
      sources: plan.sources.map((source) => ({ ...source, itemCount: Math.ceil(source.itemCount / 2) })),
    };
  }
  if (plan.sources.some(({ acknowledges }) => acknowledges !== undefined)) {
    yield { ...plan, sources: plan.sources.map(({ acknowledges: _left, ...source }) => source) };
  }
  if (plan.threads > 1) yield { ...plan, threads: plan.threads - 1 };
}

/** Without a window or a join, or without event time. */
function* withLessTime({ time, ...plan }: SwarmPlan): Generator<SwarmPlan> {
  if (time === undefined) return;
  if (time.steps.length === 0) yield plan;
  for (const step of time.steps) {
    if (isNamed(plan, step.name)) continue;
    const sinks = plan.sinks.filter(({ input }) => input !== step.name);
    if (sinks.length > 0)
      yield { ...plan, sinks, time: { ...time, steps: time.steps.filter((each) => each !== step) } };
  }
}

/** Without one of its branches. */
function* withFewerBranches({ branches = [], ...plan }: SwarmPlan): Generator<SwarmPlan> {
  for (const { name } of branches) {
    const sinks = plan.sinks.filter(({ input }) => input !== name);
    if (isNamed(plan, name) || sinks.length === 0) continue;
    yield { ...plan, sinks, branches: branches.filter((each) => each.name !== name) };
  }
}

/** Whether a branch comes from a flow. */
function isBranched({ branches = [] }: SwarmPlan, flow: string): boolean {
  return branches.some((branch) => branch.input === flow || ("right" in branch && branch.right === flow));
}

/** Whether a fault is that of an operator. */
function isNamed({ faults }: SwarmPlan, operator: string): boolean {
  return faults.some((fault) => JSON.stringify(fault).includes(`"${operator}"`));
}

/** What it fed is fed by its input; undefined where lanes would no longer differ, or a fault is its. */
function withoutStep(plan: SwarmPlan, name: string): SwarmPlan | undefined {
  const step = plan.steps.find((each) => each.name === name);
  const [input] = step?.inputs ?? [];
  if (step === undefined || input === undefined || step.inputs.length > 1) return undefined;
  if (step.kind === "flatMap" || (step.kind === "map" && step.letter !== "")) return undefined;
  if (isNamed(plan, name)) return undefined;
  const instead = (each: string): string => (each === name ? input : each);
  const stepInstead = <S extends SwarmTimedStep | SwarmBranch>(each: S): S => ({
    ...each,
    input: instead(each.input),
    ...("right" in each ? { right: instead(each.right) } : {}),
  });
  return {
    ...plan,
    steps: plan.steps.filter((each) => each !== step).map((each) => ({ ...each, inputs: each.inputs.map(instead) })),
    sinks: plan.sinks.map((sink) => ({ ...sink, input: instead(sink.input) })),
    ...(plan.time === undefined ? {} : { time: { ...plan.time, steps: plan.time.steps.map(stepInstead) } }),
    ...(plan.branches === undefined ? {} : { branches: plan.branches.map(stepInstead) }),
  };
}
