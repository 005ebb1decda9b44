import {
  Catch,
  type ArgumentsHost,
  type ExceptionFilter,
} from "@nestjs/common";
import type { Logger } from "@pullwright/platform";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiProblem } from "./api-problem.js";
import { whereOf, type RefusalNotes } from "../auth/refusal-notes.js";
import { allowedMethods } from "./allowed-methods.js";
import { sendProblem } from "./send-problem.js";
import { toProblem } from "./to-problem.js";

/**
 * Turns whatever was thrown into a problem; what was our fault is logged with its cause, and who reached for what is
 * foreign to them is noted in the audit.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly refusals: RefusalNotes,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = orWrongMethod(toProblem(thrown), request);
    if (problem.status >= 500) {
      this.logger.error(
        { err: thrown, request_id: request.id, status: problem.status },
        "request failed",
      );
    }
    const { foreign } = problem.extras;
    if (foreign !== undefined && request.caller !== null)
      this.refusals.note(
        "access.foreign",
        request.caller.by,
        whereOf(request),
        foreign,
      );
    if (reply.sent || reply.raw.headersSent) return; // A stream that broke: there is nothing left to say.
    sendProblem(problem, request, reply);
  }
}

function orWrongMethod(
  problem: ApiProblem,
  request: FastifyRequest,
): ApiProblem {
  if (!request.is404) return problem;
  const methods = allowedMethods(request.url);
  if (methods.length === 0 || methods.includes(request.method)) return problem;
  return new ApiProblem(
    "method-not-allowed",
    `This address takes ${methods.join(", ")}.`,
    { headers: { allow: methods.join(", ") } },
  );
}
