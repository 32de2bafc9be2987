/**
 * GraphAssembly: collects the nodes and edges of one job while its builder runs, then closes. Shared by the job builder
 * and every stream of the job.
 */

import {
  checkMicroBatch,
  type Grouping,
  type MicroBatchOptions,
  microBatch,
  type OperatorSpec,
  type SinkSpec,
  type SourceSpec,
} from "../actors/index.ts";
import { assert, type ServiceRegistration } from "../runtime/index.ts";
import { BuilderError } from "./builder-error.ts";
import { callSite } from "./call-site.ts";
import { ForeignStreamError } from "./graph-errors.ts";
import { checkEdge, checkEnd, checkNode, checkWhole } from "./graph-validation.ts";
import {
  deadLetterOutputName,
  type GraphEdge,
  type GraphNode,
  type JobGraph,
  leadingTo,
  type NodeFacts,
} from "./job-graph.ts";
import { inMicroBatches } from "./micro-batches.ts";
import { checkEndNames, checkOperatorNames } from "./operator-option-names.ts";
import type { OperatorOptions } from "./operator-options.ts";
import {
  type OperatorSupervision,
  type OperatorSupervisionOptions,
  supervisionOptions,
} from "./operator-supervision.ts";

/** One output of one node, and how its events are to be spread; undefined: forward if possible, else shuffle. */
export interface Origin {
  readonly node: number;
  readonly outputIndex: number;
  readonly grouping: Grouping | undefined;
}

/** The streams that lead to one input of an operator. */
export interface Input {
  readonly assembly: GraphAssembly;
  readonly origins: readonly Origin[];
}

export class GraphAssembly {
  readonly jobName: string;
  readonly #nodes: GraphNode[] = [];
  readonly #edges: GraphEdge[] = [];
  readonly #services: ServiceRegistration[] = [];
  #supervision: OperatorSupervisionOptions | undefined;
  /** Operators of which the author says whether they work in micro-batches. */
  readonly #batchedByAuthor = new Set<number>();
  #microBatch: MicroBatchOptions | undefined;
  #isClosed = false;

  constructor(name: string) {
    this.jobName = name;
  }

  addSource(name: string, spec: SourceSpec<unknown>, options: OperatorOptions): Origin {
    checkEnd("source", name, spec);
    checkEndNames("source", name, options);
    const facts = { ...this.#facts(name, spec, options, 1), outputs: Object.freeze(["main"]), terminal: false };
    return this.#add({ ...facts, kind: "source", spec }, []);
  }

  /**
   * Adds an operator and returns its outputs, in their order.
   *
   * @param inputs the streams of each of its inputs, in the order that it numbers them
   * @param terminal whether the streams behind it may be left unconsumed
   */
  addOperator(
    name: string,
    spec: OperatorSpec,
    inputs: readonly Input[],
    options: OperatorOptions,
    terminal: boolean,
  ): readonly Origin[] {
    checkOperatorNames(name, spec.kind, options);
    const facts = this.#facts(name, spec, options, this.#widest(inputs));
    const outputs = Object.freeze([...spec.outputs]);
    const { microBatch: batches } = options;
    const batched = batches === undefined || batches === false ? spec : microBatch(spec, batches);
    const { node } = this.#add({ ...facts, outputs, terminal, kind: "operator", spec: batched }, inputs);
    if (batches !== undefined) this.#batchedByAuthor.add(node);
    return outputs.map((_, outputIndex) => ({ node, outputIndex, grouping: undefined }));
  }

  /** Adds a sink and returns the id of its node. */
  addSink(name: string, spec: SinkSpec<never>, input: Input, options: OperatorOptions): number {
    checkEnd("sink", name, spec);
    checkEndNames("sink", name, options);
    const facts = this.#facts(name, spec, options, 1);
    const placement = { kind: spec.onMain === true ? "main" : "anywhere" } as const;
    // The stream's type has been compared with the sink's already; a graph holds specs of any type.
    const anySpec = spec as SinkSpec<unknown>;
    return this.#add({ ...facts, placement, outputs: [], terminal: true, kind: "sink", spec: anySpec }, [input]).node;
  }

  /** The dead letters of the nodes with these ids, or of all that were added so far. */
  deadLetters(ids: Iterable<number> = this.#nodes.keys()): Input {
    this.#checkOpen("a stream of dead letters");
    const origins = [...new Set(ids)].map((id): Origin => {
      const node = this.#nodes[id];
      assert(node !== undefined, "an origin is a node of its assembly");
      if (node.outputs.at(-1) === deadLetterOutputName) {
        return { node: id, outputIndex: node.outputs.length - 1, grouping: undefined };
      }
      this.#nodes[id] = { ...node, outputs: Object.freeze([...node.outputs, deadLetterOutputName]) };
      return { node: id, outputIndex: node.outputs.length, grouping: undefined };
    });
    return { assembly: this, origins };
  }

  /** The names of the sources that lead to an input and never end. */
  endlessSources(input: Input): readonly string[] {
    return this.#leadingTo(input).flatMap((node) => (node.kind === "source" && !node.spec.bounded ? [node.name] : []));
  }

  /** The names of what leads to an input and waits for the event time of other streams (`maxDrift`). */
  driftLimitedStreams(input: Input): readonly string[] {
    return this.#leadingTo(input).flatMap((node) =>
      node.kind === "operator" && node.spec.maxDriftMs !== undefined ? [node.name] : [],
    );
  }

