import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startLocalGitHub } from "./local-github.js";

const SAMPLE_FILES = { "README.md": "# sample\n" };

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    data: { type: "string" },
  },
});

const dataDir = values.data ?? (await mkdtemp(join(tmpdir(), "local-github-")));
const github = await startLocalGitHub({
  dataDir,
  port: Number(values.port),
  host: values.host,
});
github.addUser({ login: "octo" });
await github.createRepository({
  owner: "octo",
  name: "sample",
  files: SAMPLE_FILES,
});
const token = github.createToken({ user: "octo" });

console.log(`GITHUB_SERVER_URL=${github.url}`);
console.log(`GITHUB_API_URL=${github.apiUrl}`);
console.log(`GITHUB_GRAPHQL_URL=${github.graphqlUrl}`);
console.log(`GITHUB_TOKEN=${token}`);
console.log("REPOSITORIES=octo/sample");

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void github.close().then(() => process.exit(0)));
}
