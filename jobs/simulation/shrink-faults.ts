/**
 * shrinkFaults: the faults that it takes to make a run fail, found by leaving out others as long as it still fails: ever smaller
 * parts, down to single ones. Andreas Zeller and Ralf Hildebrandt, Simplifying and Isolating Failure-Inducing Input (2002).
 */

/** How many runs a search may take. */
const shrinkRunsMax = 200;

/**
 * The faults that remain, in their order: without any one of them the run does not fail, unless the runs were spent before.
 *
 * @param fails whether a run with these faults still fails
 */
export async function shrinkFaults<F>(
  faults: readonly F[],
  fails: (faults: readonly F[]) => Promise<boolean>,
  runsMax = shrinkRunsMax,
): Promise<readonly F[]> {
  let left = faults;
  let runsLeft = runsMax;
  let size = left.length;
  while (size > 0) {
    const countBefore = left.length;
    for (let start = 0; start < left.length; ) {
      if (runsLeft === 0) return left;
      runsLeft -= 1;
      const others = [...left.slice(0, start), ...left.slice(start + size)];
      if (await fails(others)) left = others;
      else start += size;
    }
    // What was needed before may not be, now that others are gone.
    if (size > 1 || left.length === countBefore) size = Math.floor(size / 2);
  }
  return left;
}
