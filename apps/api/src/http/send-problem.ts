import { problemTypes, type Problem } from "@pullwright/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ApiProblem } from "./api-problem.js";

const TYPE_PREFIX = "urn:pullwright:problem:";

/** Answers with a problem, as RFC 9457 wants it. */
export function sendProblem(
  problem: ApiProblem,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { errors, adwId, headers } = problem.extras;
  const body: Problem = {
    type: TYPE_PREFIX + problem.type,
    title: problemTypes[problem.type],
    status: problem.status,
    detail: problem.message,
    instance: `urn:pullwright:request:${request.id}`,
    ...(errors ? { errors: [...errors] } : {}),
    ...(adwId ? { adw_id: adwId } : {}),
  };
  void reply
    .status(problem.status)
    .headers(headers ?? {})
    .type("application/problem+json")
    .send(Buffer.from(JSON.stringify(body))); // As bytes: to a string Fastify would add a charset, which JSON has not.
}
