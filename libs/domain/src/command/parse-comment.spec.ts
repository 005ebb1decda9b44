import { describe, expect, it } from "@jest/globals";
import { parseComment } from "./parse-comment.js";

const adw = {
  name: "adw",
  workflow: null,
  agent: null,
  model: null,
  budgetUsd: null,
};

describe("parseComment", () => {
  it.each([
    ["/adw", adw],
    ["\n\n/adw adw_plan", { ...adw, workflow: "adw_plan" }],
    [
      "/adw adw_build --agent codex --model=gpt-6 --budget 5",
      {
        ...adw,
        workflow: "adw_build",
        agent: "codex",
        model: "gpt-6",
        budgetUsd: 5,
      },
    ],
    ["/approve", { name: "approve" }],
    [
      "/reject not like this\r\nbecause",
      { name: "reject", why: "not like this\nbecause" },
    ],
    ["/retry", { name: "retry", phase: null, note: "" }],
    [
      "/retry build use the old parser",
      { name: "retry", phase: "build", note: "use the old parser" },
    ],
    ["/retry please", { name: "retry", phase: null, note: "please" }],
    ["/cancel", { name: "cancel", reason: "" }],
    ["/continue +5", { name: "continue", addUsd: 5 }],
    ["/continue", { name: "continue", addUsd: 0 }],
    ["/status", { name: "status" }],
  ])("reads %j", (body, command) => {
    expect(parseComment(body)).toEqual(command);
  });

  it.each([
    "",
    "please /adw this",
    "> /adw",
    "    /adw",
    "```\n/adw\n```",
    "<!-- /adw -->",
    "Hello\n/adw",
    "/adwise",
    "/etc/passwd is a file",
    "\u200b/adw",
    `/adw ${"x".repeat(2_000)}`,
  ])("takes %j for ordinary talk", (body) => {
    expect(parseComment(body)).toBeNull();
  });

  it.each([
    "/adw fix this please",
    "/adw --agent",
    "/adw --force yes",
    "/adw --budget lots",
    "/adw $(reboot)",
    "/continue 5",
    "/continue +-1",
  ])("answers %j with how to write it", (body) => {
    expect(parseComment(body)).toHaveProperty("mistake");
  });

  it("does not echo what a person wrote beyond letters and digits", () => {
    expect(parseComment("/adw --`@everyone`\u202e 1")).toEqual({
      mistake: expect.stringContaining("--??everyone??"),
    });
  });
});
