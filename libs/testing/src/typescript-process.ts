import {
  spawn,
  type ChildProcess,
  type SpawnOptions,
} from "node:child_process";
import { fileURLToPath } from "node:url";

const register = new URL(
  "../../../jest/register-typescript.mjs",
  import.meta.url,
).href;

/** Starts a TypeScript file of the workspace as a process of its own, without a build. */
export function startTypescript(
  file: URL,
  argv: readonly string[] = [],
  options: SpawnOptions = {},
): ChildProcess {
  return spawn(
    process.execPath,
    ["--import", register, fileURLToPath(file), ...argv],
    options,
  );
}
