import { expect, jest, test } from "@jest/globals";
import * as crypto from "node:crypto";

/** Node's own comparison, which is watched and may be told what to say. */
const timingSafeEqual = jest.fn(crypto.timingSafeEqual);
jest.unstable_mockModule("node:crypto", () => ({ ...crypto, timingSafeEqual }));
const { signWebhook, verifySignature } = await import("./signature.js");

const body = Buffer.from("{}");
const right = signWebhook("current", body);
/** Differs in the last digit alone, and in the first alone. */
const wrong = [
  `${right.slice(0, -1)}${right.endsWith("0") ? "1" : "0"}`,
  right.replace(/=(.)/, (_, first) => (first === "0" ? "=1" : "=0")),
];

test("a signature is right or wrong by Node's comparison in constant time, and by nothing besides", () => {
  for (const header of wrong)
    expect(verifySignature(["current"], body, header)).toBe("mismatch");
  timingSafeEqual.mockReturnValueOnce(true);
  expect(verifySignature(["current"], body, wrong[0])).toBe("valid");
  timingSafeEqual.mockReturnValueOnce(false);
  expect(verifySignature(["current"], body, right)).toBe("mismatch");
});

test("every secret is compared with, also after the right one", () => {
  timingSafeEqual.mockClear();
  expect(verifySignature(["current", "next"], body, right)).toBe("valid");
  expect(verifySignature(["next", "current"], body, right)).toBe("valid");
  expect(timingSafeEqual).toHaveBeenCalledTimes(4);
});
