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
    [
      "/retry use the old parser\nin build",
      { name: "retry", phase: null, note: "use the old parser\nin build" },
    ],
    [
      "/retry もう一度お願いします",
      { name: "retry", phase: null, note: "もう一度お願いします" },
    ],
    ["/retry build", { name: "retry", phase: "build", note: "" }],
    ["/retry\nplease", { name: "retry", phase: null, note: "please" }],
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
    "/retry biuld",
    "/continue 5",
    "/continue +-1",
  ])("answers %j with how to write it", (body) => {
    expect(parseComment(body)).toHaveProperty("mistake");
  });

  it.each(["/retry biuld", "/retry Build", "/retry please\nmind the gap"])(
    "takes the one word of %j for a phase, and answers with those there are",
    (body) => {
      expect(parseComment(body)).toEqual({
        mistake: expect.stringMatching(
          /^There is no phase \w+; there are classify, plan, build, test, review, document, publish\./,
        ),
      });
    },
  );

  it("does not echo what a person wrote beyond letters and digits", () => {
    expect(parseComment("/adw --`@everyone`\u202e 1")).toEqual({
      mistake: expect.stringContaining("--??everyone??"),
    });
  });
});
