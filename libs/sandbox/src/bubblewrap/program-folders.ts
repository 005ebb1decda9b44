import { realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, sep } from "node:path";

/**
 * What must be readable so that a program can run: an npm package's whole `node_modules` (its dependencies are its
 * neighbours), else the file alone. Never the folder around it, which may be a home or hold somebody's `.env`.
 */
export function programFolder(realPath: string): string {
  const parts = realPath.split(sep);
  const modules = parts.indexOf("node_modules");
  return modules === -1 ? realPath : parts.slice(0, modules + 1).join(sep);
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
export async function pathWithNode(
  searchPath: string,
  execPath = process.execPath,
): Promise<string> {
  const folder = dirname(await realpath(execPath));
  const folders = searchPath.split(":").filter((entry) => entry !== "");
  return folders.includes(folder) ? searchPath : [...folders, folder].join(":");
}

/** Those of `paths` that hold none of `own`: a folder around one of these would give it along. */
export async function withoutOwn(
  paths: readonly string[],
  own: readonly string[],
): Promise<string[]> {
  const real = await Promise.all(
    paths.map((path) => realpath(path).catch(() => path)),
  );
  return paths.filter(
    (_, index) => !own.some((folder) => liesIn(folder, [real[index] ?? ""])),
  );
}

/** Whether `path` lies in one of `folders`. */
export function liesIn(path: string, folders: readonly string[]): boolean {
  return folders.some(
    (folder) => path === folder || path.startsWith(join(folder, sep)),
  );
}
