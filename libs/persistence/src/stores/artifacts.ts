import { createHash } from "node:crypto";
import type { Database, Statement } from "../database.js";
import type { AttemptRef } from "./attempt-ref.js";
import { holdsPhase } from "./attempts.js";

export const artifactKinds = [
  "plan",
  "diff",
  "transcript",
  "test_report",
] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

export interface NewArtifact {
  readonly kind: ArtifactKind;
  readonly name: string;
  readonly contentType: string;
  readonly content: string;
}

export interface Artifact {
  readonly id: string;
  readonly kind: ArtifactKind;
  readonly name: string;
  readonly phase: string;
  readonly execution: number;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly truncated: boolean;
  readonly createdAt: Date;
}

/** What lies beyond is cut off; the row says so. */
export const MAX_ARTIFACT_BYTES = 1024 * 1024;

const insert: Statement = {
  name: "artifact_insert",
  text: `
  INSERT INTO artifacts (workflow_run_id, phase_run_id, attempt_id, kind, name, content_type, bytes, sha256, truncated, content)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE ${holdsPhase("$2", "$11")}
  ON CONFLICT (attempt_id, kind, name) DO UPDATE
     SET content_type = excluded.content_type, bytes = excluded.bytes, sha256 = excluded.sha256, truncated = excluded.truncated, content = excluded.content
  RETURNING id`,
};

const columns = `a.id, a.kind, a.name, p.phase, p.execution, a.content_type AS "contentType", a.bytes, a.sha256, a.truncated, a.created_at AS "createdAt"`;

const list: Statement = {
  name: "artifact_list",
  text: `
  SELECT ${columns} FROM artifacts a JOIN phase_runs p ON p.id = a.phase_run_id
   WHERE a.workflow_run_id = $1 AND ($2::text IS NULL OR a.kind = $2) ORDER BY a.created_at, a.id LIMIT $3 OFFSET $4`,
};

const content: Statement = {
  name: "artifact_content",
  text: `SELECT ${columns}, a.content FROM artifacts a JOIN phase_runs p ON p.id = a.phase_run_id WHERE a.workflow_run_id = $1 AND a.id = $2`,
};

const latest: Statement = {
  name: "artifact_latest",
  text: `
  SELECT ${columns}, a.content FROM artifacts a JOIN phase_runs p ON p.id = a.phase_run_id
   WHERE a.workflow_run_id = $1 AND p.execution = $2 AND p.phase = ANY($3) AND a.kind = $4 ORDER BY a.created_at DESC, a.id DESC LIMIT 1`,
};

/** Kept files of a run. */
export class Artifacts {
  constructor(private readonly database: Database) {}

  /** Keeps a file; false when the attempt no longer holds its phase. */
  async keep(attempt: AttemptRef, artifact: NewArtifact): Promise<boolean> {
    const whole = Buffer.from(
      artifact.content.replaceAll("\0", "\u2400"),
      "utf8",
    );
    const truncated = whole.byteLength > MAX_ARTIFACT_BYTES;
    // A cut inside a character leaves a replacement sign, never broken UTF-8.
    const text = truncated
      ? whole.subarray(0, MAX_ARTIFACT_BYTES).toString("utf8")
      : whole.toString("utf8");
    const rows = await this.database.query(insert, [
      attempt.runId,
      attempt.phaseRunId,
      attempt.attemptId,
      artifact.kind,
      artifact.name,
      artifact.contentType,
      Buffer.byteLength(text),
      createHash("sha256").update(text).digest("hex"),
      truncated,
      text,
      attempt.fence,
    ]);
    return rows.length === 1;
  }

  list(
    runId: string,
    page: {
      readonly kind?: string;
      readonly limit: number;
      readonly offset: number;
    },
  ): Promise<Artifact[]> {
    return this.database.query<Artifact>(list, [
      runId,
      page.kind ?? null,
      page.limit,
      page.offset,
    ]);
  }

  /** The latest file of a kind that one of these phases of an execution left. */
  async latest(
    runId: string,
    from: { readonly execution: number; readonly phases: readonly string[] },
    kind: ArtifactKind,
  ): Promise<(Artifact & { readonly content: string }) | null> {
    const [row] = await this.database.query<Artifact & { content: string }>(
      latest,
      [runId, from.execution, from.phases, kind],
    );
    return row ?? null;
  }

  async content(
    runId: string,
    artifactId: string,
  ): Promise<(Artifact & { readonly content: string }) | null> {
    const [row] = await this.database.query<Artifact & { content: string }>(
      content,
      [runId, artifactId],
    );
    return row ?? null;
  }
}
