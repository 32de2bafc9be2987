import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildGraph, defineJob } from "./define-job.ts";
import { explain } from "./explain.ts";
import { arbitraryGraph } from "./fixtures/arbitrary-graph.ts";
import { sampleSink, sampleSource } from "./fixtures/sample-specs.ts";
import { plan } from "./planner.ts";

const graph = buildGraph(
  defineJob("bridge-traffic", (job) => {
    const parsed = job
      .source("sensor", { ...sampleSource<{ type: string }>(), origin: "./2024.csv" }, { parallelism: 2 })
      .map("parse", (vehicle) => vehicle)
      .filter("heavy", () => true);
    parsed
      .keyBy((vehicle) => vehicle.type)
      .count("per-type")
      .sink("report", sampleSink());
    parsed.collect("raw");
  }),
  undefined,
);
const jobPlan = plan(graph, { hostCount: 2 });

test("a plan as text lists chains with their operators, instances, hosts and inputs in aligned columns", () => {
  expect(explain(graph, jobPlan, "text")).toMatchInlineSnapshot(`
    "job bridge-traffic: 6 operators in 4 chains, 6 cells on 2 worker threads, 8 channels

    chain  operator  kind               instances  hosts  gets its events
    0      sensor    sample ./2024.csv  2          1 2
           └ parse   map                                  chained
           └ heavy   filter                               chained
    1      per-type  count              2          1 2    key from heavy
    2      report    sample             1          1      shuffle from per-type
    3      raw       collect            1          main   shuffle from heavy"
  `);
});

test("a plan without worker threads says so", () => {
  expect(explain(graph, plan(graph, { hostCount: 0 }), "text")).toContain("on the calling thread");
});

test("a plan as JSON holds everything that is plain data", () => {
  const data: unknown = JSON.parse(explain(graph, jobPlan, "json"));

  expect(data).toMatchObject({
    job: "bridge-traffic",
    hostCount: 2,
    operators: [{ name: "sensor", kind: "source", parallelism: 2 }, {}, {}, {}, {}, {}],
    edges: [{}, {}, { grouping: "key" }, {}, {}],
    chains: jobPlan.chains,
    channels: jobPlan.channels,
  });
});

describe("a plan as Mermaid", () => {
  test("is a flowchart with chains as subgraphs, and thick arrows between them", () => {
    expect(explain(graph, jobPlan, "mermaid")).toMatchInlineSnapshot(`
      "flowchart LR
        subgraph chain0["chain 0 x 2, on 1 2"]
          node0(["sensor<br/>sample ./2024.csv"])
          node1["parse<br/>map"]
          node2["heavy<br/>filter"]
        end
        subgraph chain1["chain 1 x 2, on 1 2"]
          node3["per-type<br/>count"]
        end
        subgraph chain2["chain 2 x 1, on 1"]
          node4[("report<br/>sample")]
        end
        subgraph chain3["chain 3 x 1, on main"]
          node5[("raw<br/>collect")]
        end
        node0 --> node1
        node1 --> node2
        node2 ==>|"key"| node3
        node3 ==>|"shuffle"| node4
        node2 ==>|"shuffle"| node5"
    `);
  });

  test("keeps to the grammar for every graph", () => {
    const line =
      /^( {2}subgraph chain\d+\["[^"\]]*"\]| {4}node\d+(\(\[".*"\]\)|\[".*"\]|\[\(".*"\)\])| {2}end| {2}node\d+ (-->|==>)(\|"[^"|]*"\|)? node\d+)$/;
    fc.assert(
      fc.property(arbitraryGraph, (drawn) => {
        const [head, ...lines] = explain(drawn, plan(drawn, { hostCount: 2 }), "mermaid").split("\n");
        expect(head).toBe("flowchart LR");
        expect(lines.filter((text) => !line.test(text))).toEqual([]);
      }),
    );
  });

  test("escapes what would end a label or become markup", () => {
    const node = graph.nodes[1];
    const hostile = { ...graph, nodes: graph.nodes.with(1, { ...node!, label: '"]<b>#;`\n|end' }) };

    const text = explain(hostile, jobPlan, "mermaid");

    expect(text).toContain('node1["parse<br/>#34;#93;#60;b#62;#35;#59;#96;#10;#124;end"]');
  });
});
