import type { CliConfig } from "@pullwright/platform";
import { AccessUnusable } from "./api-error.js";

/** What the client has to know of the API. */
export type Access = Pick<CliConfig, "url" | "apiKey" | "apiKeyName">;

/** Throws where no request could be made of this address or key; `fetch` would say the same of both as of an API that is away. */
export function checkAccess({ url, apiKey, apiKeyName }: Access): void {
  if (!isAddress(url))
    throw new AccessUnusable(
      "PULLWRIGHT_URL must be an address such as http://127.0.0.1:8000: with http:// or https://, and without name, password, ? and #.",
    );
  if (apiKey !== undefined && !/^[\x20-\x7e]+$/.test(apiKey))
    throw new AccessUnusable(
      `${apiKeyName} must be one line of ASCII, as the API made it.`,
    );
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (
    /^https?:$/.test(protocol) && !username && !password && !/[?#]/.test(text)
  );
}
