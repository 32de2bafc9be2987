/** TextColumns: rows of text as lines whose columns stand below each other. */

const gap = "  ";
/** No column is made narrower. */
const widthMin = 16;

/**
 * One line for each row, and further ones below it for what of its cells there is no room for in `widthMax` characters: the widest
 * columns are wrapped.
 */
export function alignColumns(rows: readonly (readonly string[])[], widthMax = Number.POSITIVE_INFINITY): string[] {
  const columnCount = Math.max(...rows.map((row) => row.length));
  const needed = Array.from({ length: columnCount }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const most = columnWidthMax(needed, widthMax - gap.length * (columnCount - 1));
  const widths = needed.map((width) => Math.min(width, most));
  return rows.flatMap((row) => {
    const cells = row.map((cell, column) => wrapped(cell, widths[column] ?? 0));
    const lineCount = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: lineCount }, (_, line) =>
      cells
        .map((lines, column) => (lines[line] ?? "").padEnd(widths[column] ?? 0))
        .join(gap)
        .trimEnd(),
    );
  });
}

/** The width that columns may have, so that all of them fit into `room`: narrow ones leave theirs to the others. */
function columnWidthMax(widths: readonly number[], room: number): number {
  let left = room;
  for (const [index, width] of widths.toSorted((one, other) => one - other).entries()) {
    const share = Math.floor(left / (widths.length - index));
    if (width > share) return Math.max(share, widthMin);
    left -= width;
  }
  return Number.POSITIVE_INFINITY;
}

/** Lines of at most `width` characters, between words where there are any. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    lines.push(rest.slice(0, space > 0 ? space : width));
    rest = rest.slice(space > 0 ? space + 1 : width);
  }
  return [...lines, rest];
}
