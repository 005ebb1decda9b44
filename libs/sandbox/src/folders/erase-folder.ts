import { rm } from "node:fs/promises";

import { runTool } from "../process/run-tool.js";

const SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin";

/**
 * Removes a folder whatever a command has done to its permissions: Go makes the folders of its module cache read-only, and
 * then only root can empty them.
 */
export async function eraseFolder(
  path: string,
  searchPath = SEARCH_PATH,
): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3 };
  try {
    await rm(path, options);
  } catch {
    // The command ran as our user, who may give himself back the right to write.
    await runTool({
      command: "chmod",
      args: ["-R", "u+rwX", path],
      cwd: "/",
      env: { PATH: searchPath },
    });
    await rm(path, options);
  }
}
