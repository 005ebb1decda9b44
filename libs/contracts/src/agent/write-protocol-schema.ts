/**
 * Writes `docs/agent-protocol.schema.json`; with `--check` it only compares and exits 1 when they differ.
 * Run it after a build: `node libs/contracts/dist/agent/write-protocol-schema.js [--check]`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { formatJson } from "./format-json.js";
import { agentProtocolSchema } from "./protocol-schema.js";

const file = fileURLToPath(
  new URL("../../../../docs/agent-protocol.schema.json", import.meta.url),
);
const wanted = formatJson(agentProtocolSchema());

if (process.argv.includes("--check")) {
  const found = await readFile(file, "utf8").catch(() => "");
  if (found !== wanted) {
    process.stderr.write(
      `${file} is not what the event model says. Run this program without --check.\n`,
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(file, wanted);
}
