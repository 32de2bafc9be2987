/**
 * checkOperators: tries every operator of a job in the ways in which the runtime may run it. Whatever the way, it has to tell
 * what it tells when it is given its events one by one and nothing happens: what it keeps has to be in its state, and what
 * it tells may depend on its events only.
 *
 * Sinks are left out: they reach outside. So are faults of the whole job, which `simulate` is for.
 */

import { isDeepStrictEqual } from "node:util";
import { type HarnessEvent, SourceHarness, type TestContextOptions } from "../../actors/testing/index.ts";
import { checkNames, OptionError, printValue, wholeNumber } from "../../runtime/index.ts";
import { buildGraph, type JobDefinition } from "../define-job.ts";
import { carriesDeadLetters, edgesInto, type JobGraph, type OperatorNode, type SourceNode } from "../job-graph.ts";
import { OperatorUnknownError } from "../run/run-error.ts";
import { optionsOf } from "./job-operator.ts";
import {
  allAtOnce,
  movedOn,
  type OperatorMaker,
  type Told,
  type TrialEvent,
  type TrialResult,
  takenBack,
  undisturbed,
  withoutCredit,
} from "./operator-trial.ts";

export interface CheckOperatorsOptions<P> {
  /** As for `submit`. */
  readonly params?: P;
  /** What the sources bring in, by their names. Default: what they read, for sources that end. */
  readonly events?: Readonly<Record<string, readonly unknown[]>>;
  /** Of each input of an operator, events beyond that are left out. Default 100. */
  readonly eventCountMax?: number;
  /** The operators to try, by their names. Default: all. */
  readonly only?: readonly string[];
  /** What takes the place of services of the job. */
  readonly services?: TestContextOptions["services"];
}

export interface OperatorFinding {
  readonly operator: string;
  /** In which way it was run. */
  readonly trial: string;
  /** Behind which event it told something else, from 1; undefined at the end, or where no single event is known. */
  readonly event: { readonly number: number; readonly value: unknown } | undefined;
  readonly expected: readonly Told[];
  readonly actual: readonly Told[];
  /** All of it, as one line. */
  readonly text: string;
}

/**
 * Resolves to the first difference of each way of each operator; empty when there is none.
 *
 * Rejects with ERR_RT_OPTION, ERR_JOB_OPERATOR_UNKNOWN, ERR_JOB_* for what is wrong with the graph, and with what a source fails with.
 */
export async function checkOperators<P>(
  definition: JobDefinition<P>,
  options: CheckOperatorsOptions<P> = {},
): Promise<readonly OperatorFinding[]> {
  checkNames("checkOperators", options, {
    params: true,
    events: true,
    eventCountMax: true,
    only: true,
    services: true,
  });
  const build = () => buildGraph(definition, options.params as P);
  const graph = build();
  checkOperatorsAndSources(graph, options);
  const eventCountMax = wholeNumber("eventCountMax", options.eventCountMax ?? 100, 1, 100_000);
  /** What each node emits, by output. */
  const streams = new Map<number, ReadonlyMap<string, readonly HarnessEvent[]>>();
  const findings: OperatorFinding[] = [];
  for (const node of graph.nodes) {
    if (node.kind === "source") streams.set(node.id, new Map([["main", await eventsOf(node, options, eventCountMax)]]));
    if (node.kind !== "operator") continue;
    const maker: OperatorMaker = {
      operator: node.name,
      anew() {
        const built = build();
        const own = built.nodes[node.id] as OperatorNode;
        const { services } = options;
        return { node: own, options: optionsOf(built, own, services === undefined ? {} : { services }) };
      },
    };
    const events = inputsOf(graph, node.id, streams, eventCountMax);
    const { result, found } = await tried(node, maker, events, options.only?.includes(node.name) ?? true);
    streams.set(node.id, byOutput(result));
    findings.push(...found);
  }
  return findings;
}

const trials = [
  [
    "run again, with a job built anew",
    undisturbed,
    "depends on something besides its events: a clock, chance, or a variable of the module",
  ],
  ["all events as one batch", allAtOnce, "depends on where a batch ends"],
  ["its outputs without credit for a while", withoutCredit, "depends on when it is called"],
  ["on another thread after each event, from its snapshot", movedOn, "keeps something that is not in its state"],
  [
    "back to its snapshot after each event, which comes again",
    takenBack,
    "keeps something that is not in its state, and does not go back with it",
  ],
] as const;

