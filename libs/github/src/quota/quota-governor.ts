import { withTimeout } from "@pullwright/platform";
import { isGitHubError } from "../error/github-error.js";
import type { AnswerHeaders } from "../error/rate-limit.js";
import type { RateGate } from "../transport/rate-gate.js";
import type {
  QuotaKey,
  QuotaLedger,
  QuotaPause,
  QuotaWindow,
} from "./quota-ledger.js";
import type { RequestClass } from "./request-class.js";

/** How a request ended, as far as quotas are concerned. */
export type RequestOutcome =
  | "answered"
  /** No answer, or one that says that GitHub itself is broken: 5xx, no JSON. */
  | "failed"
  /** 304: it cost nothing. */
  | "not_modified"
  /** GitHub refused it for a limit. */
  | "limited"
  /** It was not sent. */
  | "refused";

/** Told of every request's end. */
export type RequestListener = (
  key: QuotaKey,
  requestClass: RequestClass,
  outcome: RequestOutcome,
) => void;

interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly data: unknown;
}

/** What another process has learned is known here after this. */
const FRESH_MS = 1_000;
/** A ledger that takes longer is away, and this process goes on with what it knows. */
const PATIENCE_MS = 500;

/** What this process has not told yet, and when it last heard. */
interface Account {
  requests: Record<RequestClass, number>;
  refused: number;
  window: QuotaWindow | null;
  pause: QuotaPause | null;
  exchangedAt: number;
  exchanging: Promise<void> | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Lets requests pass or refuses them, by what all processes together know of the quota. */
export class QuotaGovernor {
  private readonly accounts = new Map<string, Account>();

  constructor(
    private readonly gate: RateGate,
    private readonly ledger: QuotaLedger | undefined,
    private readonly now: () => number,
    private readonly onRequest: RequestListener = () => undefined,
  ) {}

  /** Throws `rate_limited` with the moment to come back. */
  async admit(key: QuotaKey, requestClass: RequestClass): Promise<void> {
    const account = this.of(key);
    if (this.now() - account.exchangedAt >= FRESH_MS)
      await this.exchange(key, account);
    try {
      this.gate.check(key, requestClass);
    } catch (error) {
      if (!isGitHubError(error, "rate_limited")) throw error;
      account.refused += 1;
      this.onRequest(key, requestClass, "refused");
      this.exchangeSoon(key, account);
      throw error;
    }
  }

  /** Learns from an answer; true when it was a refusal for a limit, which the others know by then. */
  async observe(
    key: QuotaKey,
    requestClass: RequestClass,
    answer: Answer,
  ): Promise<boolean> {
    const account = this.of(key);
    const { window, rateLimit } = this.gate.observe(key, answer);
    if (window) account.window = window;
    if (answer.status !== 304) account.requests[requestClass] += 1;
    if (!rateLimit) {
      this.onRequest(key, requestClass, outcomeOf(answer));
      this.exchangeSoon(key, account);
      return false;
    }
    this.onRequest(key, requestClass, "limited");
    const forMs = rateLimit.resumeAt.getTime() - this.now();
    account.pause = { kind: rateLimit.kind, forMs };
    await account.exchanging; // One under way does not carry this pause.
    await this.exchange(key, account);
    return true;
  }

  /** Nothing is learned from a request without an answer; it is counted. */
  unanswered(key: QuotaKey, requestClass: RequestClass): void {
    this.onRequest(key, requestClass, "failed");
  }

  /** One question at a time for a quota; a ledger that is away costs a moment a second, and nothing is lost. */
  private async exchange(key: QuotaKey, account: Account): Promise<void> {
    if (!this.ledger) return;
    account.exchanging ??= this.exchangeNow(this.ledger, key, account).finally(
      () => {
        account.exchanging = undefined;
      },
    );
    await account.exchanging;
  }

  private async exchangeNow(
    ledger: QuotaLedger,
    key: QuotaKey,
    account: Account,
  ): Promise<void> {
    clearTimeout(account.timer);
    account.timer = undefined;
    account.exchangedAt = this.now();
    const { requests, refused, window, pause } = account;
    Object.assign(account, nothingNew());
    try {
      const news = { requests, refused, window, pause };
      const view = await withTimeout(
        ledger.exchange(key, news),
        PATIENCE_MS,
        "The quota's ledger",
      );
      this.gate.learn(key, view);
    } catch {
      // The figures may have arrived all the same: they are for people, and the next answer brings newer ones.
      account.pause ??= pause;
      account.window ??= window;
    }
  }

  private exchangeSoon(key: QuotaKey, account: Account): void {
    if (!this.ledger || account.timer) return;
    account.timer = setTimeout(
      () => void this.exchange(key, account),
      FRESH_MS,
    ).unref();
  }

  private of({ credential, resource }: QuotaKey): Account {
    const name = `${credential} ${resource}`;
    const found = this.accounts.get(name);
    if (found) return found;
    const account: Account = {
      ...nothingNew(),
      exchangedAt: Number.NEGATIVE_INFINITY,
      exchanging: undefined,
      timer: undefined,
    };
    this.accounts.set(name, account);
    return account;
  }
}

function nothingNew(): Pick<
  Account,
  "requests" | "refused" | "window" | "pause"
> {
  return {
    requests: { control: 0, status: 0, discovery: 0 },
    refused: 0,
    window: null,
    pause: null,
  };
}

function outcomeOf({ status, data }: Answer): RequestOutcome {
  if (status === 304) return "not_modified";
  // Octokit hands over as a string what is no JSON: half an answer, or a proxy's page. Only a 204 has no content.
  const isBroken = status < 400 && status !== 204 && typeof data === "string";
  return status >= 500 || isBroken ? "failed" : "answered";
}
