/** The bounds of a join without any: partners may be as far apart as they like. */
export const unbounded = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };
