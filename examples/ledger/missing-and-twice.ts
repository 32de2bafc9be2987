/** What is wrong with a ledger: transfers that are missing below the highest one, and those that are there more than once. */

export function missingAndTwice(text: string): { readonly missing: number; readonly twice: number } {
  const times = new Map<number, number>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const number = Number(line.split(" ")[0]);
    times.set(number, (times.get(number) ?? 0) + 1);
  }
  const count = [...times.keys()].reduce((most, number) => Math.max(most, number + 1), 0);
  return { missing: count - times.size, twice: [...times.values()].filter((each) => each > 1).length };
}
