import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  bundle,
  ownFolder,
  workspace,
  type Programs,
} from "./service-programs.js";

const run = promisify(execFile);
const MIGRATIONS = "libs/persistence/src/migrations";
const GROUPS = ["libs", "apps", "tools"];

async function build(): Promise<Programs> {
  const tree = ownFolder("earlier");
  await checkOut(await commitBeforeNewestMigration(), tree);
  await linkPackages(tree);
  for (const group of GROUPS)
    for (const name of await readdir(join(tree, group)))
      await compile(join(tree, group, name));
  return bundle(tree, tree);
}

let programs: Promise<Programs> | undefined;

/**
 * The programs of the last version that knew another schema, from the repository's history: what a rolling upgrade to this
 * one begins with. Built once, where a case asks for it.
 */
export const earlierPrograms = (): Promise<Programs> => (programs ??= build());

async function commitBeforeNewestMigration(): Promise<string> {
  const newest = (await readdir(join(workspace, MIGRATIONS)))
    .filter((file) => /^\d+-.*\.ts$/.test(file))
    .toSorted()
    .at(-1);
  const { stdout } = await run(
    "git",
    [
      "log",
      "--diff-filter=A",
      "--max-count=1",
      "--format=%P",
      "--",
      `${MIGRATIONS}/${newest ?? ""}`,
    ],
    { cwd: workspace },
  );
  const [parent = ""] = stdout.trim().split(" ");
  if (parent === "")
    throw new Error(
      "The version before is in the repository's history, which is not here: clone it whole.",
    );
  return parent;
}

async function checkOut(commit: string, tree: string): Promise<void> {
  await mkdir(tree, { recursive: true });
  const archive = join(tree, "source.tar");
  const parts = [...GROUPS, ".swcrc", "package.json"];
  await run(
    "git",
    ["archive", "--format=tar", `--output=${archive}`, commit, ...parts],
    { cwd: workspace },
  );
  await run("tar", ["-xf", archive, "-C", tree]);
}

/** Its own packages are found in it, all others where this version has them. */
async function linkPackages(tree: string): Promise<void> {
  const scope = join(tree, "node_modules", "@pullwright");
  await mkdir(scope, { recursive: true });
  for (const group of GROUPS)
    for (const folder of await readdir(join(tree, group))) {
      const file = join(tree, group, folder, "package.json");
      const { name } = JSON.parse(await readFile(file, "utf8")) as {
        name: string;
      };
      await symlink(
        join(tree, group, folder),
        join(scope, name.replace("@pullwright/", "")),
      );
    }
}

async function compile(project: string): Promise<void> {
  await run(
    join(workspace, "node_modules/.bin/swc"),
    [
      "src",
      ...["--out-dir", "dist"],
      "--strip-leading-paths",
      ...["--config-file", "../../.swcrc"],
      "--quiet",
    ],
    { cwd: project },
  );
}
