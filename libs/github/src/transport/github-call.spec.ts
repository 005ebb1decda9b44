import { expect, test } from "@jest/globals";
import { describeCall, resourceOf } from "./github-call.js";

test.each([
  ["https://api.github.com/graphql", "POST", "graphql"],
  ["https://ghe.example.com/api/graphql", "POST", "graphql"],
  ["/search/issues", "GET", "search"],
  ["/repos/{owner}/{repo}/issues/{issue_number}", "GET", "core"],
  ["/repos/{owner}/{repo}/pulls", "POST", "core"],
  ["/app/hook/deliveries", "GET", "core"],
])(
  "a request to %s takes from the quota of its kind",
  (url, method, resource) => {
    const call = describeCall({
      method,
      url,
      headers: {},
      // Names decide nothing: this one is a repository's.
      owner: "search",
      repo: "graphql",
      issue_number: 1,
    });
    expect(resourceOf(call)).toBe(resource);
  },
);
