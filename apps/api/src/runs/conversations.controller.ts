import { Controller, Inject } from "@nestjs/common";
import { endpoints, type AnswerOf, type InputOf } from "@pullwright/contracts";
import type { Stores } from "@pullwright/persistence";
import { STORES } from "../api-parts.js";
import type { Caller } from "../auth/caller.js";
import { By, Handles, Input } from "../http/endpoint.decorators.js";
import { phaseDetailShape } from "./execution-shape.js";
import { RunAccess } from "./run-access.js";

/** What was said between Pullwright and its agents. */
@Controller()
export class ConversationsController {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    private readonly access: RunAccess,
  ) {}

  @Handles(endpoints.listConversations)
  async list(
    @Input() { params }: InputOf<typeof endpoints.listConversations>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.listConversations>> {
    const run = await this.access.find(params.adw_id, caller);
    const phases = await this.stores.runQueries.phases(run.id, null);
    const items = phases.flatMap((view) => {
      const { phase, execution, attempts } = phaseDetailShape(view);
      return attempts.map((attempt) => ({
        id: attempt.id,
        phase,
        execution,
        agent: attempt.agent,
        model: attempt.model,
        status: attempt.status,
        started_at: attempt.started_at,
        ended_at: attempt.ended_at,
      }));
    });
    return { items, total: items.length };
  }

  @Handles(endpoints.listMessages)
  async messages(
    @Input() { params, query }: InputOf<typeof endpoints.listMessages>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.listMessages>> {
    await this.access.ofConversation(params.id, caller);
    const { after, limit } = query;
    const messages = await this.stores.transcripts.messages(
      params.id,
      after.toString(),
      limit,
    );
    const items = messages.map((message) => ({
      id: Number(message.id),
      role: message.role,
      content: message.content,
      metadata: { ...(message.metadata as Record<string, unknown>) }, // Stored from a record.
      created_at: message.createdAt.toISOString(),
    }));
    return { items, next_after: items.at(-1)?.id ?? after };
  }
}
