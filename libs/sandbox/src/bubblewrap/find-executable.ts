import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** The real path of a command, looked up as a shell would in `searchPath`; undefined when there is none. */
export async function findExecutable(
  command: string,
  searchPath: string,
  cwd = "/",
): Promise<string | undefined> {
  if (command.includes("/"))
    return runnable(isAbsolute(command) ? command : resolve(cwd, command));
  for (const folder of searchPath.split(delimiter)) {
    // An empty or relative entry would mean the working folder, which the agent may write.
    if (!isAbsolute(folder)) continue;
    const found = await runnable(join(folder, command));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function runnable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile() ? await realpath(path) : undefined;
  } catch {
    return undefined;
  }
}
