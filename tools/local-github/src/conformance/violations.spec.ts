import { expect, test } from "@jest/globals";
import { checkRequests, checkWebhook, type JournalEntry } from "../index.js";

const entry = (change: Partial<JournalEntry>): JournalEntry => {
  const { method = "GET", apiPath = "/repos/octo/sample/issues" } = change;
  return {
    at: new Date(),
    kind: "rest",
    method,
    apiPath,
    path: `/api/v3${apiPath}`,
    query: {},
    body: undefined,
    actor: "octo",
    status: 200,
    responseBody: [],
    durationMs: 1,
    ...change,
  };
};

/** Checked without its answer, so that only the request counts. */
const request = (change: Partial<JournalEntry>) =>
  entry({ fault: "reset", ...change });

test("a request as GitHub documents it is no violation", () => {
  expect(
    checkRequests([
      entry({
        query: { state: "all", per_page: "100", since: "2026-01-01T00:00:00Z" },
      }),
    ]),
  ).toEqual([]);
});

test.each([
  [
    "an endpoint that does not exist",
    request({ apiPath: "/repos/octo/sample/isues" }),
  ],
  ["a method that the endpoint has not", request({ method: "DELETE" })],
  [
    "a query parameter that does not exist",
    request({ query: { label: "adw" } }),
  ],
  [
    "a query parameter out of its choices",
    request({ query: { state: "opened" } }),
  ],
  [
    "a query parameter of the wrong type",
    request({ query: { per_page: "many" } }),
  ],
  ["a body where none is taken", request({ body: { state: "all" } })],
  [
    "a body without a field that is required",
    request({ method: "POST", body: { body: "text" } }),
  ],
  [
    "a body with a field of the wrong type",
    request({ method: "POST", body: { title: "a", labels: "adw" } }),
  ],
  [
    "a body with a field that does not exist",
    request({ method: "POST", body: { title: "a", label: ["adw"] } }),
  ],
  [
    "a body with a field that does not exist inside an object",
    request({
      method: "POST",
      apiPath: "/repos/octo/sample/check-runs",
      body: {
        name: "a",
        head_sha: "b",
        output: { title: "t", summary: "s", sumary: "s" },
      },
    }),
  ],
  [
    "no body where one is required",
    request({ method: "POST", apiPath: "/repos/octo/sample/pulls" }),
  ],
  [
    "a page that is neither the API nor git",
    request({ kind: "page", path: "/octo/sample" }),
  ],
  [
    "an answer that lacks what GitHub promises",
    entry({ responseBody: [{ id: 1 }] }),
  ],
  [
    "an answer with a status that GitHub does not document",
    entry({ status: 202, responseBody: {} }),
  ],
  [
    "a GraphQL query for a field that does not exist",
    entry({ kind: "graphql", body: { query: "{ viewer { nick } }" } }),
  ],
  [
    "a GraphQL query that does not parse",
    entry({ kind: "graphql", body: { query: "{ viewer" } }),
  ],
  [
    "a GraphQL variable of the wrong type",
    entry({
      kind: "graphql",
      body: {
        query: "query($id: ID!) { node(id: $id) { id } }",
        variables: { id: null },
      },
    }),
  ],
  ["a GraphQL request without a query", entry({ kind: "graphql", body: {} })],
])("%s is a violation", (_, one) => {
  expect(checkRequests([one])).not.toEqual([]);
});

test("an answer that a fault struck is not held against the server", () => {
  expect(
    checkRequests([
      entry({ status: 500, responseBody: "<html>", fault: "status" }),
    ]),
  ).toEqual([]);
});

test("a webhook that GitHub does not know, or whose payload lacks a field, is a violation", () => {
  expect(checkWebhook("issues", { action: "exploded" })).not.toEqual([]);
  expect(checkWebhook("issues", { action: "labeled" })).not.toEqual([]);
});
