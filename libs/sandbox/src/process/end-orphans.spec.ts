import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, test } from "@jest/globals";

import { endOrphans } from "./end-orphans.js";
import { processStartTime } from "./process-table.js";
import { asName, asVariable, newTreeMarker } from "./tree-marker.js";

/** How a process bears its mark; bubblewrap does so in its arguments. */
const ways = {
  "in its environment": (marker: string) => ({
    env: asVariable(marker),
    args: [],
  }),
  "in its arguments": (marker: string) => ({ env: {}, args: [asName(marker)] }),
};
type Way = keyof typeof ways;

async function hangsWith(marker: string, way: Way) {
  const { env, args } = ways[way](marker);
  const child = spawn(
    process.execPath,
    ["-e", "console.log('up'); setInterval(() => {}, 1000)", ...args],
    {
      env,
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const exit = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), exit]);
  return { child, exit };
}

describe("the orphans of a supervisor that was killed", () => {
  test.each(Object.keys(ways) as Way[])(
    "are killed when marked %s, and a living supervisor's processes are not",
    async (way) => {
      const [pid, start] = newTreeMarker().split("-").map(Number);
      const orphan = await hangsWith(`${pid}-${(start ?? 0) - 1}-other`, way);
      const ours = await hangsWith(newTreeMarker(), way);
      try {
        // Another spec's call may find the orphan first, and ours may find theirs: the count is nobody's to expect.
        await endOrphans();
        expect(await orphan.exit).toEqual([null, "SIGKILL"]);
        expect(processStartTime(ours.child.pid ?? 0)).toBeDefined();
      } finally {
        orphan.child.kill("SIGKILL");
        ours.child.kill("SIGKILL");
      }
    },
  );
});
