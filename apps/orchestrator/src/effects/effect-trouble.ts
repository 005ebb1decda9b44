import type { PublishFence } from "@pullwright/domain";
import {
  failureClassOf,
  isGitHubError,
  WriteWithheld,
} from "@pullwright/github";
import { backoffMs, messageOf } from "@pullwright/platform";
import type { ClaimedEffect } from "@pullwright/persistence";
import type { EffectEvent } from "./effect-outcome.js";
import { publishFailed } from "./publish-failure.js";
import { soon } from "./soon.js";

/** What to do with an effect whose turn ended in an error. */
export interface Trouble {
  readonly then:
    | { readonly kind: "later"; readonly at: Date; readonly counts: boolean }
    | { readonly kind: "give_up" };
  readonly message: string;
  /** Whether the write may have happened all the same. */
  readonly uncertain: boolean;
  /** What a publishing run is told. */
  readonly event: EffectEvent | null;
}

interface Situation {
  readonly effect: ClaimedEffect;
  /** The publishing that waits for this effect, where it is a pull request's. */
  readonly publishing: PublishFence | null;
  readonly retry: { readonly baseMs: number; readonly maxMs: number };
}

/** Tries before a publishing run is told that GitHub is away; it then shows that it waits. */
const QUIET_TRIES = 4;
/** A missing permission is not granted within seconds, and every further try costs quota. */
const FORBIDDEN_TRIES = 5;
/** About two days at the longest wait. */
const AWAY_TRIES = 500;
/** What fails here is our own mistake. */
const SURPRISE_TRIES = 8;

/** Decides by the kind of the error, never by its text. */
export function troubleOf(error: unknown, situation: Situation): Trouble {
  const { effect, publishing, retry } = situation;
  const now = effect.now();
  const message = messageOf(error);
  const tries = effect.failures + 1;
  const afterAWhile = (limit: number): Trouble["then"] =>
    tries >= limit
      ? { kind: "give_up" }
      : {
          kind: "later",
          at: new Date(now.getTime() + backoffMs(tries, retry)),
          counts: true,
        };
  // What was uncertain before stays so until somebody has looked.
  const wasUncertain = effect.uncertainSince !== null;
  if (error instanceof WriteWithheld)
    return {
      then: { kind: "later", at: soon(effect), counts: false },
      message,
      uncertain: wasUncertain,
      event: null,
    };
  if (!isGitHubError(error))
    return {
      then: afterAWhile(SURPRISE_TRIES),
      message,
      uncertain: true,
      event:
        publishing !== null && tries >= QUIET_TRIES
          ? publishFailed(publishing, "infrastructure", message)
          : null,
    };

  const told = (resumeAt?: Date) =>
    publishing === null
      ? null
      : publishFailed(publishing, failureClassOf(error), message, resumeAt);
  switch (error.fault) {
    case "rate_limited": {
      const at = error.rateLimit?.resumeAt;
      // GitHub's client reckons on this process's clock; how long that is from now is true on any.
      const inMs =
        at === undefined ? retry.maxMs : Math.max(0, at.getTime() - Date.now());
      const resumeAt = new Date(now.getTime() + inMs);
      return {
        then: { kind: "later", at: resumeAt, counts: false },
        message,
        uncertain: wasUncertain,
        event: told(resumeAt),
      };
    }
    case "unavailable":
      return {
        then: afterAWhile(AWAY_TRIES),
        message,
        uncertain: wasUncertain || error.isUncertain,
        event:
          publishing !== null && tries >= QUIET_TRIES
            ? publishFailed(publishing, "infrastructure", message)
            : null,
      };
    case "unauthorized":
      return {
        then: afterAWhile(AWAY_TRIES),
        message,
        uncertain: wasUncertain,
        event: told(),
      };
    case "forbidden":
      return {
        then: afterAWhile(FORBIDDEN_TRIES),
        message,
        uncertain: wasUncertain,
        event: told(),
      };
    case "not_found":
    case "conflict":
    case "validation":
      return {
        then: { kind: "give_up" },
        message,
        uncertain: false,
        event: told(),
      };
  }
}
