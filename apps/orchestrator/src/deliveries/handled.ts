import type { Delivery, Trigger, Verdict } from "@pullwright/persistence";

/** Which delivery told of something. */
export type News = Pick<Delivery, "id" | "source">;

/** News as what set a run's transition off; what no delivery told of was found by comparing. */
export function toldBy(news: News | undefined): Trigger {
  return news === undefined
    ? { source: "comparison" }
    : { source: news.source, deliveryId: news.id };
}

/** What became of a delivery, for its row and for people who look for it. */
export interface Handled {
  readonly verdict: Verdict;
  /** One sentence or less. */
  readonly reason: string;
  readonly cause?: string;
  readonly runId?: string;
}

/** GitHub's own record lags behind its webhook: to be looked at again, and ignored when that goes on. */
export interface NotYet {
  readonly verdict: "not_yet";
  readonly reason: string;
  /** About a run that only a newer version of this program can move: put back for as long as GitHub would redeliver. */
  readonly isForNewer?: true;
}

export function ignored(
  reason: string,
  about: Pick<Handled, "cause" | "runId"> = {},
): Handled {
  return { verdict: "ignored", reason, ...about };
}

/** For the second delivery of a cause. */
export function settledBefore(
  cause: string,
  { runId }: { readonly runId: string | null },
): Handled {
  return ignored("it was settled before", {
    cause,
    ...(runId === null ? {} : { runId }),
  });
}

/** Whoever runs the newer version takes the delivery from here. */
export function leftToNewer(reason: string): NotYet {
  return { verdict: "not_yet", reason, isForNewer: true };
}
