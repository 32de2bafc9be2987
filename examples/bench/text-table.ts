/** A table in plain text: columns as wide as their widest cell, two spaces between them, no trailing blanks. */

export interface Column {
  readonly heading: string;
  readonly align: "left" | "right";
}

export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) =>
    Math.max(column.heading.length, ...rows.map((cells) => cells[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? "";
        const width = widths[index] ?? 0;
        return column.align === "left" ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  const headings = line(columns.map((column) => column.heading));
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [headings, rule, ...rows.map(line)].join("\n");
}
