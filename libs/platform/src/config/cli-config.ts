import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Environment } from "./read-settings.js";

/** What the command line needs to know: much less than a service. */
export interface CliConfig {
  /** Where the API is, without a slash at its end. */
  readonly url: string;
  readonly apiKey: string | undefined;
  /** What the key is called where it cannot be used: its variable, or its file. */
  readonly apiKeyName: string;
  /** The file that an embedded installation keeps its key in. */
  readonly apiKeyFile: string;
  /** Whether the terminal may be sent colours (https://no-color.org). */
  readonly isColourWanted: boolean;
  /** `PATH`, for looking up programs. */
  readonly searchPath: string;
}

const DEFAULT_URL = "http://127.0.0.1:8000";

/**
 * Reads where the API is and which key opens it. Never throws: a wrong address or key shows when it is used.
 *
 * The key is `PULLWRIGHT_API_KEY`, or the one that an embedded installation keeps in its work folder.
 */
export function loadCliConfig(
  environment: Environment = process.env,
): CliConfig {
  const value = (name: string) => environment[name]?.trim() || undefined;
  const apiKeyFile =
    value("PULLWRIGHT_API_KEY_FILE") ??
    join(resolve(value("WORK_DIR") ?? ".pullwright"), "api-key");
  const apiKey = value("PULLWRIGHT_API_KEY");
  return {
    url: (value("PULLWRIGHT_URL") ?? DEFAULT_URL).replace(/\/+$/, ""),
    apiKey: apiKey ?? contentOf(apiKeyFile),
    apiKeyName: apiKey ? "PULLWRIGHT_API_KEY" : `The key in ${apiKeyFile}`,
    apiKeyFile,
    isColourWanted: value("NO_COLOR") === undefined && value("TERM") !== "dumb",
    searchPath: value("PATH") ?? "",
  };
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    return undefined; // Not there, or not ours to read: then there is no key.
  }
}
