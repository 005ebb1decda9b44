import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, test } from "@jest/globals";

import { endOrphans } from "./end-orphans.js";
import { processStartTime } from "./process-table.js";
import { asVariable, newTreeMarker } from "./tree-marker.js";

async function hangsWith(marker: string) {
  const child = spawn(
    process.execPath,
    ["-e", "console.log('up'); setInterval(() => {}, 1000)"],
    {
      env: asVariable(marker),
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  await once(child.stdout, "data");
  return child;
}

describe("the orphans of a supervisor that was killed", () => {
  test("are killed, and a living supervisor's processes are not", async () => {
    const [pid, start] = newTreeMarker().split("-").map(Number);
    const orphan = await hangsWith(`${pid}-${(start ?? 0) - 1}-other`);
    const ours = await hangsWith(newTreeMarker());
    try {
      const exit = once(orphan, "exit");
      expect(await endOrphans()).toBe(1);
      expect(await exit).toEqual([null, "SIGKILL"]);
      expect(processStartTime(ours.pid ?? 0)).toBeDefined();
    } finally {
      orphan.kill("SIGKILL");
      ours.kill("SIGKILL");
    }
  });
});
