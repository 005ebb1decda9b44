import { spawn, type ChildProcess } from "node:child_process";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { RunRow } from "../rig/requests.js";
import { startRig, type Rig } from "../rig/rig.js";
import { PERSON, REPOSITORY } from "../rig/surroundings.js";
import { checkOracle } from "./check-oracle.js";
import { markNow } from "./sightings.js";
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
const issue = () => run.issueNumber ?? 0;
const sql = (text: string, ...values: unknown[]) =>
  rig.postgres.query(text, values);

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
      await sql("UPDATE phase_runs SET commit_sha = 'x' || commit_sha");
      return () =>
        sql("UPDATE phase_runs SET commit_sha = substr(commit_sha, 2)");
    },
  ],
  [
    "O8",
    "a secret in a log",
    /holds a secret/,
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

test("O7: a fault that nobody can see is found", async () => {
  const since = await markNow(rig);
  const [violation] = (
    await checkOracle(rig, {
      since,
      withinMs: 0,
      visible: [{ service: "poller", log: /the sky fell/ }],
    })
  ).filter(({ rule }) => rule === "O7");
  expect(violation?.evidence).toMatchObject({ log: "/the sky fell/" });
});
