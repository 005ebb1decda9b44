import { spawn, type ChildProcess } from "node:child_process";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { RunRow } from "../rig/requests.js";
import { startRig, type Rig } from "../rig/rig.js";
import { BOT, PERSON, REPOSITORY } from "../rig/surroundings.js";
import { checkOracle } from "./check-oracle.js";
import { markNow, type Mark, type Sighting } from "./sightings.js";
import type { Rule } from "./violation.js";

jest.setTimeout(180_000);

let rig: Rig;
let run: RunRow;
beforeAll(async () => {
  rig = await startRig({
    backend: "postgres",
    replicas: {
      api: 0,
      poller: 1,
      orchestrator: 1,
      "agent-runner": 1,
      "webhook-gateway": 1,
    },
  });
  const [ended] = await rig.wait([rig.ask()]);
  if (ended === undefined) throw new Error("There is no run.");
  run = ended;
});
afterAll(() => rig.close());

const found = async () =>
  (await checkOracle(rig, { withinMs: 0 })).map(
    ({ rule, what }) => `${rule} ${what}`,
  );
const token = () => rig.secrets.token;
const issue = () => run.issueNumber ?? 0;
const sql = (text: string, ...values: unknown[]) =>
  rig.postgres.query(text, values);

/** What nobody may do otherwise: the timeline only grows. */
const withTimeline = async <T>(change: () => Promise<T>): Promise<T> => {
  await sql("ALTER TABLE run_events DISABLE TRIGGER USER");
  try {
    return await change();
  } finally {
    await sql("ALTER TABLE run_events ENABLE TRIGGER USER");
  }
};

/** A request as Pullwright makes it; what GitHub answered. */
const asPullwright = async (
  method: string,
  path: string,
  body: object,
): Promise<{ readonly number: number; readonly id: number }> => {
  const { token } = rig.secrets;
  const answer = await fetch(
    `${rig.github.apiUrl}/repos/${REPOSITORY}${path}`,
    {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    },
  );
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as { number: number; id: number }; // Of all that is asked for here.
};

const later = (undo: () => void) =>
  Promise.resolve(() => Promise.resolve().then(undo));

test("after a run without a fault there is nothing to find", async () => {
  expect(await checkOracle(rig)).toEqual([]);
});

