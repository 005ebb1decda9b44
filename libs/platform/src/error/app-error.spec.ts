import { expect, test } from "@jest/globals";
import { AppError, codeOf, messageOf } from "./app-error.js";

class IssueNotFound extends AppError {
  constructor(cause: unknown) {
    super("issue_not_found", "There is no such issue.", {
      cause,
      level: "warn",
      expose: true,
    });
  }
}

test("an error carries its code, level and cause, and its own name", () => {
  const cause = new Error("404");
  const error = new IssueNotFound(cause);
  expect(error).toMatchObject({
    name: "IssueNotFound",
    code: "issue_not_found",
    level: "warn",
    expose: true,
    cause,
  });
  expect(error).toBeInstanceOf(AppError);
});

test("an error is loud and private unless it says otherwise, and has no cause it was not given", () => {
  const error = new AppError("broken", "It broke.");
  expect(error).toMatchObject({ level: "error", expose: false });
  expect("cause" in error).toBe(false);
});

test("anything that was thrown has a message, and perhaps a code", () => {
  expect([
    messageOf(new Error("a")),
    messageOf("b"),
    messageOf(undefined),
  ]).toEqual(["a", "b", "undefined"]);
  expect([
    codeOf(new AppError("c", "")),
    codeOf({ code: 7 }),
    codeOf(null),
    codeOf("x"),
  ]).toEqual(["c", undefined, undefined, undefined]);
});
