import { expect, test } from "vitest";
import { attachedState, detachedState } from "./detached-state.ts";

const restore = {
  epoch: 3,
  deltas: { first: [Uint8Array.of(1), Uint8Array.of(2)], second: [Uint8Array.of(3)] },
  position: 7,
  endedInputs: [4],
  watermarks: [],
  ended: false,
  reopenedAt: undefined,
};

test("state that travels apart comes back to its operators, in its order", () => {
  const [detached, attachments] = detachedState(restore);

  expect(detached).not.toHaveProperty("deltas");
  expect(attachments).toHaveLength(3);
  expect(attachedState(detached, attachments)).toEqual(restore);
});

test("state of which a part is missing is refused", () => {
  const [detached, attachments] = detachedState(restore);

  expect(() => attachedState(detached, attachments.slice(1))).toThrow(
    expect.objectContaining({ code: "ERR_RT_INVARIANT" }),
  );
});
