import { expect, test } from "vitest";
import { HostNetwork } from "../fixtures/host-network.ts";
import type { Port } from "../seams/transport.ts";
import { VirtualClock } from "../seams/virtual-clock.ts";
import { frameKind } from "./frame.ts";
import { HostLinks } from "./host-links.ts";

class NotingPort implements Port {
  packetCount = 0;
  isClosed = false;

  post(): void {
    this.packetCount += 1;
  }

  onPacket(): void {}

  close(): void {
    this.isClosed = true;
  }
}

function joined() {
  const clock = new VirtualClock();
  const links = new HostLinks(3, clock, () => links.flush());
  const ports = [new NotingPort(), new NotingPort(), new NotingPort()] as const;
  links.join(2, 0, ports[0], () => undefined);
  const say = () => {
    links.send(2, [frameKind.linkCredit, 1]);
    clock.advance(0);
  };
  return { links, ports, say };
}

test("what is said to a host that has died, before its replacement is joined, goes to the replacement", () => {
  const { links, ports, say } = joined();

  links.leave(2, 0);
  say();
  links.join(2, 1, ports[1], () => undefined);

  expect(ports.map(({ packetCount, isClosed }) => [packetCount, isClosed])).toEqual([
    [0, true],
    [1, false],
    [0, false],
  ]);
});

test("H4: an incarnation that is known to have died is not joined, and an older one is not left again", () => {
  const { links, ports } = joined();

  links.leave(2, 1);
  links.join(2, 1, ports[1], () => undefined);
  links.join(2, 2, ports[2], () => undefined);

  expect(ports.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
  expect(links.knows(2, 1)).toBe(false);
  expect(links.knows(2, 2)).toBe(true);
});

test("host 0 says that a host has died on its link, before whatever it says because of that", async () => {
  const network = new HostNetwork(2);
  const heard: unknown[] = [];
  const actor = network.spawn("actor", 1, () => ({ receive: (message) => void heard.push(message) }));
  await network.settle();

  network.ref(actor, 2).tell("to the living");
  await network.settle();
  network.host(0).tellLeft(2, 1, 0);
  await network.settle();
  network.ref(actor, 2).tell("held for the replacement");
  await network.settle();

  expect(heard).toEqual(["to the living"]);
});
