import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { branchRef } from "../git/names.js";
import type { OwnedFolders } from "./owned-folders.js";

export interface AgentGit {
  readonly tree: string;
  readonly objects: string;
  readonly branch: string;
  readonly headSha: string;
  readonly baseBranch: string;
  readonly baseTipSha: string;
}

const CONFIG = `[core]
\trepositoryformatversion = 0
\tbare = false
\tlogAllRefUpdates = true
[gc]
\tauto = 0
[user]
\tname = Agent
\temail = agent@localhost
`;

/**
 * Puts a throw-away `.git` into the tree, so that an agent's `git status`, `diff`, `log` and even `commit` work. It has
 * no remote and no objects of its own, it is made anew for every phase, and Pullwright never reads it: whatever an agent
 * writes there (hooks, filters, another `gitdir`) runs at most in the agent's own sandbox.
 */
export async function placeAgentGit(
  agent: AgentGit,
  folders: OwnedFolders,
): Promise<void> {
  const gitDir = join(agent.tree, ".git");
  // Out of the tree, whose files may be counted meanwhile.
  await folders.remove(gitDir, dirname(agent.tree));
  const head = branchRef(agent.branch);
  const base = `refs/remotes/origin/${agent.baseBranch}`;
  const files: Record<string, string> = {
    HEAD: `ref: ${head}\n`,
    config: CONFIG,
    "objects/info/alternates": `${agent.objects}\n`,
    "info/exclude": "",
    [head]: `${agent.headSha}\n`,
    [base]: `${agent.baseTipSha}\n`,
  };
  const made = new Set<string>([gitDir, join(gitDir, "refs")]);
  for (const name of Object.keys(files)) {
    for (
      let folder = dirname(join(gitDir, name));
      folder.length > gitDir.length;
      folder = dirname(folder)
    )
      made.add(folder);
  }
  // Shorter first, so that parents are made and owned before their children. (On a full disk Node's `recursive` would say
  // that a folder is missing.)
  for (const folder of [...made].sort((a, b) => a.length - b.length)) {
    await mkdir(folder);
    await folders.own(folder);
  }
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(gitDir, name), content);
    await folders.own(join(gitDir, name));
  }
}

/** Gives it our index, so that the agent's first `git status` need not read every file. */
export async function giveIndex(
  tree: string,
  index: string,
  folders: OwnedFolders,
): Promise<void> {
  const copy = join(tree, ".git", "index");
  await copyFile(index, copy);
  await folders.own(copy);
}
