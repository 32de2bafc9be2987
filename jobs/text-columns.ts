/** TextColumns: rows of text as lines whose columns stand below each other. */

const gap = "  ";
/** No column is made narrower, nor than its longest word, up to `wordMax`. */
const widthMin = 16;
const wordMax = 32;

/**
 * One line for each row, and further ones below it for what of its cells there is no room for in `widthMax` characters: the widest
 * columns are wrapped.
 */
export function alignColumns(rows: readonly (readonly string[])[], widthMax = Number.POSITIVE_INFINITY): string[] {
  const columnCount = Math.max(...rows.map((row) => row.length));
  const needed = Array.from({ length: columnCount }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const words = needed.map((_, column) => Math.min(wordMax, Math.max(...rows.map((row) => longestWord(row[column])))));
  const widths = columnWidths(needed, words, widthMax - gap.length * (columnCount - 1));
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

/** The widths that fit into `room`: what `needed` says, or less, down to that of the words. */
function columnWidths(needed: readonly number[], words: readonly number[], room: number): readonly number[] {
  const most = columnWidthMax(needed, room);
  const kept = needed.map((width, column) => (width > most ? Math.max(most, words[column] ?? 0) : width));
  if (kept.every((width) => width <= most)) return kept;
  // What words need more is taken from the other wide ones.
  const wide = kept.filter((width) => width > most);
  const rest = columnWidthMax(
    needed.map((width, column) => ((kept[column] ?? 0) > most ? 0 : width)),
    room - wide.reduce((sum, width) => sum + width, 0),
  );
  return kept.map((width, column) => (width > most ? width : Math.min(width, Math.max(rest, words[column] ?? 0))));
}

function longestWord(text = ""): number {
  return Math.max(...text.split(" ").map((word) => word.length));
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
