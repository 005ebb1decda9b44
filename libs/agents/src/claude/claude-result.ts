import type { AgentError } from "@pullwright/contracts";
import { errorClass } from "../outcome/error-class.js";
import type { Claim } from "../outcome/judge.js";
import { resumeAtIn } from "../outcome/resume-at.js";
import type { JsonView } from "../stream/json-view.js";
import {
  ANSWER_LIMIT,
  storableText,
  storableValue,
} from "../stream/storable.js";
import { resultUsage } from "./claude-usage.js";

/** Ends that the CLI names in `subtype`; all others fail with the error they carry. */
const stopBySubtype: Readonly<Record<string, "max_turns" | "budget">> = {
  error_max_turns: "max_turns",
  error_max_budget_usd: "budget",
};

/** What the `result` event claims. `subtype` alone means little: API errors come as "success" with `is_error`. */
export function claimOfResult(
  result: JsonView,
  errorName: string | undefined,
  now: Date,
): Claim {
  const subtype = result.text("subtype") ?? "";
  const text = result.text("result");
  const structured = result.get("structured_output");
  const facts = {
    denials: denialsOf(result),
    usage: resultUsage(result),
    turns: result.count("num_turns"),
    ...(text !== undefined && { text: storableText(text, ANSWER_LIMIT) }),
    ...(structured !== undefined &&
      structured !== null && { structured: storableValue(structured) }),
    ...sessionOf(result),
  };
  if (result.text("terminal_reason")?.startsWith("aborted"))
    return { said: "cancelled", ...facts };
  if (result.text("stop_reason") === "refusal") {
    return {
      said: "failed",
      ...facts,
      error: {
        class: "refusal",
        http_status: null,
        message: text ?? "The model refused.",
      },
    };
  }
  if (subtype === "success" && !result.is("is_error"))
    return { said: "succeeded", ...facts };
  const stop = Object.hasOwn(stopBySubtype, subtype)
    ? stopBySubtype[subtype]
    : undefined;
  return {
    said: "failed",
    ...facts,
    ...(stop && { stop }),
    error: errorOf(result, stop !== undefined, errorName, now),
  };
}

function errorOf(
  result: JsonView,
  limit: boolean,
  errorName: string | undefined,
  now: Date,
): AgentError {
  const message = storableText(
    result.texts("errors").join("; ") ||
      result.text("result") ||
      result.text("subtype") ||
      "The agent failed.",
    4000,
  );
  const httpStatus = result.number("api_error_status");
  const name = result.text("api_error_type") ?? errorName;
  const resumeAt = resumeAtIn(message, now);
  return {
    class: limit ? "limit" : errorClass({ httpStatus, name, message }),
    http_status:
      httpStatus !== undefined && Number.isInteger(httpStatus)
        ? httpStatus
        : null,
    message,
    ...(resumeAt !== undefined && { resume_at: resumeAt }),
  };
}

function denialsOf(result: JsonView): Claim["denials"] {
  return result.views("permission_denials").map((denial) => ({
    name: denial.text("tool_name") ?? "unknown",
    input: storableValue(denial.get("tool_input")),
  }));
}

function sessionOf(result: JsonView): { session_id?: string } {
  const session = result.text("session_id");
  return session === undefined ? {} : { session_id: session };
}
