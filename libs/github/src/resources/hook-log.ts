import { z } from "zod";
import type { RepositoryName } from "../repository-name.js";
import { at, PAGE_SIZE, type Door } from "../transport/door.js";
import { read, type RawAnswer } from "../transport/read-answer.js";
import { hookClient } from "./hooks.js";

/** A log of deliveries: the App's own, or that of a repository's webhook. */
export type HookLog =
  | { readonly kind: "app" }
  | {
      readonly kind: "repository";
      readonly repository: RepositoryName;
      readonly hookId: number;
    };

/** One try to deliver a webhook, as GitHub remembers it. */
export interface LoggedDelivery {
  /** Digits; GitHub's ids are longer than a number holds. */
  readonly id: string;
  /** The same for all tries. */
  readonly guid: string;
  readonly deliveredAt: Date;
  /** Whether its receiver took it. */
  readonly isTaken: boolean;
  readonly event: string;
}

export interface HookLogReading {
  /** Newest first. */
  readonly deliveries: readonly LoggedDelivery[];
  /** There was more than one reading takes; the oldest are missing. */
  readonly isTruncated: boolean;
}

const MAX_PAGES = 10;

const longId = z.union([z.int(), z.bigint()]).transform(String);
const deliveryBody = z
  .object({
    id: longId,
    guid: z.string(),
    delivered_at: z.string(),
    status_code: z.int(),
    event: z.string(),
  })
  .transform((body): LoggedDelivery => ({
    id: body.id,
    guid: body.guid,
    deliveredAt: new Date(body.delivered_at),
    isTaken: body.status_code >= 200 && body.status_code < 400,
    event: body.event,
  }));
const contentBody = z.object({
  request: z.object({ payload: z.record(z.string(), z.unknown()).nullable() }),
});

/** What GitHub remembers of the webhooks it sent. */
export function hookLogClient(door: Door) {
  const hooks = hookClient(door);
  const get = (log: HookLog, path: string, more: object): Promise<RawAnswer> =>
    door.request({
      method: "GET",
      ...(log.kind === "app"
        ? { url: `/app/hook/deliveries${path}` }
        : {
            url: `/repos/{owner}/{repo}/hooks/{hook_id}/deliveries${path}`,
            hook_id: log.hookId,
            ...at(log.repository),
          }),
      ...more,
    });
  return {
    /** A repository's active webhooks; `forbidden` or `not_found` for who may not see them. */
    hooksOf: async (
      repository: RepositoryName,
    ): Promise<{ readonly id: number; readonly url: string }[]> => {
      const all = await hooks.ofRepository(repository);
      return all.filter(({ isActive }) => isActive);
    },

    /** What was sent since then. */
    read: async (log: HookLog, since: Date): Promise<HookLogReading> => {
      const deliveries: LoggedDelivery[] = [];
      let cursor: string | undefined;
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        const answer = await get(log, "", {
          per_page: PAGE_SIZE,
          ...(cursor === undefined ? {} : { cursor }),
        });
        const tries = read(answer, z.array(deliveryBody));
        const wanted = tries.filter(({ deliveredAt }) => deliveredAt >= since);
        deliveries.push(...wanted);
        cursor = nextCursor(answer);
        if (cursor === undefined || wanted.length < tries.length)
          return { deliveries, isTruncated: false };
      }
      return { deliveries, isTruncated: true };
    },

    /** What one of them said, as JSON. Who sends it is GitHub itself, so no signature is needed. */
    payloadOf: async (log: HookLog, id: string): Promise<string> => {
      const answer = await get(log, "/{delivery_id}", { delivery_id: id });
      const { payload } = read(answer, contentBody).request;
      // Octokit reads integers beyond 2^53 as bigint, which JSON does not take back.
      return JSON.stringify(payload, (_key, value: unknown) =>
        typeof value === "bigint" ? value.toString() : value,
      );
    },
  };
}

/** The log pages by a cursor that stands in the `link` header alone. */
function nextCursor({ headers }: RawAnswer): string | undefined {
  const next = /<([^>]*)>; rel="next"/.exec(String(headers?.["link"] ?? ""));
  if (!next?.[1] || !URL.canParse(next[1])) return undefined;
  return new URL(next[1]).searchParams.get("cursor") ?? undefined;
}
