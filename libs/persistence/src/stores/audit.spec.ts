import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  aTrigger,
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { DoneBy } from "./audit-note.js";
import type { AuditEntry } from "./audit.js";

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

const ada: DoneBy = { actor: "api:ada", source: "api", origin: "10.0.0.1" };

async function anEndedRun(): Promise<{ id: string; adwId: string }> {
  const { database } = sut;
  const run = await sut.createRun();
  await database.pool.query(
    "UPDATE workflow_runs SET status = 'completed' WHERE id = $1",
    [run.id],
  );
  return run;
}

async function entries(
  filter: Parameters<typeof sut.stores.audit.all>[0] = {},
): Promise<AuditEntry[]> {
  const all: AuditEntry[] = [];
  for await (const entry of sut.stores.audit.all(filter)) all.push(entry);
  return all;
}

describe("the audit", () => {
  test("tells of repositories and keys with who, what, whence and when, and never a key", async () => {
    const { repositories, apiKeys } = sut.stores;
    await repositories.change(sut.repository.id, { enabled: false }, ada);
    await repositories.upsert(
      { githubId: 42, owner: "acme", name: "store", defaultBranch: "main" },
      ada,
    );
    await repositories.upsert(
      { githubId: 42, owner: "acme", name: "store", defaultBranch: "trunk" },
      ada,
    );
    const secret = "pw_a-secret-that-nobody-may-see";
    const key = { key: secret, name: "ci", scopes: ["read"] as const };
    const { id } = await apiKeys.store(key, ada);
    await apiKeys.store(key, ada);
    await apiKeys.revoke(id, ada);
    await apiKeys.revoke(id, ada);
    await apiKeys.store(key, ada); // Stays revoked, so there is nothing to note.
    const noted = (await entries({ actor: "api:ada" })).reverse();
    expect(noted.map(({ action }) => action)).toEqual([
      "repository.changed",
      "repository.renamed",
      "api_key.created",
      "api_key.revoked",
    ]);
    expect(noted[0]).toMatchObject({
      source: "api",
      origin: "10.0.0.1",
      repository: "acme/shop",
      details: { enabled: false, before: { enabled: true } },
    });
    expect(noted[1]?.details).toEqual({
      github_id: 42,
      former_name: "acme/shop",
    });
    expect(JSON.stringify(noted)).not.toContain(secret.slice(0, 10));
    expect(await entries({ action: "repository.added" })).toMatchObject([
      { actor: "configuration", repository: "acme/shop" },
    ]);
  });

  test("keeps what happened to a run that was deleted, under its name", async () => {
    const run = await anEndedRun();
    expect(await sut.stores.runQueries.delete(run.id, ada)).toBe(true);
    const noted = await entries({ adwId: run.adwId });
    expect(noted).toMatchObject([
      { action: "run.deleted", actor: "api:ada", adwId: run.adwId },
      { action: "run.triggered", actor: "ada", adwId: run.adwId },
    ]);
    expect(noted.every(({ repository }) => repository !== null)).toBe(true);
  });

  test("finds the same in pages of any size, in one order, for every filter", async () => {
    for (let n = 0; n < 5; n += 1) await anEndedRun();
    const all = await entries();
    const seqs = all.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => b - a));
    const paged: AuditEntry[] = [];
    for (let before: number | null = null; ;) {
      const page = await sut.stores.audit.page({}, before, 3);
      paged.push(...page);
      if (page.length < 3) break;
      before = page.at(-1)?.seq ?? null;
    }
    expect(paged).toEqual(all);
    const from = new Date(0);
    const to = new Date(Date.now() + 60_000);
    expect(await entries({ from, to })).toEqual(all);
    expect(await entries({ to: from })).toEqual([]);
    expect(await entries({ repository: "ACME/store" })).toEqual(
      all.filter(({ repository }) => repository !== null),
    );
    expect(await entries({ repositoryIds: [] })).toEqual([]);
  });

  test("notes one cause once", async () => {
    const note = {
      by: { actor: "trudy", source: "label" },
      action: "trigger.refused",
      cause: "label:42:1",
    } as const;
    await sut.stores.audit.record(note);
    await sut.stores.audit.record({
      ...note,
      by: { ...note.by, actor: "mallory" },
    });
    expect(await entries({ action: "trigger.refused" })).toHaveLength(1);
  });
});

describe("nobody", () => {
  test.each(
    ["run_events", "audit_events"].flatMap((table) => [
      `UPDATE ${table} SET actor = 'nobody'`,
      `UPDATE ${table} SET actor = 'nobody' WHERE false`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
      `INSERT INTO ${table} SELECT * FROM ${table} LIMIT 1 ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'`,
    ]),
  )("changes what was noted: %s", async (statement) => {
    await anEndedRun();
    const before = await entries();
    await expect(sut.database.pool.query(statement)).rejects.toThrow(
      "is append-only",
    );
    expect(await entries()).toEqual(before);
  });
});

test("a cause stays spent when its run was deleted", async () => {
  const request = aTrigger(sut.repository);
  const first = await sut.stores.creation.create(request);
  if (first.kind !== "created") throw new Error(first.kind);
  await sut.database.pool.query(
    "UPDATE workflow_runs SET status = 'failed' WHERE id = $1",
    [first.run.id],
  );
  await sut.stores.runQueries.delete(first.run.id, ada);
  expect(await sut.stores.creation.create(request)).toEqual({
    kind: "cause_spent",
  });
  expect(await sut.stores.deliveries.settledCause(request.cause)).toEqual({
    runId: first.run.id,
  });
});
