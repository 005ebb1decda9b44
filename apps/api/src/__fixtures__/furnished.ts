import { claim, fail, finish, say, trigger } from "./played-run.js";
import type { ApiUnderTest } from "./running-api.js";

/** One of everything that a request can be about, all of it in the API's own repository. */
export interface Furnished {
  /** A run with an attempt, a line, an artifact and a conversation. */
  readonly adwId: string;
  /** One on an issue that waits for its first phase. */
  readonly otherAdwId: string;
  readonly otherIssue: string;
  /** Who triggered them all. */
  readonly triggeredBy: string;
  readonly endedAdwId: string;
  /** An ended one that nothing else needs. */
  readonly spareAdwId: string;
  readonly conversationId: string;
  readonly artifactId: string;
  readonly deliveryId: string;
  /** Of an API key that nothing else needs. */
  readonly spareKeyId: string;
}

/** Furnishes an API; whatever can hold a text holds the mark. */
export async function furnish(api: ApiUnderTest, mark: string): Promise<Furnished> {
  const { stores } = api.runtime;
  const anEndedRun = async () => {
    const adwId = await trigger(api);
    await fail(api, adwId);
    return adwId;
  };
  const adwId = await trigger(api);
  const claimed = await claim(api, adwId);
  await say(api, adwId, claimed, [mark]);
  await stores.artifacts.keep(claimed.attempt, { kind: "plan", name: mark, contentType: "text/plain", content: mark });
  await stores.transcripts.add(claimed.attempt, { messages: [{ role: "assistant", content: mark }] });
  await finish(api, claimed, {
    outcome: "succeeded",
    summary: mark,
    usage: { inputTokens: 100, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0.5 },
    handoff: { contentMd: mark, metadata: {} },
  });
  const [artifact] = await stores.artifacts.list(claimed.run.id, { limit: 1, offset: 0 });
  const delivery = await stores.deliveries.record({
    source: "webhook",
    guid: mark,
    event: "issues",
    action: "labeled",
    repositoryId: api.repository.githubId,
    repositoryFullName: "acme/shop",
    payload: JSON.stringify({ text: mark }),
  });
  const budget = { scope: "label", key: mark, repositoryId: api.repository.id } as const;
  await stores.budgets.put(budget, { usd: 100, tokens: null }, "ada");
  const other = await stores.runs.byAdwId(await trigger(api));
  const spare = await stores.apiKeys.find(await api.keyFor(["read"]));
  if (artifact === undefined || other === null || spare === null) throw new Error("something was not kept");
  return {
    adwId,
    otherAdwId: other.adwId,
    otherIssue: String(other.issueNumber),
    triggeredBy: other.triggeredBy,
    endedAdwId: await anEndedRun(),
    spareAdwId: await anEndedRun(),
    conversationId: claimed.attempt.attemptId,
    artifactId: artifact.id,
    deliveryId: delivery.id,
    spareKeyId: spare.id,
  };
}
