import { z } from "zod";
import { isGitHubError } from "../error/github-error.js";
import type { RepositoryName } from "../repository-name.js";
import { at, PAGE_SIZE, type Door } from "../transport/door.js";
import { nextPage } from "../transport/next-page.js";
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

/** A part of a log. */
export interface HookLogPage {
  /** Newest first. */
  readonly tries: readonly LoggedDelivery[];
  /** Where what is older goes on; undefined at the log's end. */
  readonly next: string | undefined;
}

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

    /** The newest tries, or those from `next` of the page before. */
    page: async (log: HookLog, next?: string): Promise<HookLogPage> => {
      const answer = await get(log, "", {
        per_page: PAGE_SIZE,
        ...(next === undefined ? {} : { cursor: next }),
      });
      return {
        tries: read(answer, z.array(deliveryBody)),
        // It pages by a cursor that stands in the `link` header alone.
        next: nextPage(answer)?.["cursor"],
      };
    },

    /**
     * What one of them said, as JSON; undefined when GitHub has it no more. Who sends it is GitHub itself, so no
     * signature is needed.
     */
    payloadOf: async (
      log: HookLog,
      id: string,
    ): Promise<string | undefined> => {
      const answer = await get(log, "/{delivery_id}", {
        delivery_id: id,
      }).catch((error: unknown) => {
        if (isGitHubError(error, "not_found")) return undefined;
        throw error;
      });
      if (answer === undefined) return undefined;
      const { payload } = read(answer, contentBody).request;
      if (payload === null) return undefined;
      // Octokit reads integers beyond 2^53 as bigint, which JSON does not take back.
      return JSON.stringify(payload, (_key, value: unknown) =>
        typeof value === "bigint" ? value.toString() : value,
      );
    },
  };
}
