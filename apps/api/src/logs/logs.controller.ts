import { Controller, Inject, Res } from "@nestjs/common";
import { endpoints, type AnswerOf, type InputOf } from "@pullwright/contracts";
import type { Stores } from "@pullwright/persistence";
import type { FastifyReply } from "fastify";
import { STORES } from "../api-parts.js";
import type { Caller } from "../auth/caller.js";
import { By, Handles, Input } from "../http/endpoint.decorators.js";
import { LiveHub } from "../live/live-hub.js";
import { RunAccess } from "../runs/run-access.js";
import { logEntryShape, runEventShape } from "./log-shape.js";

/** What a run says and what happens to it, page by page and live. */
@Controller()
export class LogsController {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    private readonly access: RunAccess,
    private readonly hub: LiveHub,
  ) {}

  @Handles(endpoints.getLogs)
  async logs(
    @Input() { params, query }: InputOf<typeof endpoints.getLogs>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.getLogs>> {
    const run = await this.access.find(params.adw_id, caller);
    const { after, limit, phase, level } = query;
    const entries = await this.stores.logs.page(run.id, {
      after,
      limit,
      ...(phase === undefined ? {} : { phase }),
      ...(level === undefined ? {} : { level }),
    });
    return {
      logs: entries.map(({ message }) => message),
      entries: entries.map(logEntryShape),
      next_after: entries.at(-1)?.seq ?? after,
    };
  }

  @Handles(endpoints.getEvents)
  async events(
    @Input() { params, query }: InputOf<typeof endpoints.getEvents>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.getEvents>> {
    const run = await this.access.find(params.adw_id, caller);
    const { after, limit } = query;
    const events = await this.stores.runQueries.events(run.id, after, limit);
    const items = events.map(runEventShape);
    return { items, next_after: items.at(-1)?.seq ?? after };
  }

  @Handles(endpoints.streamLogs)
  async streamLogs(
    @Input() input: InputOf<typeof endpoints.streamLogs>,
    @By() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = await this.access.find(input.params.adw_id, caller);
    this.hub.follow("logs", run, startOf(input), this.hub.open(reply, caller));
  }

  @Handles(endpoints.streamEvents)
  async streamEvents(
    @Input() input: InputOf<typeof endpoints.streamEvents>,
    @By() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = await this.access.find(input.params.adw_id, caller);
    this.hub.follow(
      "events",
      run,
      startOf(input),
      this.hub.open(reply, caller),
    );
  }

  @Handles(endpoints.streamAllEvents)
  streamAll(@By() caller: Caller, @Res() reply: FastifyReply): void {
    this.hub.followAll(this.hub.open(reply, caller), caller);
  }
}

/** A browser that reconnects repeats the address, `after` and all: what it says of its last message counts more. */
function startOf({
  query,
  headers,
}: Pick<InputOf<typeof endpoints.streamLogs>, "query" | "headers">): number {
  return Number(headers["last-event-id"] ?? query.after);
}
