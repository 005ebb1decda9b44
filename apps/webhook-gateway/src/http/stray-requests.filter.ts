import {
  Catch,
  HttpException,
  type ArgumentsHost,
  type ExceptionFilter,
} from "@nestjs/common";
import type { Logger } from "@pullwright/platform";
import type { FastifyReply, FastifyRequest } from "fastify";
import { refuse, type Refusal } from "./problem.js";
import { WEBHOOK_PATHS } from "./webhook-route.js";

/** What each address takes. */
const methods: ReadonlyMap<string, string> = new Map([
  ...WEBHOOK_PATHS.map((path) => [path, "POST"] as const),
  ...["/health", "/health/ready", "/metrics"].map(
    (path) => [path, "GET, HEAD"] as const,
  ),
]);

/** Answers as problems what reaches no handler of ours, and what Fastify refuses by itself. Webhooks do not pass here. */
@Catch()
export class StrayRequestsFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const refusal = refusalOf(thrown, request);
    if (refusal.status === 500)
      this.logger.error({ err: thrown }, "a request was not handled");
    refuse(http.getResponse<FastifyReply>(), refusal);
  }
}

export function refusalOf(
  thrown: unknown,
  { url }: Pick<FastifyRequest, "url">,
): Refusal {
  const status = statusOf(thrown);
  switch (status) {
    case 404: {
      const [path = ""] = url.split("?", 1);
      const allow = methods.get(path);
      return allow === undefined
        ? { status, detail: `Webhooks go to ${WEBHOOK_PATHS[0]}.` }
        : {
            status: 405,
            detail: `This address takes ${allow}.`,
            headers: { allow },
          };
    }
    case 400:
      return { status, detail: "The request is not well-formed." };
    case 413:
      return { status, detail: "Send less." };
    case 415:
      return { status, detail: "This content type is not taken here." };
    default:
      return { status: 500, detail: "This is our fault." };
  }
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  return thrown instanceof Error &&
    "statusCode" in thrown &&
    typeof thrown.statusCode === "number"
    ? thrown.statusCode
    : undefined;
}
