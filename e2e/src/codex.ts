import { fileURLToPath } from "node:url";

/** The real CLI, as this folder's package.json pins it. */
export const CODEX = fileURLToPath(
  new URL("../node_modules/.bin/codex", import.meta.url),
);
