import { Controller, Inject, Res } from "@nestjs/common";
import { endpoints, type AnswerOf } from "@pullwright/contracts";
import type { Config, HealthRegistry, Metrics } from "@pullwright/platform";
import type { FastifyReply } from "fastify";
import { CONFIG, HEALTH, METRICS, VERSION } from "../api-parts.js";
import { notFound } from "../http/api-problem.js";
import { Handles } from "../http/endpoint.decorators.js";
import { openApiDocument } from "../openapi/document.js";

/** What those who operate the service look at. */
@Controller()
export class OperationController {
  constructor(
    @Inject(HEALTH) private readonly registry: HealthRegistry,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(VERSION) private readonly version: string,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Handles(endpoints.getHealth)
  health(): AnswerOf<typeof endpoints.getHealth> {
    return { status: "ok", version: this.version };
  }

  @Handles(endpoints.getReadiness)
  async ready(
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AnswerOf<typeof endpoints.getReadiness>> {
    const { status, checks } = await this.registry.ready();
    if (status !== "ok") void reply.status(503);
    return {
      status,
      version: this.version,
      checks: Object.fromEntries(
        Object.entries(checks).map(([name, check]) => [
          name,
          {
            status: check.status,
            duration_ms: check.durationMs,
            ...(check.reason === undefined ? {} : { reason: check.reason }),
          },
        ]),
      ),
    };
  }

  @Handles(endpoints.getMetrics)
  async text(@Res() reply: FastifyReply): Promise<void> {
    const { contentType, body } = await this.metrics.render();
    void reply.type(contentType).send(body);
  }

  @Handles(endpoints.getOpenApi)
  openApi(): AnswerOf<typeof endpoints.getOpenApi> {
    if (this.config.http.apiDocs === "off") throw notFound("documentation");
    return { ...openApiDocument() };
  }
}
