import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { Bench } from "../__fixtures__/bench.js";
import type { Checkout } from "../checkout/checkout.js";
import { defaultGuardPolicy } from "../guard/guard-policy.js";
import type { CommitRequest } from "./commit-request.js";

const MIB = 1024 ** 2;
const TOKEN = `ghp_${"a1".repeat(18)}`;
const lines = (mib: number) => `${"x".repeat(1023)}\n`.repeat(mib * 1024);

/** What base holds of these alone is more than is read of a patch. */
const ASSETS = ["one", "two", "three"].map((name) => `assets/${name}.txt`);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open({
    ...Object.fromEntries(ASSETS.map((path) => [path, lines(23)])),
    "docs/example.txt": `${TOKEN}\n`,
  });
});
afterAll(() => bench.close());

async function inCheckout<T>(
  attemptId: string,
  work: (checkout: Checkout) => Promise<T>,
): Promise<T> {
  const checkout = await bench.prepare({ attemptId });
  try {
    return await work(checkout);
  } finally {
    await bench.workspaces.release(checkout, { discard: true });
  }
}

/** The answer to a change that makes these files; null takes one away. */
const commit = (
  attemptId: string,
  files: Readonly<Record<string, string | null>>,
  more: Partial<CommitRequest> = {},
) =>
  inCheckout(attemptId, async ({ path, ...checkout }) => {
    for (const [name, content] of Object.entries(files))
      await (content === null
        ? rm(join(path, name))
        : writeFile(join(path, name), content));
    return bench.workspaces.commit(
      { path, ...checkout },
      bench.commitRequest(more),
    );
  });

const all = (content: string | null) =>
  Object.fromEntries(ASSETS.map((path) => [path, content]));
const refused = {
  kind: "refused",
  violations: [{ rule: "secret", path: "zzz.txt" }],
};

describe("a secret is found, however much text goes", () => {
  test("with files that are deleted", async () => {
    const files = { ...all(null), "zzz.txt": `${TOKEN}\n` };
    expect(await commit("deleted", files)).toMatchObject(refused);
  });

  test("from files that stay", async () => {
    const files = { ...all("short\n"), "zzz.txt": `${TOKEN}\n` };
    expect(await commit("shortened", files)).toMatchObject(refused);
  });

  test("and so much may go where there is none", async () => {
    expect(await commit("clean", all("short\n"))).toMatchObject({
      kind: "committed",
      commit: { files: 3 },
    });
  });
});

test("what base holds already is not blamed on the change", async () => {
  const files = { "docs/example.txt": `${TOKEN}\nis an example\n` };
  expect(await commit("example", files)).toMatchObject({ kind: "committed" });
});

test("what is more than can be looked through is refused", async () => {
  const guard = {
    ...defaultGuardPolicy,
    maxFileBytes: 100 * MIB,
    maxTotalBytes: 100 * MIB,
  };
  const large = { "large.txt": lines(65), "zzz.txt": "fine\n" };
  expect(await commit("large", large, { guard })).toMatchObject({
    kind: "refused",
    violations: [
      { rule: "unreadable", path: "large.txt" },
      { rule: "unreadable", path: "zzz.txt" },
    ],
  });
});
