import { describe, expect, it } from "vitest";
import { parseArguments } from "./options.ts";
import { workloadIds } from "./workloads.ts";

describe("bench arguments", () => {
  it("run everything when there are none", () => {
    expect(parseArguments([])).toEqual({
      kind: "run",
      options: {
        workloads: [...workloadIds],
        contenders: undefined,
        rounds: 5,
        events: 2_000_000,
        jsonPath: undefined,
        large: false,
      },
    });
  });

  it("choose workloads and contenders, in their own order and once each", () => {
    const parsed = parseArguments("--workload W4,W1,W4 --contender rxjs,loop --rounds 2 --events 1_000".split(" "));

    expect(parsed).toMatchObject({
      kind: "run",
      options: { workloads: ["W1", "W4"], contenders: ["loop", "rxjs"], rounds: 2, events: 1000 },
    });
  });

  it.each([
    [["--workload", "W0"], /Expected one or more of W1, W2, .*, windows, got "W0"/],
    [["--workload", ""], /got ""/],
    [["--contender", "flink"], /got "flink"/],
    [["--rounds", "0"], /Expected a whole number from 1 to 1000, got "0"/],
    [["--rounds", "1.5"], /got "1.5"/],
    [["--events", "-5"], /got "-5"/],
    [["--events", "many"], /got "many"/],
    [["--events", "1e12"], /got "1e12"/],
    [["--json"], /argument missing/],
    [["--speed"], /unknown option '--speed'/],
    [["W1"], /too many arguments/],
  ])("refuse %j and say what is allowed", (given, message) => {
    const parsed = parseArguments(given);

    expect(parsed.kind).toBe("invalid");
    expect(parsed).toHaveProperty("message", expect.stringMatching(message));
  });

  it("explain themselves", () => {
    const parsed = parseArguments(["--help"]);

    expect(parsed.kind).toBe("help");
    expect(parsed).toHaveProperty("text", expect.stringContaining("W2          count per bridge"));
    expect(parsed).toHaveProperty("text", expect.stringContaining("node-streams"));
  });
});
