/**
 * The channel and the url of a bid: half of the bids come through one of four channels, the others through one of 10,000, most of which
 * carry their id in the url. Its structure is that of the generator for Apache Flink, whose numbers nobody can draw again; these are
 * drawn from seeds.
 */

import { JavaRandom } from "./java-random.ts";
import { letters } from "./text.ts";

export interface Channel {
  readonly channel: string;
  readonly url: string;
}

const hotChannels = ["Google", "Facebook", "Baidu", "Apple"] as const;
const channelCount = 10_000;
/** Draws of a bid's channel are apart from those of the bid. */
const seedOffset = 1_000_000_000_000;
const tableSeed = 42;
const underscore = 0x5f;

const random = new JavaRandom();
let table: { readonly hot: readonly Channel[]; readonly others: readonly Channel[] } | undefined;

/** The channel of the bid with that event id. */
export function channelOf(eventId: number): Channel {
  table ??= channels();
  random.seed(eventId + seedOffset);
  const { hot, others } = table;
  return random.nextInt(2) > 0 ? hot[random.nextInt(hot.length)]! : others[random.nextInt(channelCount)]!;
}

function channels() {
  random.seed(tableSeed);
  const hot = hotChannels.map((channel) => ({ channel, url: address() }));
  const others = Array.from({ length: channelCount }, (_, index) => {
    const url = address();
    // In Java the lowest of all numbers of 32 bits has no positive one, and stays as it is.
    const id = random.nextInt(10) > 0 ? `&channel_id=${Math.abs(reversedBits(index)) | 0}` : "";
    return { channel: `channel-${index}`, url: `${url}${id}` };
  });
  return { hot, others };
}

function address(): string {
  const [one, two, three] = [directory(), directory(), directory()];
  return `https://www.nexmark.com/${one}/${two}/${three}/item.htm?query=1`;
}

function directory(): string {
  return letters(random, 3 + random.nextInt(2), underscore);
}

function reversedBits(number: number): number {
  let rest = number;
  let reversed = 0;
  for (let bit = 0; bit < 32; bit += 1) {
    reversed = (reversed << 1) | (rest & 1);
    rest >>>= 1;
  }
  return reversed;
}
