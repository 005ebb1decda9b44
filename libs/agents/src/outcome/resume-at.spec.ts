import { describe, expect, it } from "@jest/globals";
import { resumeAtIn } from "./resume-at.js";

const now = new Date("2026-11-21T10:00:00.000Z");

describe("when a limit ends, by its message", () => {
  it.each([
    ["Please try again in 20s.", "2026-11-21T10:00:20.000Z"],
    ["Please try again in 1m30.5s", "2026-11-21T10:01:30.500Z"],
    ["Please retry after 2 hours, 5 minutes", "2026-11-21T12:05:00.000Z"],
    ["try again in 350ms", "2026-11-21T10:00:00.350Z"],
    ["usage limit reached|1795258800", "2026-11-21T11:00:00.000Z"],
    ["reset just passed|1795255140", "2026-11-21T09:59:00.000Z"],
  ])("reads %j", (message, expected) => {
    expect(resumeAtIn(message, now)).toBe(expected);
  });

  it.each([
    "try again later",
    "try again in a moment",
    "limit reached|9999999999",
    "try again in 99 d",
    "limit reached|1795251600",
    "",
  ])("believes nothing of %j", (message) => {
    expect(resumeAtIn(message, now)).toBeUndefined();
  });
});
