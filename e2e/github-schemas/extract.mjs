/**
 * Writes the part of GitHub's published schemas that the local GitHub serves to `tools/local-github/__fixtures__`;
 * with `--check` it writes nothing and fails when what is committed there differs.
 */
import { readFile, mkdir, writeFile } from "node:fs/promises";
import { extractGraphql } from "./graphql.mjs";
import { extractRest } from "./rest.mjs";
import { corrections, graphqlTypes, operations, webhooks } from "./served.mjs";
import { extractWebhooks } from "./webhooks.mjs";

const target = new URL(
  "../../tools/local-github/__fixtures__/",
  import.meta.url,
);

const here = new URL("./node_modules/", import.meta.url);
const readPackage = (path) => readFile(new URL(path, here), "utf8");
const source = async (name) =>
  `${name}@${JSON.parse(await readPackage(`${name}/package.json`)).version}`;

const rest = JSON.parse(
  await readPackage("@octokit/openapi/generated/api.github.com.json"),
);
const hooks = JSON.parse(
  await readPackage("@octokit/openapi-webhooks/generated/api.github.com.json"),
);
const sdl = await readPackage("@octokit/graphql-schema/schema.graphql");

const files = {
  "github-rest.json": JSON.stringify({
    source: await source("@octokit/openapi"),
    ...extractRest(rest, operations, corrections),
  }),
  "github-webhooks.json": JSON.stringify({
    source: await source("@octokit/openapi-webhooks"),
    ...extractWebhooks(hooks, webhooks),
  }),
  "github.graphql": `# ${await source("@octokit/graphql-schema")}\n${extractGraphql(sdl, graphqlTypes)}\n`,
};

const check = process.argv.includes("--check");
await mkdir(target, { recursive: true });
let stale = 0;
for (const [name, text] of Object.entries(files)) {
  const url = new URL(name, target);
  if (!check) {
    await writeFile(url, text);
    console.log(`${name}: ${Math.round(text.length / 1024)} KB`);
  } else if ((await readFile(url, "utf8").catch(() => "")) !== text) {
    console.error(
      `${name} differs from GitHub's published schemas; run \`npm run extract\`.`,
    );
    stale += 1;
  }
}
process.exitCode = stale === 0 ? 0 : 1;
