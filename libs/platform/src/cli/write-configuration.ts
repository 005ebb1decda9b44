// Writes `.env.example` and `docs/configuration.md` from the table of settings; with --check, only tells whether they fit.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  renderConfigurationPage,
  renderEnvExample,
} from "../config/render-settings.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const files = {
  ".env.example": renderEnvExample(),
  "docs/configuration.md": renderConfigurationPage(),
};
const stale = Object.entries(files).filter(
  ([path, content]) => read(root + path) !== content,
);

if (process.argv.includes("--check")) {
  for (const [path] of stale)
    process.stderr.write(
      `${path} is out of date: npm run build && node libs/platform/dist/cli/write-configuration.js\n`,
    );
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [path, content] of stale) writeFileSync(root + path, content);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
