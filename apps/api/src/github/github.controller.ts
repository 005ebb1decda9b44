import { Controller, Inject } from "@nestjs/common";
import { endpoints, type AnswerOf } from "@pullwright/contracts";
import type { GithubQuotaRecord, Stores } from "@pullwright/persistence";
import { STORES } from "../api-parts.js";
import { Handles } from "../http/endpoint.decorators.js";

/** How we stand with GitHub. */
@Controller()
export class GithubController {
  constructor(@Inject(STORES) private readonly stores: Stores) {}

  @Handles(endpoints.getGithubQuota)
  async quota(): Promise<AnswerOf<typeof endpoints.getGithubQuota>> {
    const quotas = await this.stores.githubQuota.list();
    return { items: quotas.map(quotaShape), total: quotas.length };
  }
}

function quotaShape(quota: GithubQuotaRecord) {
  return {
    credential: quota.credential,
    resource: quota.resource,
    limit: quota.limit,
    remaining: quota.remaining,
    reset_at: quota.resetAt?.toISOString() ?? null,
    paused_until: quota.pausedUntil?.toISOString() ?? null,
    reason: quota.reason,
    requests: {
      control: quota.controlRequests,
      status: quota.statusRequests,
      discovery: quota.discoveryRequests,
      refused: quota.refusedRequests,
    },
    updated_at: quota.updatedAt.toISOString(),
  };
}
