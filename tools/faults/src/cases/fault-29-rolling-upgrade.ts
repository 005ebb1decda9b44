import { strict as assert } from "node:assert";
import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";
import type { Rig } from "../rig/rig.js";
import { gather, pause } from "./crowd.js";

const ADDING = "FromTheFuture1999999999998";
const BREAKING = "FromTheFutureBreaking1999999999999";
const PAUSE_MS = 3_000;

/**
 * A newer version has migrated the database and begun to write, while these services still run: they go on with what
 * they know and leave alone what they do not, and so does one that starts. Once a migration breaks what they know, one that
 * starts refuses, and starts when the rollback is done.
 */
export const rollingUpgrade: FaultCase = {
  number: 29,
  name: "a newer version migrates the database under running services",
  backends: bothBackends,
  async run(rig, random) {
    const crowd = await gather(rig, 3, { atWork: 1 });
    const unknown = rig.ask();
    const unknownPhase = rig.ask();
    await rig.wait([unknown, unknownPhase], ["pending", "running"]);
    await pause(random.between(0, 1_000));
    await migrateFromTheFuture(rig);
    try {
      const frozen = await freeze(rig, unknown);
      const frozenPhase = await freezePhase(rig, unknownPhase);
      crowd.release();
      await crowd.complete();
      await rig.fleet.get("poller-2").restart();
      await refusesToStart(rig);
      const still = (await rig.runOf(unknown))?.status;
      assert.equal(still, "hibernating", "a state of tomorrow is left alone");
      await frozen.thaw();
      await frozenPhase.thaw();
    } finally {
      await rollBack(rig);
    }
    await rig.fleet.start(rig.fleet.all.filter(({ isRunning }) => !isRunning));
    const runs = await rig.wait([unknown, unknownPhase]);
    const statuses = runs.map(({ status }) => status);
    assert.deepEqual(statuses, ["completed", "completed"]);
    return [
      {
        service: "poller",
        log: /breaking migrations that this version does not know/,
      },
    ];
  },
};

/** What a migration of ours may do: it only adds. */
async function migrateFromTheFuture({ postgres }: Rig): Promise<void> {
  await postgres.query(
    "ALTER TABLE workflow_runs ADD COLUMN mood text NOT NULL DEFAULT 'calm'",
  );
  await recordMigration(postgres, 1_999_999_999_998, ADDING);
}

async function recordMigration(
  postgres: Rig["postgres"],
  timestamp: number,
  name: string,
): Promise<void> {
  await postgres.query(
    "INSERT INTO schema_migrations (timestamp, name) VALUES ($1, $2)",
    [timestamp, name],
  );
}

async function rollBack({ postgres }: Rig): Promise<void> {
  await postgres.query("DELETE FROM schema_migrations WHERE name = ANY($1)", [
    [ADDING, BREAKING],
  ]);
  await postgres.query("ALTER TABLE workflow_runs DROP COLUMN mood");
}

/** Gives a run a status that this version does not know, until it is taken back: transitions, as a newer version makes them. */
async function freeze({ postgres }: Rig, issue: number) {
  const [before] = await postgres.query<{ id: string; status: string }>(
    `UPDATE workflow_runs r SET status = 'hibernating', version = r.version + 1 FROM (SELECT id, status FROM workflow_runs WHERE issue_number = $1) o
      WHERE r.id = o.id RETURNING o.id, o.status`,
    [issue],
  );
  assert(before !== undefined);
  return {
    thaw: async () => {
      await postgres.query(
        "UPDATE workflow_runs SET status = $2, version = version + 1 WHERE id = $1 AND status = 'hibernating'",
        [before.id, before.status],
      );
    },
  };
}

/** The same with the status of a phase: it keeps it. */
async function freezePhase({ postgres }: Rig, issue: number) {
  const [before] = await postgres.query<{ id: string; status: string }>(
    `WITH run AS (UPDATE workflow_runs SET version = version + 1 WHERE issue_number = $1 RETURNING id),
          old AS (SELECT p.id, p.status FROM phase_runs p JOIN run ON run.id = p.workflow_run_id
                   WHERE p.status IN ('queued', 'running'))
     UPDATE phase_runs p SET status = 'dreaming' FROM old WHERE p.id = old.id RETURNING p.id, old.status`,
    [issue],
  );
  assert(before !== undefined);
  return {
    thaw: async () => {
      const thawed = await postgres.query(
        "UPDATE phase_runs SET status = $2 WHERE id = $1 AND status = 'dreaming' RETURNING id",
        [before.id, before.status],
      );
      assert.equal(thawed.length, 1, "a phase of tomorrow is left alone");
    },
  };
}

async function refusesToStart({ fleet, postgres }: Rig): Promise<void> {
  await recordMigration(postgres, 1_999_999_999_999, BREAKING);
  const [poller] = fleet.of("poller");
  assert(poller !== undefined);
  await poller.kill();
  const said = await poller.listen();
  await poller.start({ wait: "none" });
  poller.signal("SIGCONT"); // Does nothing but say that its end will be no surprise.
  await said(/does not know/); // A service of this version refuses the newer database.
  await until(() => !poller.isRunning, "it has ended", PAUSE_MS);
}
