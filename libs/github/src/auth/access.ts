/** Proof of who asks, for one request. */
export interface Access {
  /** The header's value. */
  readonly authorization: string;
  /** The part of it that nobody may see. */
  readonly secret: string;
  /** Whose quota it uses, and names no secret: `token:<hash>`, `app:<id>` or `installation:<id>`. */
  readonly account: string;
}
