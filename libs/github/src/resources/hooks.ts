import { z } from "zod";
import { isGitHubError } from "../error/github-error.js";
import type { RepositoryName } from "../repository-name.js";
import { at, PAGE_SIZE, type Door } from "../transport/door.js";
import { read } from "../transport/read-answer.js";

/** A webhook, as GitHub has it set up. */
export interface Hook {
  readonly url: string;
  /** Undefined for an App's, of which GitHub does not tell. */
  readonly isActive: boolean | undefined;
  /** `*` stands for all. */
  readonly events: readonly string[];
  readonly contentType: string;
  /** How its receiver answered last; undefined when nothing was sent yet. */
  readonly lastAnswer: HookAnswer | undefined;
}

export interface RepositoryHook extends Hook {
  readonly id: number;
  readonly isActive: boolean;
}

export interface HookAnswer {
  readonly status: number;
  /** GitHub's own words. */
  readonly text: string;
}

const config = z.object({
  url: z.string().optional(),
  content_type: z.string().optional(),
});
const lastResponse = z.object({
  code: z.int().nullish(),
  message: z.string().nullish(),
});
const hookBody = z
  .object({
    id: z.int(),
    active: z.boolean(),
    events: z.array(z.string()).optional(),
    config,
    last_response: lastResponse.nullish(),
  })
  .transform((body): RepositoryHook => ({
    id: body.id,
    ...targetOf(body.config),
    isActive: body.active,
    events: body.events ?? [],
    lastAnswer:
      body.last_response?.code == null
        ? undefined
        : {
            status: body.last_response.code,
            text: body.last_response.message ?? "",
          },
  }));
const deliveryBody = z
  .object({ status_code: z.int(), status: z.string() })
  .transform((body): HookAnswer => ({
    status: body.status_code,
    text: body.status,
  }));

/** Requests about webhooks; what they sent is in the hook's log. */
export function hookClient(door: Door) {
  return {
    /** A repository's webhooks; `forbidden` or `not_found` for who may not see them. */
    ofRepository: async (
      repository: RepositoryName,
    ): Promise<RepositoryHook[]> => {
      const answer = await door.rest.repos.listWebhooks({
        ...at(repository),
        per_page: PAGE_SIZE,
      });
      return read(answer, z.array(hookBody));
    },

    /** The App's own webhook; undefined when it has none. Only for an App. */
    ofApp: async (): Promise<Hook | undefined> => {
      try {
        const { apps } = door.rest;
        const target = read(await apps.getWebhookConfigForApp(), config);
        if (!target.url) return undefined;
        const [app, log] = await Promise.all([
          apps.getAuthenticated(),
          apps.listWebhookDeliveries({ per_page: 1 }),
        ]);
        return {
          ...targetOf(target),
          isActive: undefined,
          events: read(app, z.object({ events: z.array(z.string()) })).events,
          lastAnswer: read(log, z.array(deliveryBody))[0],
        };
      } catch (error) {
        if (isGitHubError(error, "not_found")) return undefined;
        throw error;
      }
    },
  };
}

/** GitHub sends forms where nobody says otherwise. */
function targetOf(body: z.output<typeof config>) {
  return { url: body.url ?? "", contentType: body.content_type ?? "form" };
}
