import { expect, test } from "vitest";
import { attached, detached } from "./attachments.ts";
import type { HostCommand } from "./frame.ts";

const spec = { kind: "module", module: "m", export: "e", args: 1 } as const;
const attachments = [Uint8Array.of(1), Uint8Array.of(2)];

test.each([
  { kind: "start", path: "a", incarnation: 0, spec: { ...spec, attachments } },
  { kind: "restart", path: "a", incarnation: 1, fate: "retry", spec: { ...spec, attachments } },
] as const)("a $kind gets back what travels beside it", (whole) => {
  const [bare, beside] = detached(whole);

  expect(bare).toEqual({ ...whole, spec });
  expect(attached(bare, beside)).toEqual(whole);
});

test("a command without any stays as it is", () => {
  const command: HostCommand = { kind: "start", path: "a", incarnation: 0, spec };

  expect(detached(command)).toEqual([command, []]);
  expect(attached(command, [])).toBe(command);
});

test("attachments of a command that takes none are a broken invariant", () => {
  expect(() => attached({ kind: "stop", path: "a" }, attachments)).toThrow(
    expect.objectContaining({ code: "ERR_RT_INVARIANT" }),
  );
});
