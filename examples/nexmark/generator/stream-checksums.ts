/**
 * SHA-256 of streams as lines of JSON, each with its line feed. Three programs that were written apart, in Java, in Python and in
 * JavaScript, agree on them.
 */

import { createHash } from "node:crypto";
import { beamEventStream, eventStream, type StreamSettings } from "./event-stream.ts";

export interface StreamChecksum extends StreamSettings {
  readonly name: string;
  /** "beam": bids without a channel and a url. */
  readonly profile: "beam" | "extended";
  readonly sha256: string;
}

const extended = { profile: "extended", rate: 10_000 } as const;
const beam = { profile: "beam", rate: 10_000 } as const;

export const streamChecksums: readonly StreamChecksum[] = [
  {
    name: "20,000 events in order",
    profile: "extended",
    rate: 200,
    events: 20_000,
    sha256: "b3635fe303ed99b78f5fad8265b9b4a395619e3a75a4f0e85362d5f571375619",
  },
  {
    name: "20,000 events, shuffled within groups of 1,000",
    profile: "extended",
    rate: 200,
    events: 20_000,
    outOfOrderGroupSize: 1_000,
    sha256: "977ad75f0dc3766c0b509a9fb39d242e0abc93ac4b0d8a28e89d6b7dcca80c05",
  },
  ...prefixes(extended, {
    1000: "57fe970ca3b7833c807b4c517729b7445b85be9938ab311d4201795c72efdefb",
    10000: "c05b51486f7d816580f171dd7c5473ab264cba593f8e5774aca30071fca61c24",
    100000: "2aece22ac56cab1e02814ec6137360f69bd8410ccedcdac9c3d1c914c72df757",
    1000000: "de21c2fd5d2380f6c054da59d0afa0b2ac601b6b1fc625777d3a36bd7f4aabfa",
  }),
  ...prefixes(beam, {
    1000: "11e3066d7364087841eea65468acb2c29fe579b294122c6799186947e8d8a5f7",
    10000: "9a80f463392f1428b7e047d5fff8776b430c5a8fd3d130d2c5a693eae0b51ee6",
    100000: "aa283419c759a7a1ed18f57358177de9717107ff67418c3c73dad030958b0098",
    1000000: "005377bae05b46d66b5ddb57db6e67eb7696497a4c7671546f669e480e7431ec",
  }),
  {
    name: "100,000 events of 100 generators, as Beam has them",
    profile: "beam",
    rate: 10_000,
    events: 100_000,
    generators: 100,
    sha256: "a1ddc47f745d4385e08a1ca34fa04ea4e9007919f3dd2b31baab77eee7319804",
  },
  {
    name: "10,000 events of 100 generators, as Beam has them",
    profile: "beam",
    rate: 10_000,
    events: 10_000,
    generators: 100,
    sha256: "206206e05f8ecf3a47f8723721f9e21fb74db133ac35ca44aa51ee1351e65889",
  },
];

/** What it is of the stream that is made here. */
export function streamChecksum({ profile, events, ...settings }: StreamChecksum): string {
  const at = profile === "beam" ? beamEventStream({ events, ...settings }) : eventStream({ events, ...settings });
  const hash = createHash("sha256");
  let lines = "";
  for (let index = 0; index < events; index += 1) {
    lines += `${JSON.stringify(at(index))}\n`;
    if (lines.length < chunkCharacters) continue;
    hash.update(lines);
    lines = "";
  }
  return hash.update(lines).digest("hex");
}

const chunkCharacters = 65_536;

/** Of the first events of a stream of one generator: those of a shorter stream. */
function prefixes(
  stream: Pick<StreamChecksum, "profile" | "rate">,
  checksums: Readonly<Record<number, string>>,
): StreamChecksum[] {
  const { profile } = stream;
  return Object.entries(checksums).map(([count, sha256]) => {
    const events = Number(count);
    const name = `${events.toLocaleString("en")} events${profile === "beam" ? ", as Beam has them" : ""}`;
    return { ...stream, name, events, sha256 };
  });
}
