import { describe, expect, test } from "@jest/globals";
import { signWebhook, verifySignature } from "./signature.js";

const secret = "it is a secret";
const body = Buffer.from(
  '{"text":"Grüße, 世界 🙂","big":12345678901234567890}',
);

test("the right secret is valid, the next one too", () => {
  const header = signWebhook(secret, body);
  expect(verifySignature([secret], body, header)).toBe("valid");
  expect(verifySignature(["newer", secret], body, header)).toBe("valid");
  expect(
    verifySignature(
      [secret, "older"],
      body,
      header.replace(/[a-f]/g, (digit) => digit.toUpperCase()),
    ),
  ).toBe("valid");
});

test("GitHub's published example is valid", () => {
  const header =
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  expect(
    verifySignature(
      ["It's a Secret to Everybody"],
      Buffer.from("Hello, World!"),
      header,
    ),
  ).toBe("valid");
});

test("the raw bytes count: the same JSON written anew is refused", () => {
  const header = signWebhook(secret, body);
  const anew = Buffer.from(JSON.stringify(JSON.parse(body.toString())));
  expect(verifySignature([secret], anew, header)).toBe("mismatch");
});

test("bytes that are no UTF-8 are compared as bytes", () => {
  const first = Buffer.from([0xff, 0xfe]);
  const second = Buffer.from([0xfe, 0xff]); // As text both are two replacement characters.
  expect(verifySignature([secret], second, signWebhook(secret, first))).toBe(
    "mismatch",
  );
  expect(verifySignature([secret], first, signWebhook(secret, first))).toBe(
    "valid",
  );
});

describe("a header is refused, never an exception, when it", () => {
  const valid = signWebhook(secret, body);
  test.each([
    ["is missing", undefined, "missing"],
    ["is empty", "", "missing"],
    ["is too short", valid.slice(0, -1), "malformed"],
    ["is too long", `${valid}0`, "malformed"],
    ["is not hexadecimal", `sha256=${"z".repeat(64)}`, "malformed"],
    ["is SHA-1", `sha1=${"a".repeat(40)}`, "malformed"],
    ["comes twice", [valid, valid], "malformed"],
    ["comes twice in one line", `${valid}, ${valid}`, "malformed"],
    ["has wide characters", `sha256=${"ａ".repeat(64)}`, "malformed"],
    ["has a line end behind it", `${valid}\n`, "malformed"],
    ["is another's", signWebhook("other", body), "mismatch"],
  ])("%s", (_what, header, verdict) => {
    expect(verifySignature([secret], body, header)).toBe(verdict);
  });
});

test("without a secret nothing is valid, not even the signature of the empty secret", () => {
  const header = signWebhook("", body);
  expect(verifySignature([], body, header)).toBe("mismatch");
  expect(verifySignature([""], body, header)).toBe("mismatch");
});
