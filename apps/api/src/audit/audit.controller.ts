import { Readable } from "node:stream";
import { Controller, Inject, Req, StreamableFile } from "@nestjs/common";
import { endpoints, type AnswerOf, type InputOf } from "@pullwright/contracts";
import type { AuditFilter, Stores } from "@pullwright/persistence";
import type { FastifyRequest } from "fastify";
import { STORES } from "../api-parts.js";
import type { Caller } from "../auth/caller.js";
import { By, Handles, Input } from "../http/endpoint.decorators.js";
import { parseInput } from "../http/parse-input.js";
import { prefersType } from "../http/prefers-type.js";
import { auditShape } from "./audit-shape.js";

type Wanted = InputOf<typeof endpoints.exportAudit>["query"];

const NDJSON = "application/x-ndjson";

/** Who did what, when, by what trigger, from where. */
@Controller()
export class AuditController {
  constructor(@Inject(STORES) private readonly stores: Stores) {}

  /** A page; the export for whoever asks for lines. */
  @Handles(endpoints.listAudit)
  async list(
    @Input() { query }: InputOf<typeof endpoints.listAudit>,
    @By() caller: Caller,
    @Req() request: FastifyRequest,
  ): Promise<AnswerOf<typeof endpoints.listAudit> | StreamableFile> {
    if (prefersType(request.headers.accept, NDJSON))
      // Parsed again: the export is whole, so `limit` and `cursor` are refused by name.
      return this.export(parseInput(endpoints.exportAudit, request), caller);
    const { limit, cursor = null } = query;
    const filter = filterOf(query, caller);
    const entries = await this.stores.audit.page(filter, cursor, limit);
    const last = entries.at(-1);
    return {
      items: entries.map(auditShape),
      next_cursor:
        last === undefined || entries.length < limit
          ? null
          : last.seq.toString(),
    };
  }

  @Handles(endpoints.exportAudit)
  async export(
    @Input() { query }: InputOf<typeof endpoints.exportAudit>,
    @By() caller: Caller,
  ): Promise<StreamableFile> {
    // Noted first: an export that breaks off has told something, too.
    await this.stores.audit.record({
      by: caller.by,
      action: "audit.exported",
      details: { ...query },
    });
    const lines = this.#lines(filterOf(query, caller));
    return new StreamableFile(Readable.from(lines), {
      type: NDJSON,
      disposition: 'attachment; filename="audit.ndjson"',
    });
  }

  /** Read as fast as the reader takes them: a batch of entries is all that is kept. */
  async *#lines(filter: AuditFilter): AsyncGenerator<string> {
    for await (const entry of this.stores.audit.all(filter))
      yield `${JSON.stringify(auditShape(entry))}\n`;
  }
}

function filterOf(query: Wanted, { repositoryIds }: Caller): AuditFilter {
  const { from, to, actor, action, repository, adw_id: adwId } = query;
  return {
    ...(from === undefined ? {} : { from: new Date(from) }),
    ...(to === undefined ? {} : { to: new Date(to) }),
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(repository === undefined ? {} : { repository }),
    ...(adwId === undefined ? {} : { adwId }),
    ...(repositoryIds === null ? {} : { repositoryIds }),
  };
}
