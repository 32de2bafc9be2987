import { expect, test } from "vitest";
import { stashMessagesMax } from "../limits.ts";
import type { Envelope } from "./mailbox.ts";
import { Stash } from "./stash.ts";

test("takes so many messages and no more, and as many again when they have been taken", () => {
  const stash = new Stash();
  const put = () => stash.put({} as Envelope, "millrace://shop/till");
  for (let count = 0; count < stashMessagesMax; count += 1) put();

  expect(put).toThrow(
    expect.objectContaining({
      code: "ERR_RT_STASH_FULL",
      message: "millrace://shop/till has 10000 messages stashed, the most allowed",
    }),
  );
  expect(stash.takeAll()).toHaveLength(stashMessagesMax);
  expect(put).not.toThrow();
});
