/** closeAll: closes several things in order; one that fails does not keep the others open. */

/** @throws the only failure, or an AggregateError of several */
export async function closeAll(closings: readonly (() => void | Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closings) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, "several closings failed");
}
