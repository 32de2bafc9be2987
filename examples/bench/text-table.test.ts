import { describe, expect, it } from "vitest";
import { formatTable } from "./text-table.ts";

describe("text table", () => {
  it("makes each column as wide as its widest cell and aligns it", () => {
    const table = formatTable(
      [
        { heading: "name", align: "left" },
        { heading: "rate", align: "right" },
        { heading: "form", align: "left" },
      ],
      [
        ["loop", "13.10", "a loop"],
        ["effect", "9.70", ""],
      ],
    );

    expect(table.split("\n")).toEqual([
      "name     rate  form",
      "------  -----  ------",
      "loop    13.10  a loop",
      "effect   9.70",
    ]);
  });

  it("fills missing cells with blanks", () => {
    expect(
      formatTable(
        [
          { heading: "a", align: "left" },
          { heading: "b", align: "left" },
        ],
        [["1"]],
      ),
    ).toBe("a  b\n-  -\n1");
  });
});
