import type { Finding } from "../untrusted/finding.js";
import {
  normaliseTitle,
  normaliseUntrusted,
  type NormalisedText,
} from "../untrusted/normalise.js";
import type { PromptInput } from "./prompt-input.js";
import type { MaterialName } from "./templates.js";

/** GitHub's own limit of a body. */
const BODY_LIMIT = 65_536;
const COMMENT_LIMIT = 8 * 1024;
const MAX_COMMENTS = 20;
const PLAN_LIMIT = 64 * 1024;
const HANDOFF_LIMIT = 16 * 1024;
const NOTE_LIMIT = 4 * 1024;
const TEST_OUTPUT_LIMIT = 16 * 1024;
const FAILED_LOG_LIMIT = 16 * 1024;
const FAILED_DIFF_LIMIT = 32 * 1024;
const PROGRESS_LIMIT = 16 * 1024;
const MAX_COMMANDS = 4;
const MAX_FILES = 200;

/** A piece of text for the prompt, not yet fenced. */
export interface Piece {
  readonly label: string;
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** How each kind of material is made from the input: normalised, capped and without the parts that are not there. */
export const materials: Readonly<
  Record<MaterialName, (input: PromptInput) => Piece[]>
> = {
  issue: issuePieces,
  plan: ({ plan }) =>
    textPiece("PLAN", plan, {
      where: "plan",
      maxLength: PLAN_LIMIT,
      markdown: true,
    }),
  handoffs: ({ handoffs = [] }) =>
    handoffs.flatMap((handoff, index) =>
      textPiece("HANDOFF OF AN EARLIER PHASE", handoff.contentMd, {
        where: `handoff ${index + 1}`,
        maxLength: HANDOFF_LIMIT,
        markdown: true,
      }),
    ),
  tests: ({ failedCommands = [] }) =>
    failedCommands
      .slice(0, MAX_COMMANDS)
      .flatMap(({ command, exitCode, output }, index) => {
        const shown = `$ ${command.join(" ")}\n${output}\n(exit code ${exitCode ?? "none"})`;
        return textPiece("TEST OUTPUT", shown, {
          where: `test output ${index + 1}`,
          maxLength: TEST_OUTPUT_LIMIT,
          keep: "end",
          markdown: false,
        });
      }),
  earlier: earlierPieces,
  progress: ({ progress }) =>
    textPiece("PROGRESS OF THE RUN", progress, {
      where: "progress",
      maxLength: PROGRESS_LIMIT,
      keep: "end",
      markdown: false,
    }),
  conflict: ({ conflictingFiles = [] }) =>
    textPiece(
      "CONFLICTING FILES",
      conflictingFiles.slice(0, MAX_FILES).map(oneLine).join("\n"),
      {
        where: "conflicting files",
        maxLength: PLAN_LIMIT,
        markdown: false,
      },
    ),
  note: ({ note }) =>
    textPiece("NOTE OF A MAINTAINER", note, {
      where: "note",
      maxLength: NOTE_LIMIT,
      markdown: true,
    }),
};

function issuePieces({ issue }: PromptInput): Piece[] {
  const title = normaliseTitle(issue.title);
  const body = normaliseUntrusted(issue.body, {
    where: "body",
    maxLength: BODY_LIMIT,
    markdown: true,
  });
  const head =
    issue.number === null
      ? `Title: ${title.text}`
      : `Title: ${title.text} (#${issue.number})`;
  const labels = (issue.labels ?? []).slice(0, 20).map(shortName).join(", ");
  const lines = [
    head,
    ...(issue.author === undefined
      ? []
      : [`Author: ${shortName(issue.author)}`]),
    ...(labels === "" ? [] : [`Labels: ${labels}`]),
    "",
    body.text === "" ? "(no description)" : body.text,
  ];
  // The latest comments: they are the ones that correct the issue.
  const comments = (issue.comments ?? [])
    .slice(-MAX_COMMENTS)
    .flatMap((comment, index) =>
      textPiece(`COMMENT BY ${shortName(comment.author)}`, comment.body, {
        where: `comment ${index + 1}`,
        maxLength: COMMENT_LIMIT,
        markdown: true,
      }),
    );
  return [
    {
      label: "ISSUE",
      text: lines.join("\n"),
      findings: [...title.findings, ...body.findings],
    },
    ...comments,
  ];
}

/** An agent wrote most of this, and the repository's own commands the rest: it is no more to be believed than the issue. */
function earlierPieces({ earlierTry }: PromptInput): Piece[] {
  const { failure, diff } = earlierTry ?? {};
  return [
    ...textPiece(
      "FAILURE OF AN EARLIER TRY",
      failure &&
        `${failure.phase} (${failure.failureClass}): ${failure.message}`,
      { where: "earlier failure", maxLength: NOTE_LIMIT, markdown: false },
    ),
    ...textPiece("LOG OF AN EARLIER TRY", failure?.log, {
      where: "earlier log",
      maxLength: FAILED_LOG_LIMIT,
      keep: "end",
      markdown: false,
    }),
    ...textPiece("CHANGE OF AN EARLIER TRY", diff, {
      where: "earlier change",
      maxLength: FAILED_DIFF_LIMIT,
      markdown: false,
    }),
  ];
}

function textPiece(
  label: string,
  raw: string | undefined,
  options: Parameters<typeof normaliseUntrusted>[1],
): Piece[] {
  const { text, findings }: NormalisedText = normaliseUntrusted(
    raw ?? "",
    options,
  );
  return text === "" ? [] : [{ label, text, findings }];
}

/** A login or a label as part of one of our own lines: letters, digits and little else. */
function shortName(name: string): string {
  return name.replace(/[^\p{L}\p{N}:/._[\] -]/gu, "").slice(0, 60);
}

function oneLine(path: string): string {
  return path.replace(/\s+/g, " ").slice(0, 1000);
}
