import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, normalize, sep } from "node:path";

import { liesIn } from "./program-folders.js";

/** A link to be made inside, since what a link leads to cannot find its neighbours from the link's own place. */
export interface Link {
  readonly target: string;
  readonly inside: string;
}

/** What commands get of Node. */
export interface NodeInstallation {
  readonly files: readonly string[];
  readonly links: readonly Link[];
}

/**
 * Node itself and, where it is installed as `<prefix>/bin/node`, the packages installed with it, their commands, its headers
 * and libraries. Never the prefix: that is `~` or `~/.local` where somebody unpacked Node there.
 */
export async function nodeInstallation(
  execPath = process.execPath,
  libraries = loadedLibraries(),
): Promise<NodeInstallation> {
  const node = await realpath(execPath);
  const bin = dirname(node);
  const { mtimeMs } = await stat(bin);
  const known = installations.get(node);
  if (known?.changedMs === mtimeMs && known.libraries === libraries)
    return known.found;
  const found = await lookAround(node, libraries);
  installations.set(node, { changedMs: mtimeMs, libraries, found });
  return found;
}

/** By Node. Looking takes 4 ms of each command's start, and whatever npm installs or removes globally changes `bin`. */
const installations = new Map<
  string,
  {
    readonly changedMs: number;
    readonly libraries: readonly string[];
    readonly found: NodeInstallation;
  }
>();

async function lookAround(
  node: string,
  libraries: readonly string[],
): Promise<NodeInstallation> {
  const bin = dirname(node);
  const prefix = dirname(bin);
  if (basename(bin) !== "bin" || prefix === sep)
    return { files: [node], links: [] };
  const [modules, headers] = await Promise.all([
    realFolder(join(prefix, "lib/node_modules")),
    realFolder(join(prefix, "include/node")),
  ]);
  return {
    files: [
      node,
      ...modules,
      ...headers,
      ...libraries
        .map((path) => normalize(path))
        .filter((path) => liesIn(path, [prefix])),
    ],
    links: await linksInto(modules, bin),
  };
}

/** The commands in `bin` that lead into `modules`: npm and npx, and what npm installed globally. */
async function linksInto(
  modules: readonly string[],
  bin: string,
): Promise<Link[]> {
  const entries = await readdir(bin, { withFileTypes: true });
  const links = await Promise.all(
    entries
      .filter((entry) => entry.isSymbolicLink())
      .map(async ({ name }) => {
        const inside = join(bin, name);
        return { inside, target: await realpath(inside).catch(() => "") };
      }),
  );
  return links.filter(({ target }) => liesIn(target, modules));
}

async function realFolder(path: string): Promise<string[]> {
  try {
    return (await stat(path)).isDirectory() ? [await realpath(path)] : [];
  } catch {
    return [];
  }
}

let loaded: readonly string[] | undefined;

/** A Node of conda or of some distributions has its libraries beside it. Asked once: the report takes 5 ms. */
function loadedLibraries(): readonly string[] {
  if (loaded !== undefined) return loaded;
  const report: typeof process.report & { excludeNetwork?: boolean } =
    process.report; // Its types lack this option.
  const { excludeNetwork = false } = report;
  // Else it would look up the names of our connections' other ends.
  report.excludeNetwork = true;
  const { sharedObjects } = report.getReport() as {
    sharedObjects?: string[];
  }; // Typed as a bare object.
  report.excludeNetwork = excludeNetwork;
  loaded = sharedObjects ?? [];
  return loaded;
}
