import type { FeedPosition, ToldKind } from "@pullwright/persistence";
import type { PollerTiming } from "../timing.js";
import type { FeedChange } from "./feed.js";

/** GitHub's clock and Postgres's may differ by this much. */
const CLOCK_SLACK_MS = 2_000;

/** What a poll's finds say of the webhooks: all were told, some were not, or there was nothing to judge by. */
export type Testimony = "told" | "untold" | "nothing";

/**
 * Compares what a poll found with what webhooks told.
 *
 * By kind and by the last of each: a hook that is not subscribed to labels is found out by the first one. A change younger
 * than the grace may still be on its way and proves nothing.
 */
export function judge(
  changes: readonly FeedChange[],
  told: readonly ToldKind[],
  now: Date,
  graceMs: number,
): Testimony {
  const old = changes.filter(
    ({ at }) => now.getTime() - at.getTime() >= graceMs,
  );
  if (old.length === 0) return "nothing";
  const isTold = ({ event, action, at }: FeedChange) =>
    told.some(
      (kind) =>
        kind.event === event &&
        kind.action === action &&
        kind.lastAt.getTime() >= at.getTime() - CLOCK_SLACK_MS,
    );
  return old.every(isTold) ? "told" : "untold";
}

/**
 * How long until a feed is polled again: rarely while its webhooks prove themselves, every interval otherwise.
 *
 * Silence proves nothing: an idle repository has no webhooks, and neither has one whose hook is broken. So a feed counts
 * as healthy only while what its polls find had been told before, and the proof goes stale after two rare polls. That
 * costs nothing: the polls of an idle repository are answered 304 and free, those of a busy one bring proof. A lost
 * webhook is therefore found within one interval, or within the rare one where webhooks have worked until then.
 */
export function pollAfterMs(
  { toldAt, untoldAt }: Pick<FeedPosition, "toldAt" | "untoldAt">,
  now: Date,
  { intervalMs, rareMs }: Pick<PollerTiming, "intervalMs" | "rareMs">,
): number {
  if (toldAt === null) return intervalMs;
  const isRefuted = untoldAt !== null && untoldAt >= toldAt;
  const isStale = now.getTime() - toldAt.getTime() > 2 * rareMs;
  return isRefuted || isStale ? intervalMs : rareMs;
}
