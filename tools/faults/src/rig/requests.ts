import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "@pullwright/testing";
import type { Fleet } from "./fleet.js";
import type { RigPostgres } from "./rig-postgres.js";
import { PERSON, REPOSITORY, type Surroundings } from "./surroundings.js";

/** A run as the database knows it. */
export interface RunRow {
  readonly id: string;
  readonly adwId: string;
  readonly issueNumber: number | null;
  readonly status: string;
  readonly outcome: string | null;
  readonly waitingReason: string | null;
  readonly errorClass: string | null;
  readonly branchName: string;
}

/** A delivery that this rig sent by itself. */
export interface SentDelivery {
  readonly guid: string;
  /** 0: no answer. */
  readonly status: number;
}

const runColumns = `id, adw_id AS "adwId", issue_number AS "issueNumber", status, outcome,
  waiting_reason AS "waitingReason", error_class AS "errorClass", branch_name AS "branchName"`;
const ENDED = ["completed", "failed", "cancelled"];
const LOOK_EVERY_MS = 40;
/** How soon is not what is promised: where four crowds share two slow cores, GitHub itself answers late. */
const ENDS_WITHIN_MS = 300_000;

/** What people do with the product: they open issues, label them, ask the API, and wait for ends. */
export function requestsOf(
  { github, secrets }: Surroundings,
  fleet: Fleet,
  postgres: RigPostgres,
) {
  const sent: SentDelivery[] = [];
  const runs = () =>
    postgres.query<RunRow>(
      `SELECT ${runColumns} FROM workflow_runs ORDER BY created_at, id`,
    );
  const runOf = async (issueNumber: number) =>
    (await runs()).filter((run) => run.issueNumber === issueNumber).at(-1);

  return {
    sent: sent as readonly SentDelivery[],
    runs,
    runOf,

    /** Opens an issue and labels it; GitHub's webhook does the rest. The issue's number. */
    ask(workflow = "adw_build"): number {
      const issue = github.createIssue({
        repo: REPOSITORY,
        title: "Something to do",
        body: "Please do it.",
        author: PERSON,
      });
      github.addLabel(REPOSITORY, issue.number, `adw:${workflow}`, PERSON);
      return issue.number;
    },

    /** Waits until the latest run of each issue is in one of these statuses, ended unless told. */
    async wait(
      issues: readonly number[],
      statuses: readonly string[] = ENDED,
      timeoutMs = ENDS_WITHIN_MS,
    ): Promise<RunRow[]> {
      let latest = new Map<number | null, RunRow>();
      const look = async () => {
        await sleep(LOOK_EVERY_MS);
        latest = new Map((await runs()).map((run) => [run.issueNumber, run]));
        return issues.every((issue) =>
          statuses.includes(latest.get(issue)?.status ?? ""),
        );
      };
      try {
        await until(
          () => look().catch(() => false), // Postgres may be down for now.
          `runs are ${statuses.join(" or ")}`,
          timeoutMs,
        );
      } catch (cause) {
        const states = issues.map(
          (issue) =>
            `#${issue.toString()} ${latest.get(issue)?.status ?? "none"}`,
        );
        throw new Error(`Runs: ${states.join(", ")}.`, { cause });
      }
      return issues.flatMap((issue) => latest.get(issue) ?? []);
    },

    /** Sends a signed delivery as GitHub does, to a gateway of one's choice. */
    async deliver(
      event: string,
      payload: object,
      {
        guid = randomUUID(),
        gateway = fleet.living("webhook-gateway").url,
      } = {},
    ): Promise<SentDelivery> {
      const body = JSON.stringify(payload);
      const hash = createHmac("sha256", secrets.webhookSecret)
        .update(body)
        .digest("hex");
      const answer = await fetch(`${gateway}/webhooks/github`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "GitHub-Hookshot/faults",
          "x-github-delivery": guid,
          "x-github-event": event,
          "x-hub-signature-256": `sha256=${hash}`,
        },
        body,
        signal: AbortSignal.timeout(30_000),
      }).catch(() => null);
      await answer?.text();
      const delivery = { guid, status: answer?.status ?? 0 };
      sent.push(delivery);
      return delivery;
    },

    /** Asks the API, with the admin key. */
    async api(
      path: string,
      init: {
        readonly method?: string;
        readonly body?: unknown;
        readonly url?: string;
        readonly headers?: Readonly<Record<string, string>>;
      } = {},
    ): Promise<{ readonly status: number; readonly body: unknown }> {
      const answer = await fetch(
        `${init.url ?? fleet.living("api").url}${path}`,
        {
          method: init.method ?? "GET",
          headers: {
            authorization: `Bearer ${secrets.apiKey}`,
            "content-type": "application/json",
            ...init.headers,
          },
          ...(init.body === undefined
            ? {}
            : { body: JSON.stringify(init.body) }),
          signal: AbortSignal.timeout(30_000),
        },
      );
      const text = await answer.text();
      return {
        status: answer.status,
        body: text === "" ? null : (JSON.parse(text) as unknown),
      };
    },
  };
}