/** Each plants something that must not be, and says how to take it away again. */
const planted: readonly [
  Rule,
  string,
  RegExp,
  () => Promise<() => Promise<unknown>>,
][] = [
  [
    "O1",
    "an accepted delivery without a row",
    /is not recorded/,
    async () => {
      await sql("UPDATE deliveries SET guid = 'x' || guid");
      return () => sql("UPDATE deliveries SET guid = substr(guid, 2)");
    },
  ],
  [
    "O2",
    "a delivery that nobody handles",
    /never handled/,
    async () => {
      await rig.fleet.killAll();
      await sql(
        "INSERT INTO deliveries (source, guid, event, payload, received_at, rung_at, handling_until) VALUES ('webhook', 'stuck', 'ping', '{}', now(), now(), now() + interval '1 hour')",
      );
      return () => sql("DELETE FROM deliveries WHERE guid = 'stuck'");
    },
  ],
  [
    "O2",
    "a run that waits for ever",
    /neither ended nor waits/,
    async () => {
      await sql(
        "UPDATE workflow_runs SET status = 'waiting', wait_deadline = NULL",
      );
      return () => sql("UPDATE workflow_runs SET status = 'completed'");
    },
  ],
  [
    "O3",
    "two attempts at a phase that both succeeded",
    /more than one attempt/,
    async () => {
      await sql(
        `INSERT INTO attempts (phase_run_id, workflow_run_id, fence, owner, status, outcome)
         SELECT phase_run_id, workflow_run_id, 77, owner, 'ended', 'succeeded' FROM attempts LIMIT 1`,
      );
      return () => sql("DELETE FROM attempts WHERE fence = 77");
    },
  ],
  [
    "O3",
    "a second success of a phase beside a round of it that failed",
    /more than one committed result/,
    async () => {
      await sql(
        `INSERT INTO phase_runs (workflow_run_id, execution, position, phase, round, status)
         SELECT workflow_run_id, execution, 99, phase, 2, 'failed' FROM phase_runs WHERE phase = 'build'`,
      );
      const [planted] = await rig.postgres.query<{ seq: string }>(
        `INSERT INTO run_events (workflow_run_id, execution, type, actor, payload)
         SELECT workflow_run_id, execution, type, actor, payload FROM run_events WHERE type = 'phase_finished' AND payload ->> 'phase' = 'build'
         RETURNING seq`,
      );
      return async () => {
        await sql("DELETE FROM phase_runs WHERE position = 99");
        await withTimeline(() =>
          sql("DELETE FROM run_events WHERE seq = $1", planted?.seq),
        );
      };
    },
  ],
  [
    "O4",
    "a second pull request",
    /2 pull requests/,
    async () => {
      await rig.github.commitFiles(
        REPOSITORY,
        "again",
        { "b.txt": "b\n" },
        { author: PERSON, message: "again" },
      );
      const { number } = await asPullwright("POST", "/pulls", {
        title: "Again",
        head: "again",
        base: "main",
        body: `Again. <!-- pullwright:run:${run.adwId} -->`,
      });
      // It cannot be deleted, only be another's.
      return () =>
        asPullwright("PATCH", `/pulls/${number}`, { body: "Not a run's." });
    },
  ],
  [
    "O4",
    "a status comment that a late writer set back",
    /does not say completed/,
    () => {
      const marker = `<!-- pullwright:run:${run.adwId} -->`;
      const own = rig.github
        .listComments(REPOSITORY, issue())
        .find(({ body }) => body.includes(marker));
      if (own === undefined) throw new Error("There is no status comment.");
      const say = (body: string) =>
        rig.github.editComment(REPOSITORY, own.id, body, BOT);
      say(`Is running. ${marker}`);
      return later(() => say(own.body));
    },
  ],
  [
    "O4",
    "a second status comment",
    /2 status comments/,
    () => {
      const { id } = rig.github.comment(
        REPOSITORY,
        issue(),
        `completed <!-- pullwright:run:${run.adwId} -->`,
        "pullwright-bot",
      );
      return later(() => rig.github.deleteComment(REPOSITORY, id, PERSON));
    },
  ],
  [
    "O4",
    "a second branch",
    /a second branch/,
    async () => {
      const branch = `pullwright/9-${run.adwId}-again`;
      await rig.github.commitFiles(
        REPOSITORY,
        branch,
        { "a.txt": "a\n" },
        { author: PERSON, message: "again" },
      );
      return () => rig.github.deleteBranch(REPOSITORY, branch, PERSON);
    },
  ],
  [
    "O4",
    "a wrong label",
    /is not labelled/,
    () => {
      rig.github.addLabel(REPOSITORY, issue(), "pullwright:failed", PERSON);
      return later(() =>
        rig.github.removeLabel(
          REPOSITORY,
          issue(),
          "pullwright:failed",
          PERSON,
        ),
      );
    },
  ],
  [
    "O5",
    "a process of an agent",
    /a process of an agent is left/,
    () => {
      const child: ChildProcess = spawn("sleep", ["60"], {
        env: { PATH: process.env["PATH"] ?? "", PULLWRIGHT_RUN_ID: run.adwId },
      });
      return Promise.resolve(() => Promise.resolve(child.kill("SIGKILL")));
    },
  ],
  [
    "O5",
    "a checkout",
    /a folder of an attempt is left/,
    async () => {
      const root = join(rig.folder, "work", "agent-runner-1", "workspaces");
      await mkdir(join(root, "checkouts", "left"), { recursive: true });
      return () => rig.fleet.get("agent-runner-1").restart();
    },
  ],
  [
    "O5",
    "a lease of a dead process",
    /a dead process holds a lease/,
    async () => {
      await sql(
        "INSERT INTO leases (name, owner, lease_until) VALUES ('planted', 'poller@here:999999', now() + interval '1 hour')",
      );
      return () => sql("DELETE FROM leases WHERE name = 'planted'");
    },
  ],
  [
    "O6",
    "a commit on the branch that no phase has recorded",
    /no phase has recorded/,
    async () => {
      await sql("CREATE TABLE known AS SELECT id, commit_sha FROM phase_runs");
      await sql("UPDATE phase_runs SET commit_sha = NULL");
      return async () => {
        await sql(
          "UPDATE phase_runs p SET commit_sha = k.commit_sha FROM known k WHERE k.id = p.id",
        );
        await sql("DROP TABLE known");
      };
    },
  ],
  [
    "O6",
    "a push of an attempt that another had overtaken",
    /after a later claim/,
    async () => {
      await sql(
        `INSERT INTO attempts (phase_run_id, workflow_run_id, fence, owner, status, started_at)
         SELECT phase_run_id, workflow_run_id, 78, owner, 'ended', started_at FROM attempts`,
      );
      return () => sql("DELETE FROM attempts WHERE fence = 78");
    },
  ],
  [
    "O8",
    "a secret in a run's log",
    /a row of workflow_logs holds a secret/,
    async () => {
      await sql("UPDATE workflow_logs SET message = message || $1", token());
      return () =>
        sql(
          "UPDATE workflow_logs SET message = replace(message, $1, '')",
          token(),
        );
    },
  ],
  [
    "O8",
    "a secret in an artifact",
    /a row of artifacts holds a secret/,
    async () => {
      await sql("UPDATE artifacts SET content = content || $1", token());
      return () =>
        sql("UPDATE artifacts SET content = replace(content, $1, '')", token());
    },
  ],
  [
    "O8",
    "a secret in a run's timeline",
    /a row of run_events holds a secret/,
    async () => {
      await withTimeline(() =>
        sql(
          "UPDATE run_events SET payload = payload || jsonb_build_object('planted', $1::text)",
          token(),
        ),
      );
      return () =>
        withTimeline(() =>
          sql("UPDATE run_events SET payload = payload - 'planted'"),
        );
    },
  ],
  [
    "O8",
    "a secret in a comment",
    /was written to acme\/shop holds a secret/,
    async () => {
      const { id } = await asPullwright("POST", `/issues/${issue()}/comments`, {
        body: token(),
      });
      return () => {
        rig.github.deleteComment(REPOSITORY, id, PERSON);
        rig.github.clearRequests();
        return Promise.resolve();
      };
    },
  ],
  [
    "O8",
    "a secret in a log",
    /the log of poller-1 holds a secret/,
    async () => {
      await appendFile(rig.fleet.get("poller-1").logFile, rig.secrets.token);
      return () => Promise.resolve();
    },
  ],
];

