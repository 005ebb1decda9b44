import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Set for pushes by who may not change workflows; the hook below reads it. */
export const WORKFLOWS_FORBIDDEN = "LOCAL_GITHUB_WORKFLOWS_FORBIDDEN";

const HOOK = `#!/bin/sh
# GitHub takes changes of workflows only from tokens that have the permission for it.
[ -n "$${WORKFLOWS_FORBIDDEN}" ] || exit 0
while read -r old new ref; do
  case $new in *[!0]*) ;; *) continue ;; esac
  case $old in *[!0]*) range="$old..$new" ;; *) range="$new --not --all" ;; esac
  file=$(git log --format= --name-only $range -- .github/workflows | head -n 1)
  if [ -n "$file" ]; then
    echo "refusing to allow a GitHub App to create or update workflow \\\`$file\\\` without \\\`workflows\\\` permission" >&2
    exit 1
  fi
done
`;

/** Gives a bare repository the hook that refuses such pushes. */
export async function installWorkflowGuard(
  repositoryPath: string,
): Promise<void> {
  const path = join(repositoryPath, "hooks", "pre-receive");
  await mkdir(join(repositoryPath, "hooks"), { recursive: true });
  await writeFile(path, HOOK);
  await chmod(path, 0o755);
}
