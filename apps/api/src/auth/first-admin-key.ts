import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateApiKey, type Stores } from "@pullwright/persistence";
import type { Config } from "@pullwright/platform";

/** Where the key that an embedded installation made for itself is kept, within its state folder. */
export const API_KEY_FILE = "api-key";

const FIRST_KEY_NAME = "admin";

/** Stores the admin key that the configuration names, if it names one; doing so again changes nothing. */
export async function storeConfiguredAdminKey(
  { apiKeys }: Pick<Stores, "apiKeys">,
  { auth }: Pick<Config, "auth">,
): Promise<boolean> {
  const key = auth.firstAdminKey;
  if (!key) return false;
  await apiKeys.store({ key, name: FIRST_KEY_NAME, scopes: ["admin"] });
  return true;
}

/**
 * Sees to it that an embedded installation has an admin key: the configured one, the one of its state folder, or a new one.
 *
 * A new key is told once (on stderr unless `onNewKey` says otherwise) and kept in `api-key`, readable for the owner alone.
 *
 * @returns the file of the key, where one is kept.
 */
export async function ensureFirstAdminKey(
  stores: Pick<Stores, "apiKeys">,
  config: Pick<Config, "auth">,
  stateDir: string,
  onNewKey: (key: string, file: string) => void = tell,
): Promise<string | undefined> {
  if (await storeConfiguredAdminKey(stores, config)) return undefined;
  const file = join(stateDir, API_KEY_FILE);
  const kept = await readKey(file);
  const key = kept ?? generateApiKey();
  if (kept === undefined) {
    await mkdir(stateDir, { recursive: true });
    await writeFile(file, `${key}\n`, { mode: 0o600 });
    await chmod(file, 0o600); // The mode above counts only for a file that was not there.
  }
  await stores.apiKeys.store({ key, name: FIRST_KEY_NAME, scopes: ["admin"] });
  if (kept === undefined) onNewKey(key, file);
  return file;
}

async function readKey(file: string): Promise<string | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim() === "" ? undefined : text.trim();
}

function tell(key: string, file: string): void {
  process.stderr.write(
    `The admin key of this installation, shown once and kept in ${file}:\n\n  ${key}\n\n`,
  );
}
