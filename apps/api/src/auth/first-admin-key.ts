import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateApiKey, type Stores } from "@pullwright/persistence";
import type { Config, Logger } from "@pullwright/platform";

/** Where the key that an embedded installation made for itself is kept, within its state folder. */
export const API_KEY_FILE = "api-key";

/** Of the keys that work one at most has this name: it is how a changed setting finds the key to replace. */
const CONFIGURED_KEY_NAME = "admin";
/** Another one, since a configured key does not replace what an installation made for itself. */
const OWN_KEY_NAME = "first-admin";

/** Names that no other key may have. */
export function isOurKeyName(name: string): boolean {
  return [CONFIGURED_KEY_NAME, OWN_KEY_NAME].includes(name.toLowerCase());
}

/** Whether the configuration names a key, and whether that opens the API; a refused one was revoked, or made for less. */
export type ConfiguredKey = "unset" | "stored" | "refused";

/**
 * Stores the admin key that the configuration names, if it names one, in place of the one that it named before.
 *
 * Doing so again changes nothing. What was replaced stays so: a process that starts with an older setting, as one may
 * while others restart with a new one, does not bring it back.
 */
export async function storeConfiguredAdminKey(
  { apiKeys }: Pick<Stores, "apiKeys">,
  { auth }: Pick<Config, "auth">,
): Promise<ConfiguredKey> {
  const key = auth.firstAdminKey;
  if (!key) return "unset";
  const name = CONFIGURED_KEY_NAME;
  return (await apiKeys.storeOnly({ key, name })) ? "stored" : "refused";
}

/** Opens the API to the configured admin key; warns where that does not work, or nobody could get in as an admin. */
export async function openToAdmins({
  config,
  logger,
  stores,
}: {
  readonly config: Pick<Config, "auth">;
  readonly logger: Logger;
  readonly stores: Pick<Stores, "apiKeys">;
}): Promise<void> {
  const configured = await storeConfiguredAdminKey(stores, config);
  if (configured === "refused")
    logger.warn(
      "the key in PULLWRIGHT_API_KEY was replaced, revoked, or made for less than administration, and is no admin's key: set PULLWRIGHT_API_KEY to a new one and restart",
    );
  else if (!(await stores.apiKeys.hasAdmin()))
    logger.warn(
      "there is no admin key, so nobody can administer this installation: set PULLWRIGHT_API_KEY and restart",
    );
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
  const configured = await storeConfiguredAdminKey(stores, config);
  if (configured !== "unset") return undefined;
  const file = join(stateDir, API_KEY_FILE);
  const kept = await readKey(file);
  // Of a revoked one nothing is made anew while somebody else can make keys.
  if (
    kept !== undefined &&
    ((await opens(stores, kept)) || (await stores.apiKeys.hasAdmin()))
  )
    return file;
  const key = generateApiKey();
  await mkdir(stateDir, { recursive: true });
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  await chmod(file, 0o600); // The mode above counts only for a file that was not there.
  await opens(stores, key);
  onNewKey(key, file);
  return file;
}

/** Stores an installation's own key; false for one that was revoked. */
async function opens(
  { apiKeys }: Pick<Stores, "apiKeys">,
  key: string,
): Promise<boolean> {
  const stored = await apiKeys.store({
    key,
    name: OWN_KEY_NAME,
    scopes: ["admin"],
  });
  return stored.revokedAt === null;
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
