import { rm } from "node:fs/promises";

import { runTool } from "../process/run-tool.js";

const SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin";
const TIMEOUT_MS = 10 * 60_000;

/**
 * Removes a folder whatever a command has done in it. Go makes the folders of its module cache read-only, and then only root
 * can empty them; and folders in folders can be deeper than a path may be long, which Node cannot reach.
 */
export async function eraseFolder(
  path: string,
  searchPath = SEARCH_PATH,
): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // The command ran as our user, who may give himself back the right to write.
    await tool("chmod", ["-R", "u+rwX", "--", path], searchPath);
    const { ok, stderr } = await tool("rm", ["-rf", "--", path], searchPath);
    if (!ok) throw new Error(`It cannot be removed: ${stderr.trim()}`);
  }
}

const tool = (command: string, args: string[], searchPath: string) =>
  runTool({
    command,
    args,
    cwd: "/",
    env: { PATH: searchPath },
    timeoutMs: TIMEOUT_MS,
  });