async function tried(node: OperatorNode, maker: OperatorMaker, events: readonly TrialEvent[], isTried: boolean) {
  const found: OperatorFinding[] = [];
  const run = async (trial: typeof undisturbed, name: string): Promise<TrialResult | undefined> => {
    try {
      return await trial(maker, events);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      found.push(findingOf(node.name, name, undefined, [], [], `fails: ${why}`));
      return undefined;
    }
  };
  const result = await run(undisturbed, "one event after the other");
  if (result === undefined || !isTried) return { result: result ?? [], found };
  for (const [name, trial, why] of trials) {
    if (trial === allAtOnce && node.spec.perBatch === true) continue;
    const other = await run(trial, name);
    const difference =
      other &&
      firstDifference(
        trial === allAtOnce ? [bag(node, result.flat())] : result,
        trial === allAtOnce ? [bag(node, other.flat())] : other,
      );
    if (difference === undefined) continue;
    const { index, expected, actual } = difference;
    const event =
      trial === allAtOnce || index >= events.length ? undefined : { number: index + 1, value: events[index]?.value };
    found.push(
      findingOf(
        node.name,
        name,
        event,
        expected,
        actual,
        `tells ${shown(actual)} instead of ${shown(expected)}: it ${why}`,
      ),
    );
    // The other ways would say the same in other words.
    if (trial === undisturbed) break;
  }
  return { result, found };
}

function firstDifference(expected: TrialResult, actual: TrialResult) {
  const index = expected.findIndex((told, at) => !isDeepStrictEqual(told, actual[at]));
  if (index < 0) return undefined;
  const [left = [], right = []] = [expected[index], actual[index]];
  const from = left.findIndex((told, at) => !isDeepStrictEqual(told, right[at]));
  const start = from < 0 ? left.length : from;
  return { index, expected: left.slice(start), actual: right.slice(start) };
}

/** By output, each in its order; calls in flight beside each other may be done in any. */
function bag({ spec }: OperatorNode, told: readonly Told[]): readonly Told[] {
  const textOf = ([output, value]: Told) => (spec.heads === true ? `${output} ${printValue(value)}` : output);
  return told.toSorted((left, right) => (textOf(left) < textOf(right) ? -1 : textOf(left) > textOf(right) ? 1 : 0));
}

function findingOf(
  operator: string,
  trial: string,
  event: OperatorFinding["event"],
  expected: readonly Told[],
  actual: readonly Told[],
  what: string,
): OperatorFinding {
  const where = event === undefined ? "" : ` at event ${event.number}, ${printValue(event.value)},`;
  return { operator, trial, event, expected, actual, text: `${operator} (${trial}):${where} ${what}` };
}

function shown(told: readonly Told[]): string {
  const [first] = told;
  if (first === undefined) return "nothing";
  const [output, value] = first;
  const more = told.length === 1 ? "" : ` and ${told.length - 1} more`;
  return `${printValue(value)}${output === "main" ? "" : ` on ${output}`}${more}`;
}

function byOutput(result: TrialResult): ReadonlyMap<string, readonly HarnessEvent[]> {
  const streams = new Map<string, HarnessEvent[]>();
  for (const [output, value, time] of result.flat()) {
    const stream = streams.get(output) ?? [];
    streams.set(output, stream);
    stream.push(eventOf(value, time));
  }
  return streams;
}

function eventOf(value: unknown, time: number | undefined): HarnessEvent {
  return time === undefined ? { value } : { value, time };
}

/** The events of each input, those of the first one last: behind the rules, or the table, that they meet. */
function inputsOf(
  graph: JobGraph,
  id: number,
  streams: ReadonlyMap<number, ReadonlyMap<string, readonly HarnessEvent[]>>,
  countMax: number,
): readonly TrialEvent[] {
  const events = edgesInto(graph, id).flatMap((edge) => {
    // Dead letters of a job have a form of their own, which only a run gives them.
    if (carriesDeadLetters(edge, graph.nodes)) return [];
    const output = graph.nodes[edge.from]?.outputs[edge.outputIndex] ?? "main";
    const ofEdge = streams.get(edge.from)?.get(output) ?? [];
    return ofEdge.map((event): TrialEvent => ({ ...event, input: edge.inputIndex }));
  });
  const byInput = Map.groupBy(events, ({ input }) => input);
  return [...byInput]
    .toSorted(([left], [right]) => right - left)
    .flatMap(([_input, ofInput]) => ofInput.slice(0, countMax));
}

async function eventsOf<P>(
  { name, spec }: SourceNode,
  { events = {} }: CheckOperatorsOptions<P>,
  eventCountMax: number,
): Promise<readonly HarnessEvent[]> {
  const given = events[name];
  if (given !== undefined) return given.map((value) => ({ value }));
  if (!spec.bounded) throw new OptionError(`events: ${name}`, undefined, "the events of a source that does not end");
  const harness = await SourceHarness.open(spec);
  try {
    await harness.toCount(eventCountMax);
    return harness.events.map((value, index) => eventOf(value, harness.times[index]));
  } finally {
    await harness.close();
  }
}

function checkOperatorsAndSources<P>(graph: JobGraph, { only = [], events = {} }: CheckOperatorsOptions<P>): void {
  const check = (kind: "operator" | "source", names: readonly string[]) => {
    for (const name of names) {
      if (graph.nodes.some((node) => node.kind === kind && node.name === name)) continue;
      throw new OperatorUnknownError(`job ${JSON.stringify(graph.name)} has no ${kind} named ${JSON.stringify(name)}`, {
        details: { name },
      });
    }
  };
  check("operator", only);
  check("source", Object.keys(events));
}
