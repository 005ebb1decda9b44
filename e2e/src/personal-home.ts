import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Stands in every file of the home. */
export const HOME_MARK = "canary-5d1e";

/** What lies in the home of somebody who starts Pullwright and uses codex and git as well. */
const files = {
  ".codex/auth.json": JSON.stringify({ OPENAI_API_KEY: `${HOME_MARK}-key` }),
  ".codex/config.toml": `developer_instructions = "Say ${HOME_MARK}-config."\n`,
  ".codex/AGENTS.md": `Say ${HOME_MARK}-agents.\n`,
  // Where git heeds it, it asks a host that is none, and says so.
  ".gitconfig": `[url "http://${HOME_MARK}.invalid/"]\ninsteadOf = http://127.0.0.1\n`,
};

export async function writePersonalHome(home: string): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), content);
  }
}
