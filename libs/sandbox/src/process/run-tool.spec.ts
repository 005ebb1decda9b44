import { describe, expect, test } from "@jest/globals";

import { runTool, type ToolRequest } from "./run-tool.js";

const shell = (code: string, more: Partial<ToolRequest> = {}): ToolRequest => ({
  command: "/bin/sh",
  args: ["-c", code],
  cwd: "/",
  env: { PATH: "/usr/bin:/bin" },
  ...more,
});

describe("a tool", () => {
  test("gives back its bytes as they are", async () => {
    const bytes = Buffer.from([0, 255, 10, 128]);
    const result = await runTool(
      shell("cat; echo told >&2; exit 4", { stdin: bytes }),
    );
    expect(result).toMatchObject({
      endedBy: "exit",
      ok: false,
      exitCode: 4,
      stderr: "told\n",
    });
    expect(result.stdout.equals(bytes)).toBe(true);
  });

  test("is ended with its children when it takes too long", async () => {
    const result = await runTool(
      shell("sleep 300 & sleep 300", { timeoutMs: 200 }),
    );
    expect(result).toMatchObject({ endedBy: "timeout", ok: false });
    expect(result.durationMs).toBeLessThan(3_000);
  });

  test("is ended when it says more than it may", async () => {
    const result = await runTool(shell("yes", { maxOutputBytes: 200_000 }));
    expect(result.endedBy).toBe("output_cap");
    expect(result.stdout.length).toBeLessThanOrEqual(200_000);
  });

  test("is ended on request", async () => {
    const result = await runTool(
      shell("sleep 300", { signal: AbortSignal.timeout(100) }),
    );
    expect(result.endedBy).toBe("cancelled");
  });

  test("that does not exist is a value", async () => {
    const result = await runTool(shell("", { command: "no-such-tool-here" }));
    expect(result).toMatchObject({
      endedBy: "spawn_failed",
      spawnError: { code: "ENOENT" },
    });
  });
});
