/** Posts on topics, made up: each topic has its hour, and rises and falls around it. */

export interface Post {
  readonly id: number;
  readonly topic: string;
  /** In ms since the epoch. */
  readonly at: number;
}

const topics = ["football", "election", "eclipse", "launch", "strike"] as const;
const startMs = Date.UTC(2026, 5, 1, 18);
/** Between one post and the next. */
const stepMs = 1_000;

/** One post a second; which topic it is on repeats from run to run. */
export function postAt(index: number): Post {
  const at = startMs + index * stepMs;
  // The first topics are the talk of everybody for ten minutes each, with some posts on all others in between.
  const talk = Math.floor(index / 600) % topics.length;
  const isAside = (index * 7_919) % 10 < 4;
  const topic = topics[isAside ? (index * 31) % topics.length : talk] as string;
  return { id: index, topic, at };
}
