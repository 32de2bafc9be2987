/**
 * The three topics that are talked about most in ten minutes, every minute: posts are counted in sliding windows, and the counts
 * are rows of a table, of which the best three of each window are kept up to date.
 */

import { count, defineJob, generate, sliding } from "../../jobs/index.ts";
import { postAt } from "./post.ts";

/** A place on the board of the ten minutes that end at `end`, in ms since the epoch. */
export interface Place {
  readonly end: number;
  readonly rank: number;
  readonly topic: string;
  readonly posts: number;
}

export default defineJob("trending", import.meta.url, (job, { posts }: { posts: number }) => {
  job
    .source("posts", generate({ count: posts, from: postAt }))
    .eventTime("post-time", { time: ({ at }) => at, maxAhead: false })
    .keyBy(({ topic }) => topic)
    .window("ten-minutes", sliding("10m", "1m"), count(), { parallelism: 2 })
    .map("counted", ({ key: topic, window, value }) => ({ topic, end: window.end, posts: value }))
    .asTable("counts", ({ end, topic }) => `${end} ${topic}`)
    .groupBy(({ end }) => end)
    .topN("board", 3, {
      order: (left, right) => right.posts - left.posts || (left.topic < right.topic ? -1 : 1),
      result: ({ end, topic, posts }, rank): Place => ({ end, rank, topic, posts }),
    })
    .latest("places")
    .collect("board-over-time");
});