  #leadingTo({ origins }: Input): readonly GraphNode[] {
    const ids = leadingTo(
      origins.map(({ node }) => node),
      this.#edges,
    );
    return [...ids].map((id) => this.#nodes[id] as GraphNode);
  }

  addService(registration: ServiceRegistration): void {
    this.#checkOpen(`service ${JSON.stringify(registration.token.name)}`);
    this.#services.push(registration);
  }

  setSupervision(policy: OperatorSupervision): void {
    this.#checkOpen("supervision");
    this.#supervision = supervisionOptions(policy, "job.supervision");
  }

  setMicroBatch(options: MicroBatchOptions): void {
    this.#checkOpen("micro-batches");
    checkMicroBatch(options);
    this.#microBatch = options;
  }

  /** Ends the collecting. The graph is validated and frozen, specs and services excepted. */
  close(): JobGraph {
    this.#isClosed = true;
    const parts = { nodes: this.#nodes.map((node) => this.#supervised(node)), edges: this.#edges };
    const { nodes, edges } =
      this.#microBatch === undefined ? parts : inMicroBatches(parts, this.#batchedByAuthor, this.#microBatch);
    const graph: JobGraph = Object.freeze({
      name: this.jobName,
      nodes: Object.freeze(nodes),
      edges: Object.freeze(edges),
      services: Object.freeze(this.#services),
    });
    checkWhole(graph);
    return graph;
  }

  #supervised(node: GraphNode): GraphNode {
    return Object.freeze({ ...node, supervision: node.supervision ?? this.#supervision });
  }

  #facts(
    name: string,
    spec: { readonly kind: string },
    options: OperatorOptions,
    parallelism: number,
  ): Omit<NodeFacts, "outputs" | "terminal"> {
    this.#checkOpen(JSON.stringify(name));
    return {
      id: this.#nodes.length,
      name,
      label: spec.kind,
      parallelism: options.parallelism ?? parallelism,
      placement: { kind: "anywhere" },
      supervision:
        options.supervision && supervisionOptions(options.supervision, `operator ${JSON.stringify(name)}: supervision`),
      renamedFrom: options.renamedFrom,
      definedAt: callSite(),
    };
  }

  #add(node: GraphNode, inputs: readonly Input[]): Origin {
    checkNode(node, this.#nodes);
    for (const input of inputs) {
      if (input.assembly !== this) throw foreignStream(node.name, this.jobName, input.assembly.jobName);
    }
    this.#nodes.push(node);
    for (const [inputIndex, input] of inputs.entries()) {
      for (const origin of input.origins) this.#connect(origin, node, inputIndex);
    }
    return { node: node.id, outputIndex: 0, grouping: undefined };
  }

  #connect(origin: Origin, to: GraphNode, inputIndex: number): void {
    const from = this.#nodes[origin.node];
    assert(from !== undefined, "an origin is a node of its assembly");
    const grouping = origin.grouping ?? { kind: from.parallelism === to.parallelism ? "forward" : "shuffle" };
    const edge: GraphEdge = Object.freeze({
      id: this.#edges.length,
      from: from.id,
      outputIndex: origin.outputIndex,
      to: to.id,
      inputIndex,
      grouping: Object.freeze(grouping),
    });
    checkEdge(edge, this.#nodes, this.#edges);
    this.#edges.push(edge);
  }

  #widest(inputs: readonly Input[]): number {
    const origins = inputs.filter((input) => input.assembly === this).flatMap((input) => input.origins);
    return Math.max(1, ...origins.map((origin) => this.#nodes[origin.node]?.parallelism ?? 1));
  }

  #checkOpen(what: string): void {
    if (!this.#isClosed) return;
    throw new BuilderError(
      `${what} was added to job ${JSON.stringify(this.jobName)} after its builder had returned; add everything before`,
    );
  }
}

/** Refuses a stream of another job. */
export function foreignStream(operator: string, job: string, otherJob: string): ForeignStreamError {
  return new ForeignStreamError(
    `operator ${JSON.stringify(operator)} of job ${JSON.stringify(job)} was given a stream of ` +
      (job === otherJob ? "another build of that job" : `job ${JSON.stringify(otherJob)}`),
    { details: { operator, job, otherJob } },
  );
}
