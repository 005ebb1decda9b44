import { expect, test } from "@jest/globals";
import { lastWordsOf } from "./last-words.js";

const record = (level: string, msg: string, more: object = {}) =>
  JSON.stringify({ level, msg, ...more });

test("an error counts more than what was said after it", () => {
  const log = [
    record("error", "no database", { err: { message: "refused" } }),
    record("info", "shutting down"),
  ];
  expect(lastWordsOf(log.join("\n"))).toBe("no database: refused");
});

test("what a process died of counts most", () => {
  const log = [
    record("error", "earlier"),
    "file:///app/main.js:3",
    "TypeError: x is not a function",
    "    at main.js:3:1",
    "Node.js v20.20.2",
  ];
  expect(lastWordsOf(log.join("\n"))).toBe("TypeError: x is not a function");
});

test("without an error the last line has to do", () => {
  expect(lastWordsOf(`${record("info", "listening")}\n`)).toBe("listening");
  expect(lastWordsOf("plain words\n")).toBe("plain words");
  expect(lastWordsOf("\n")).toBe("its log is empty");
});
