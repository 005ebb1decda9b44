/** What a token is for; an App's token can do that and no more. */
export type TokenPurpose = "read" | "issues" | "publish" | "push";

/** A token for git or for the API. Never log it. */
export interface Token {
  readonly token: string;
  readonly account: string;
  /** Undefined for `GITHUB_TOKEN`: nobody tells us. */
  readonly expiresAt: Date | undefined;
}
