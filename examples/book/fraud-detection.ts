/**
 * Chapter 4: fraud detection. Every transaction goes to three analyzers, each with a view of its own on what the user did
 * before; the aggregator brings the three scores of a transaction together again and decides.
 */

import { defineJob, tcpListen } from "../../jobs/index.ts";
import { AverageTicket, ImpossibleWalk, Velocity } from "./fraud-analyzers.ts";
import { ScoreAggregator } from "./score-aggregator.ts";
import { TransactionReader } from "./transaction.ts";

export const fraudDetection = defineJob("fraud-detection", import.meta.url, (job, { port }: { port: number }) => {
  const transactions = job
    .source("transactions", tcpListen({ port }))
    .process("read", TransactionReader, { supervision: "resume" });

  // The history of a user is on one instance of each analyzer.
  const byUser = transactions.keyBy(({ user }) => user);
  const ticket = byUser.process("average-ticket", AverageTicket, { parallelism: 2 });
  const velocity = byUser.process("velocity", Velocity, { parallelism: 2 });
  const walk = byUser.process("impossible-walk", ImpossibleWalk, { parallelism: 2 });

  ticket
    .union(velocity, walk)
    .keyBy(({ transaction }) => transaction.id)
    .process("decision", ScoreAggregator, { parallelism: 2 })
    .output("updates");
});
