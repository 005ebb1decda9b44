/** Proof of who asks, for one request. */
export interface Access {
  /** The header's value. */
  readonly authorization: string;
  /** The part of it that nobody may see. */
  readonly secret: string;
  /** Whose quota it uses: `token`, `app` or `installation:<id>`. */
  readonly account: string;
}
