import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import {
  aTrigger,
  storesOnAClone,
  type StoresUnderTest,
} from "./__fixtures__/stores-on-a-clone.js";
import { openDatabase } from "./database.js";
import { pendingMigrations } from "./migrate.js";
import { createStores } from "./stores/stores.js";

let sut: StoresUnderTest;
beforeEach(async () => {
  sut = await storesOnAClone();
});
afterEach(() => sut.close());

const query = (text: string, values: readonly unknown[] = []) =>
  sut.database.pool.query(text, [...values]);

async function aQueuedPhase() {
  const created = await sut.stores.creation.create(aTrigger(sut.repository));
  if (created.kind !== "created") throw new Error(created.kind);
  const [phase] = created.run.phaseRows;
  if (phase === undefined) throw new Error("the run has no phases");
  return { run: created.run, phaseRunId: phase.id };
}

const owner = { owner: "older-runner", leaseMs: 60_000 };

describe("a program beside a newer schema", () => {
  const migrated = (name: string) =>
    query('INSERT INTO schema_migrations ("timestamp", name) VALUES ($1, $2)', [
      1_999_000_000_000,
      name,
    ]);

  it("starts when all that it does not know was added", async () => {
    await migrated("MoreColumns1999000000000");
    expect(await pendingMigrations(sut.url)).toEqual([]);
  });

  it("refuses to start after a migration that breaks it, and names that", async () => {
    await migrated("DropColumnsBreaking1999000000000");
    await expect(pendingMigrations(sut.url)).rejects.toMatchObject({
      code: "schema_too_new",
      message: expect.stringContaining("DropColumnsBreaking1999000000000"),
    });
  });

  it("goes on when columns are added while it runs", async () => {
    const { run, phaseRunId } = await aQueuedPhase();
    expect((await sut.stores.runs.byId(run.id))?.id).toBe(run.id);
    await query("ALTER TABLE workflow_runs ADD COLUMN of_the_future text");
    expect((await sut.stores.runs.byId(run.id))?.id).toBe(run.id);
    const claimed = await sut.stores.attempts.claim({ ...owner, phaseRunId });
    expect(claimed?.phase.status).toBe("running");
  });
});

describe("what the future wrote", () => {
  const future: readonly (readonly [string, string])[] = [
    [
      "a kind of phase",
      `UPDATE workflow_definitions SET definition = jsonb_set(definition::jsonb, '{phases,0,kind}', '"hosted"')`,
    ],
    [
      "what a phase may write",
      `UPDATE workflow_definitions SET definition = jsonb_set(definition::jsonb, '{phases,0,writes}', '"wiki"')`,
    ],
    [
      "a status of a later phase",
      "UPDATE phase_runs SET status = 'postponed' WHERE position > 1000",
    ],
    [
      "a phase that the workflow does not have",
      `UPDATE phase_runs SET phase = 'polish', position = position + 100000
        WHERE position = (SELECT max(position) FROM phase_runs)`,
    ],
    [
      "what its run waits for",
      "UPDATE workflow_runs SET status = 'waiting', waiting_reason = 'full_moon', waiting_since = now(), wait_deadline = now()",
    ],
  ];

  it.each(future)(
    "is left for the newer version: %s",
    async (_what, change) => {
      const { phaseRunId } = await aQueuedPhase();
      await query(change);
      // Another process: it knows nothing but what is stored.
      const older = await openDatabase({ url: sut.url });
      const claimed = await createStores(older).attempts.claim({
        ...owner,
        phaseRunId,
      });
      await older.close();
      expect(claimed).toBeNull();
      const { rows } = await query(
        "SELECT status, fence, infrastructure_losses FROM phase_runs WHERE id = $1",
        [phaseRunId],
      );
      expect(rows).toEqual([
        { status: "queued", fence: 0, infrastructure_losses: 0 },
      ]);
    },
  );

  it("can be looked at, and no event moves it", async () => {
    const { run } = await aQueuedPhase();
    await query(
      `UPDATE phase_runs SET phase = 'polish', position = position + 100000
        WHERE position = (SELECT max(position) FROM phase_runs)`,
    );
    const loaded = await sut.stores.runs.byId(run.id);
    expect(loaded?.state.phases.at(-1)).toMatchObject({
      definition: { name: "polish" },
      status: "pending",
    });
    const { version } = loaded ?? {};
    expect(
      await sut.stores.transitions.apply(run.id, {
        event: { type: "cancel_requested", by: "ada", reason: null },
        by: { actor: "ada" },
      }),
    ).toMatchObject({
      kind: "refused",
      reason: "newer_version",
      message: expect.stringContaining("polish"),
    });
    expect((await sut.stores.runs.byId(run.id))?.version).toBe(version);
  });

  it("is left by a runner that does not know the phase, for one that does", async () => {
    const { phaseRunId } = await aQueuedPhase();
    const claim = (knows: () => boolean) =>
      sut.stores.attempts.claim({ ...owner, phaseRunId, knows });
    expect(await claim(() => false)).toBeNull();
    expect(await claim(() => true)).toMatchObject({
      attempt: { fence: 1 },
      phase: { status: "running" },
    });
  });
});
