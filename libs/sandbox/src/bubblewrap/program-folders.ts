import { realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, sep } from "node:path";

/**
 * What must be readable so that a program can run: an npm package's whole `node_modules` (its dependencies are its
 * neighbours), else the file alone. Never the folder around it, which may be a home or hold somebody's `.env`.
 */
export function programFolder(realPath: string): string {
  const parts = realPath.split(sep);
  const modules = parts.indexOf("node_modules");
  return modules === -1 ? realPath : parts.slice(0, modules + 1).join(sep);
}

/** What Node itself needs: its installation (`<prefix>/bin/node`), or only the file where that has another layout. */
export async function nodeFolder(execPath = process.execPath): Promise<string> {
  const real = await realpath(execPath);
  const bin = dirname(real);
  const prefix = dirname(bin);
  return basename(bin) === "bin" && prefix !== sep ? prefix : real;
}

/** The files among `paths`, by the names that they are called by, each with what it needs to run. */
export async function programFiles(
  paths: readonly string[],
): Promise<string[]> {
  const files = await Promise.all(
    paths.filter((path) => isAbsolute(path)).map(realFile),
  );
  return files.flatMap((file) =>
    file === undefined ? [] : [file.named, programFolder(file.real)],
  );
}

async function realFile(
  named: string,
): Promise<{ named: string; real: string } | undefined> {
  try {
    return (await stat(named)).isFile()
      ? { named, real: await realpath(named) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** PATH with Node's folder at its end, so that `#!/usr/bin/env node` works whatever version manager is in use. */
export async function pathWithNode(searchPath: string): Promise<string> {
  const folder = dirname(await realpath(process.execPath));
  const folders = searchPath.split(":").filter((entry) => entry !== "");
  return folders.includes(folder) ? searchPath : [...folders, folder].join(":");
}

/** Whether `path` lies in one of `folders`. */
export function liesIn(path: string, folders: readonly string[]): boolean {
  return folders.some(
    (folder) => path === folder || path.startsWith(join(folder, sep)),
  );
}
