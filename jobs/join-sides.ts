/** What the function of a join is given of each side: undefined where events without a partner have a result, too. */

import type { JoinType } from "../actors/index.ts";

export type LeftOf<T, J extends JoinType> = J extends "right" | "full" ? T | undefined : T;
export type RightOf<T, J extends JoinType> = J extends "left" | "full" ? T | undefined : T;
