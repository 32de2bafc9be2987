import { expect, test } from "vitest";
import type { OperatorSpec } from "../actors/index.ts";
import { sampleSource } from "./fixtures/sample-specs.ts";
import { GraphAssembly, type Input } from "./graph-assembly.ts";

const join: OperatorSpec = {
  kind: "join",
  outputs: ["main"],
  create: () => {
    throw new Error("never made");
  },
};

test("an operator with several inputs numbers them, and takes the most instances of what it consumes", () => {
  const assembly = new GraphAssembly("traffic");
  const [left, right] = [source(assembly, "left", 1), source(assembly, "right", 3)];

  assembly.addOperator("join", join, [left, right], {}, true);

  const graph = assembly.close();
  expect(graph.edges.map((edge) => [edge.from, edge.inputIndex])).toEqual([
    [0, 0],
    [1, 1],
  ]);
  expect(graph.nodes[2]?.parallelism).toBe(3);
});

test("one stream may lead to two inputs of an operator", () => {
  const assembly = new GraphAssembly("traffic");
  const stream = source(assembly, "sensor", 1);

  assembly.addOperator("self-join", join, [stream, stream], {}, true);

  expect(assembly.close().edges).toHaveLength(2);
});

test("a stream of another assembly is refused, also when the jobs have one name", () => {
  const assembly = new GraphAssembly("traffic");
  const own = source(assembly, "sensor", 1);
  const foreign = source(new GraphAssembly("traffic"), "sensor", 1);

  expect(() => assembly.addOperator("join", join, [own, foreign], {}, true)).toThrow(
    expect.objectContaining({ code: "ERR_JOB_FOREIGN_STREAM", message: expect.stringContaining("another build") }),
  );
});

function source(assembly: GraphAssembly, name: string, parallelism: number): Input {
  return { assembly, origins: [assembly.addSource(name, sampleSource(), { parallelism })] };
}
