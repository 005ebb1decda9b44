import { isAbsolute } from "node:path";
import type { AgentBinary } from "./agent-settings.js";

/** What to bind read-only for a CLI: as located, else the path itself. A bare name needs the search path's folders alone. */
export function readOnlyPathsOf(binary: AgentBinary): readonly string[] {
  return binary.readOnlyPaths ?? (isAbsolute(binary.path) ? [binary.path] : []);
}
