import { describe, expect, test } from "@jest/globals";
import { createLogger, type LoggerOptions } from "./logger.js";
import { isSecretName, neutralise, redact } from "./redact.js";

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const logger = createLogger({ service: "spec", destination, ...options });
  return {
    logger,
    lines,
    last: () => JSON.parse(lines.at(-1) ?? "{}") as Record<string, unknown>,
  };
}

/** CPU time, the best of three: a busy machine does not fail the test, and what backtracks takes seconds and more. */
function bestMs(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const begun = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

describe("the logger", () => {
  test("writes one JSON object a line, with level, time and service", () => {
    const { logger, lines, last } = capture();
    logger.info({ run: "a1b2c3d4" }, "started");
    expect(lines).toHaveLength(1);
    expect(last()).toMatchObject({
      level: "info",
      service: "spec",
      run: "a1b2c3d4",
      msg: "started",
    });
    expect(Date.parse(String(last()["time"]))).not.toBeNaN();
  });

  test("hides known secrets in message, fields, children, errors and their causes", () => {
    const { logger, lines } = capture({
      secrets: ["hunter22", "hunter22-and-more", "line\nkey"],
    });
    logger.info({ deep: [{ note: "is hunter22-and-more" }] }, "hunter22 spoke");
    logger.child({ who: "hunter22" }).warn("line\nkey");
    logger.error(
      new Error("hunter22 failed", { cause: new Error("for hunter22") }),
    );
    expect(lines.join("")).not.toMatch(/hunter22|and-more|line\\\\nkey/);
    expect(lines.join("")).toContain("[redacted] spoke");
  });

  test("hides fields named like secrets, and leaves counts of tokens alone", () => {
    const { logger, last } = capture();
    logger.info({
      authorization: "Basic x",
      headers: { "x-api-key": "k" },
      apiKey: "k",
      input_tokens: 12,
    });
    expect(last()).toMatchObject({
      authorization: "[redacted]",
      headers: { "x-api-key": "[redacted]" },
      apiKey: "[redacted]",
      input_tokens: 12,
    });
  });

  test("keeps a hostile text on its line and disarms terminal escapes", () => {
    const { logger, lines, last } = capture();
    logger.info(
      { title: 'a\n{"level":"fatal"}\u001b[2J\u009b1m\u202e' },
      "issue\r\nforged",
    );
    expect(lines.join("").trimEnd().split("\n")).toHaveLength(1);
    expect(last()).toMatchObject({
      title: 'a\\n{"level":"fatal"}\\u001b[2J\\u009b1m\\u202e',
      msg: "issue\\u000d\\nforged",
    });
  });

  test("keeps an error's code, and its stack as lines", () => {
    const { logger, last } = capture();
    logger.error(
      { err: Object.assign(new Error("no"), { code: "ECONNREFUSED" }) },
      "failed",
    );
    const { err } = last() as { err: { code: string; stack: string[] } };
    expect(err.code).toBe("ECONNREFUSED");
    expect(err.stack[0]).toBe("Error: no");
  });

  test("tells of an error and its causes what they say, and nothing of what hangs on them", () => {
    const { logger, lines, last } = capture();
    const client = { connectionParameters: { user: "ada", host: "db.test" } };
    const cause = Object.assign(new RangeError("beneath"), { client });
    const error = Object.assign(new Error("above", { cause }), {
      code: "57P01",
      client,
      request: { headers: { "x-internal": "yes" } },
    });
    logger.warn({ err: error }, "as the field for errors");
    logger.warn({ reason: error }, "as another field");
    logger.child({ err: error }).warn("as a binding");
    logger.error(error);
    expect(lines.join("")).not.toMatch(
      /connectionParameters|db\.test|x-internal/,
    );
    expect(last()["err"]).toEqual({
      type: "Error",
      message: "above",
      code: "57P01",
      stack: expect.any(Array),
      cause: {
        type: "RangeError",
        message: "beneath",
        stack: expect.any(Array),
      },
    });
  });

  test("tells of a thrown thing that is no error what it can, and ends a circle of causes", () => {
    const { logger, last } = capture();
    logger.warn({ err: { message: "odd", client: { password: "x" } } });
    expect(last()["err"]).toEqual({ type: "Object", message: "odd" });
    logger.warn({ err: "a text" });
    expect(last()["err"]).toBe("a text");
    const circle = new Error("round");
    circle.cause = circle;
    logger.error(circle);
    expect(last()["msg"]).toBe("round");
  });

  test("survives what cannot be written as JSON", () => {
    const { logger, last } = capture();
    const circle: Record<string, unknown> = { name: "circle" };
    circle["self"] = circle;
    logger.info({ circle });
    expect(last()).toMatchObject({ circle: { name: "circle" } });
  });

  test("cuts what is too long", () => {
    const { logger, lines } = capture();
    logger.info({ text: "x".repeat(1_000_000) });
    expect(lines.join("").length).toBeLessThan(20_000);
  });

  test("speaks in short lines to people", () => {
    const { logger, lines } = capture({ pretty: true });
    logger.warn({ port: 8000 }, "listening");
    expect(lines[0]).toMatch(
      /^\u001b\[33m\d\d:\d\d:\d\d warn {2}spec: listening port=8000\u001b\[0m\n$/,
    );
  });

  test("leaves out what is below its level", () => {
    const { logger, lines } = capture({ level: "warn" });
    logger.info("quiet");
    expect(lines).toEqual([]);
  });
});

describe("redact", () => {
  test("knows tokens by their shape and passwords by their place", () => {
    const token = `ghp_${"a1".repeat(18)}`;
    expect(redact(`use ${token} at https://me:pa55@host/x`)).toBe(
      "use [redacted] at https://me:[redacted]@host/x",
    );
  });

  test("does not blacken words when a secret is very short", () => {
    expect(redact("a cat sat", ["a"])).toBe("a cat sat");
  });

  test.each(["ghp_", "sk-ant-", "://", "://a:", "github_pat_", ":", "x"])(
    "takes linear time on a megabyte of %s",
    (part) => {
      const text = part.repeat(Math.ceil(1_000_000 / part.length));
      expect(
        bestMs(() => neutralise(redact(text, ["some-secret"]))),
      ).toBeLessThan(1_000);
    },
  );

  test.each([
    ["password", true],
    ["DB_PASSWORD", true],
    ["set-cookie", true],
    ["githubToken", true],
    ["output_tokens", false],
    ["author", false],
  ])("a field named %s is secret: %s", (name, secret) => {
    expect(isSecretName(name)).toBe(secret);
  });
});
