import type { RateLimit } from "../error/github-error.js";
import type { WritePace } from "./write-pace.js";
import type { RequestClass } from "./request-class.js";

/** GitHub counts these apart. */
export type QuotaResource = "core" | "graphql" | "search";

/** One quota: whose, and for what. */
export interface QuotaKey {
  /** Names the credentials without telling them: `token:<hash>`, `app:<id>` or `installation:<id>`. */
  readonly credential: string;
  readonly resource: QuotaResource;
}

/** What GitHub said of a quota in one of its answers. */
export interface QuotaWindow {
  readonly limit: number;
  readonly remaining: number;
  readonly resetAt: Date;
}

/** A silence that GitHub asked for. A span, since the processes' clocks differ. */
export interface QuotaPause {
  readonly kind: RateLimit["kind"];
  readonly forMs: number;
}

/** What one process has learned since it last told the others. */
export interface QuotaNews {
  readonly window: QuotaWindow | null;
  readonly pause: QuotaPause | null;
  /** Requests that GitHub answered, by class. */
  readonly requests: Readonly<Record<RequestClass, number>>;
  /** Requests that were not sent. */
  readonly refused: number;
}

/** What all processes together know. */
export interface QuotaView {
  readonly window: QuotaWindow | null;
  readonly pause: QuotaPause | null;
}

/** A turn to write, by its fence, or for how long the pace allows none; 0 while another process writes. */
export type LedgerTurn =
  | { readonly kind: "taken"; readonly fence: number }
  | { readonly kind: "later"; readonly inMs: number };

/** Where the processes that share credentials keep one view of each quota. It may be away at any time. */
export interface QuotaLedger {
  /** Adds the news to what all know, and tells what that is now. */
  exchange(key: QuotaKey, news: QuotaNews): Promise<QuotaView>;
  /** Takes the credential's turn to write, for `holdMs` at most, when nobody has it and the pace allows a write. */
  takeWriteTurn(
    credential: string,
    pace: WritePace,
    holdMs: number,
  ): Promise<LedgerTurn>;
  /** Ends a turn; true when another process asked for one meanwhile. Nothing happens when it had run out. */
  giveWriteTurnBack(credential: string, fence: number): Promise<boolean>;
}
