import { readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { OwnedFolders } from "../checkout/owned-folders.js";
import { exists } from "../files/exists.js";
import type { GitScope } from "../git/git.js";

/**
 * Where what an agent left is stored until the guards have let it pass: in the checkout, with which it goes. The mirror is
 * for ever, and everybody's: its disk would fill with what was refused.
 */
export async function quarantined(
  scope: Required<GitScope>,
  folders: OwnedFolders,
): Promise<Required<GitScope>> {
  const objects = quarantineOf(scope);
  const alternates = join(objects, "info", "alternates");
  if (!(await exists(alternates))) {
    await folders.make(objects);
    await folders.make(join(objects, "info"));
    await writeFile(alternates, `${scope.objects}\n`);
    await folders.own(alternates);
  }
  return { ...scope, objects };
}

/** Takes all of it over to the mirror; by name, within one file system. */
export async function endQuarantine(
  scope: Required<GitScope>,
  folders: OwnedFolders,
): Promise<void> {
  const objects = quarantineOf(scope);
  const groups = (await readdir(objects)).filter((name) => name !== "info");
  for (const group of groups) {
    const to = join(scope.objects, group);
    if (!(await exists(to))) await folders.make(to);
    // git knows a pack by its index, which comes last.
    const names = (await readdir(join(objects, group))).sort(
      (one, other) =>
        Number(one.endsWith(".idx")) - Number(other.endsWith(".idx")),
    );
    for (const name of names)
      await rename(join(objects, group, name), join(to, name));
  }
  await emptyQuarantine(scope, folders);
}

/** Drops what was refused, once the index no longer speaks of it. */
export async function emptyQuarantine(
  scope: Required<GitScope>,
  folders: OwnedFolders,
): Promise<void> {
  const objects = quarantineOf(scope);
  if ((await readdir(objects)).length === 0) return;
  await folders.remove(objects);
  await folders.make(objects);
}

const quarantineOf = ({ gitDir }: GitScope): string => join(gitDir, "objects");
