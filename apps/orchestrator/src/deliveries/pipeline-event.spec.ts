import { describe, expect, test } from "@jest/globals";
import { readDelivery } from "./pipeline-event.js";

const read = (event: string, payload: unknown) =>
  readDelivery({
    event,
    payload: typeof payload === "string" ? payload : JSON.stringify(payload),
  }).event;
const issue = { number: 7 };

describe("a delivery means", () => {
  test.each([
    ["adw", null],
    ["ADW", null],
    ["adw:plan_build", "plan_build"],
  ])("a wish for a run, for the label %s", (name, workflow) => {
    expect(
      read("issues", { action: "labeled", issue, label: { name } }),
    ).toEqual({
      kind: "labeled",
      issueNumber: 7,
      label: name,
      workflow,
      senderId: null,
      sender: null,
      seen: null,
    });
  });

  test("a wish of its sender, on the text as it was then", () => {
    const updated_at = "2026-08-01T10:00:00Z";
    const payload = {
      action: "labeled",
      issue: { ...issue, title: "Totals", body: null, updated_at },
      label: { name: "adw" },
      sender: { id: 5, login: "ada" },
    };
    const seen = { title: "Totals", body: "", updatedAt: updated_at };
    expect(read("issues", payload)).toMatchObject({ senderId: 5, seen });
  });

  test("the same, however deep the rest of it is", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const rest = JSON.stringify({
      action: "labeled",
      issue,
      label: { name: "adw" },
    }).slice(1);
    for (const payload of [
      `{"changes":${deep},${rest}`,
      `{"sender":${deep},${rest}`,
    ])
      expect(read("issues", payload)).toMatchObject({
        kind: "labeled",
        issueNumber: 7,
        sender: null,
      });
  });

  test("nothing where it is about no issue, and it is called by its name", () => {
    expect(read("push", {})).toEqual({
      kind: "of_no_interest",
      reason: "push is about no issue",
    });
    expect(read("issues", { action: "opened" })).toEqual({
      kind: "of_no_interest",
      reason: "issues.opened is about no issue",
    });
  });

  test("a possible command, for a new comment", () => {
    expect(
      read("issue_comment", {
        action: "created",
        issue,
        comment: { id: 3, body: "/adw" },
      }),
    ).toEqual({
      kind: "commented",
      commentId: 3,
      issueNumber: 7,
      body: "/adw",
      seen: null,
    });
  });

  test.each([
    [
      "an edited comment",
      "issue_comment",
      { action: "edited", issue, comment: { id: 3 } },
    ],
    [
      "another label",
      "issues",
      { action: "labeled", issue, label: { name: "bug" } },
    ],
    [
      "a label taken off",
      "issues",
      { action: "unlabeled", issue, label: { name: "adw" } },
    ],
    ["an unknown action", "issues", { action: "beamed_up", issue }],
    [
      "an unknown event",
      "starship",
      { action: "labeled", issue, label: { name: "adw" } },
    ],
    [
      "wrong types",
      "issues",
      { action: "labeled", issue: { number: "7" }, label: { name: "adw" } },
    ],
    [
      "a polluted prototype",
      "issues",
      '{"__proto__":{"action":"labeled"},"issue":{"number":7}}',
    ],
    ["no JSON", "issues", "{"],
    ["JSON of great depth", "issues", "[".repeat(100_000)],
  ])("nothing, for %s", (_what, event, payload) => {
    expect(read(event, payload).kind).toBe("of_no_interest");
  });
});