test.each(planted)("%s: %s is found", async (rule, _name, what, plant) => {
  const remove = await plant();
  try {
    expect(await found()).toContainEqual(
      expect.stringMatching(new RegExp(`^${rule} .*${what.source}`)),
    );
  } finally {
    await remove();
  }
});

/** Whether the fault was not where it should show. */
const unseen = async (since: Mark, sighting: Sighting) => {
  const violations = await checkOracle(rig, {
    since,
    withinMs: 0,
    visible: [sighting],
  });
  return violations.filter(({ rule }) => rule === "O7");
};

test("O7: a fault that nobody can see is found", async () => {
  const since = await markNow(rig);
  const [violation] = await unseen(since, {
    service: "poller",
    log: /the sky fell/,
  });
  expect(violation?.evidence).toMatchObject({ log: "/the sky fell/" });
});

test("O7: what was counted before the fault does not show it, and what is counted after it does", async () => {
  const started: Sighting = {
    service: "orchestrator",
    metric: /deliveries_total\{[^}]*verdict="started"/,
  };
  await rig.wait([rig.ask()]);
  const since = await markNow(rig);
  expect(await unseen(since, started)).toHaveLength(1);
  await rig.wait([rig.ask()]);
  expect(await unseen(since, started)).toEqual([]);
});
