import { Controller, Inject, Res } from "@nestjs/common";
import {
  endpoints,
  type AnswerOf,
  type ArtifactShape,
  type InputOf,
} from "@pullwright/contracts";
import type { Artifact, Stores } from "@pullwright/persistence";
import type { FastifyReply } from "fastify";
import { STORES } from "../api-parts.js";
import type { Caller } from "../auth/caller.js";
import { notFound } from "../http/api-problem.js";
import { By, Handles, Input } from "../http/endpoint.decorators.js";
import { RunAccess } from "./run-access.js";

/** What a run leaves: kept files and handoffs. */
@Controller()
export class ArtifactsController {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    private readonly access: RunAccess,
  ) {}

  @Handles(endpoints.listArtifacts)
  async list(
    @Input() { params, query }: InputOf<typeof endpoints.listArtifacts>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.listArtifacts>> {
    const run = await this.access.find(params.adw_id, caller);
    const { kind, limit, offset = 0 } = query;
    const page = { limit, offset, ...(kind === undefined ? {} : { kind }) };
    const artifacts = await this.stores.artifacts.list(run.id, page);
    return { items: artifacts.map(artifactShape) };
  }

  @Handles(endpoints.getArtifactContent)
  async content(
    @Input() { params }: InputOf<typeof endpoints.getArtifactContent>,
    @By() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = await this.access.find(params.adw_id, caller);
    const kept = await this.stores.artifacts.content(run.id, params.id);
    if (kept === null) throw notFound(`artifact ${params.id}`);
    const fileName = kept.name.replace(/[^\w.-]+/g, "_").slice(-100);
    void reply
      .type("text/plain; charset=utf-8") // An agent wrote it: no browser shall run it, whatever it claims to be.
      .header("content-disposition", `attachment; filename="${fileName}"`)
      .send(kept.content);
  }

  @Handles(endpoints.listHandoffs)
  async handoffs(
    @Input() { params }: InputOf<typeof endpoints.listHandoffs>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.listHandoffs>> {
    const run = await this.access.find(params.adw_id, caller);
    const handoffs = await this.stores.runQueries.handoffs(run.id);
    const items = handoffs.map((handoff) => ({
      id: handoff.id,
      phase: handoff.phase,
      execution: handoff.execution,
      round: handoff.round,
      content_md: handoff.contentMd,
      metadata: { ...(handoff.metadataJson as Record<string, unknown>) }, // Written from the domain's Handoff.
      created_at: handoff.createdAt.toISOString(),
    }));
    return { items, total: items.length };
  }
}

function artifactShape(artifact: Artifact): ArtifactShape {
  return {
    id: artifact.id,
    kind: artifact.kind,
    name: artifact.name,
    phase: artifact.phase,
    execution: artifact.execution,
    content_type: artifact.contentType,
    bytes: artifact.bytes,
    sha256: artifact.sha256,
    truncated: artifact.truncated,
    created_at: artifact.createdAt.toISOString(),
  };
}
