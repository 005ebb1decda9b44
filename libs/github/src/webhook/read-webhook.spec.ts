import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createRequire } from "node:module";
import { readWebhook } from "./read-webhook.js";

interface Definition {
  readonly name: string;
  readonly examples: readonly Record<string, unknown>[];
}
const definitions = createRequire(import.meta.url)(
  "@octokit/webhooks-examples",
) as Definition[]; // GitHub's published payloads.
const examples = definitions.flatMap(({ name, examples }) =>
  examples.map((payload) => ({ name, payload })),
);
const payloadOf = (event: string, action: string) =>
  examples.find(
    ({ name, payload }) => name === event && payload["action"] === action,
  )?.payload;

test("all 329 published payloads are read, with the repository and sender where they have one", () => {
  expect(examples).toHaveLength(329);
  for (const { name, payload } of examples) {
    const facts = readWebhook(name, payload);
    const repository = payload["repository"] as
      { id: number; full_name: string } | undefined;
    const sender = payload["sender"] as { id: number } | undefined;
    expect(facts.repositoryId).toBe(repository?.id ?? null);
    expect(facts.repositoryFullName).toBe(repository?.full_name ?? null);
    expect(facts.senderId).toBe(sender?.id ?? null);
    expect(facts.action).toBe(payload["action"] ?? null);
  }
});

test("a label's event names the issue and the label", () => {
  expect(readWebhook("issues", payloadOf("issues", "labeled"))).toMatchObject({
    event: "issues",
    action: "labeled",
    issueNumber: 1,
    isPullRequest: false,
    label: "bug",
    senderLogin: "Codertocat",
  });
});

test("a comment's event names the comment", () => {
  const payload = payloadOf("issue_comment", "created");
  expect(readWebhook("issue_comment", payload)).toMatchObject({
    issueNumber: 1,
    commentId: (payload?.["comment"] as { id: number }).id,
    isPullRequest: false,
  });
});

test("a pull request's event names its number as the issue's", () => {
  expect(
    readWebhook("pull_request", payloadOf("pull_request", "labeled")),
  ).toMatchObject({ issueNumber: 2, isPullRequest: true });
});

describe("odd content", () => {
  const nothing = {
    action: null,
    repositoryId: null,
    issueNumber: null,
    commentId: null,
    label: null,
    senderId: null,
  };
  test.each([
    ["null", "null"],
    ["a number", "1"],
    ["an array", "[1]"],
    [
      "wrong types",
      '{"action":1,"repository":"x","issue":{"number":"7"},"comment":[],"label":{"name":{}},"sender":null}',
    ],
    [
      "numbers that are no ids",
      '{"repository":{"id":1e300},"issue":{"number":-1},"sender":{"id":1.5},"comment":{"id":0}}',
    ],
    [
      "facts on the prototype",
      '{"__proto__":{"action":"labeled","repository":{"id":1},"issue":{"number":1}},"constructor":{"prototype":{"action":"x"}}}',
    ],
    [
      "NUL and endless names",
      `{"action":"a\\u0000b","label":{"name":"${"x".repeat(301)}"}}`,
    ],
  ])("%s: nothing is read", (_what, json) => {
    expect(readWebhook("issues", JSON.parse(json))).toMatchObject(nothing);
    expect(({} as Record<string, unknown>)["action"]).toBeUndefined();
  });

  test("100,000 levels deep is read without a crash", () => {
    const deep = JSON.parse(
      `{"action":"labeled","issue":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    ) as unknown;
    expect(readWebhook("issues", deep)).toMatchObject({
      action: "labeled",
      issueNumber: null,
    });
  });

  test("of any other kind never throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (payload) =>
        expect(readWebhook("x", payload).event).toBe("x"),
      ),
    );
  });
});
