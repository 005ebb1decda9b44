/**
 * Compares `docs/api/openapi.json` with what the contracts say and exits 1 when they differ; with `--write` it writes the file.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { formatJson } from "@pullwright/contracts";
import { openApiDocument } from "./document.js";

const file = fileURLToPath(
  new URL("../../../../docs/api/openapi.json", import.meta.url),
);
const wanted = formatJson(JSON.parse(JSON.stringify(openApiDocument()))); // Through JSON: what is undefined goes.

if (process.argv.includes("--write")) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, wanted);
} else {
  const found = await readFile(file, "utf8").catch(() => "");
  if (found !== wanted) {
    process.stderr.write(
      `${file} is not what the contracts say. Run: node apps/api/dist/openapi/check-openapi.js --write\n`,
    );
    process.exitCode = 1;
  }
}
