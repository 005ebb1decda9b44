import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  aTrigger,
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { CreateRun } from "./run-creation.js";

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

const sql = (text: string, values: unknown[] = []) =>
  sut.database.pool.query(text, values);

/** An issue whose earlier run has ended; what it says has changed since. */
async function anEditedIssue() {
  const first = aTrigger(sut.repository);
  const made = await sut.stores.creation.create(first);
  if (made.kind !== "created") throw new Error(made.kind);
  await sql(
    "UPDATE workflow_runs SET status = 'completed', completed_at = now() WHERE id = $1",
    [made.run.id],
  );
  const again: CreateRun = {
    ...first,
    cause: `${first.cause}:again`,
    snapshot: { ...first.snapshot, title: "New", body: "Off by two cents." },
  };
  return { earlier: made.run, again };
}

async function bodyOf(issueNumber: number | null) {
  const { rows } = await sql(
    "SELECT body FROM work_items WHERE issue_number = $1",
    [issueNumber],
  );
  return (rows as { body: string }[])[0]?.body;
}

it("a run is made together with what its issue says, or not at all", async () => {
  const { again } = await anEditedIssue();
  await sql(`
    CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the process died'; END $$;
    CREATE TRIGGER break_off BEFORE UPDATE OF body ON work_items FOR EACH ROW EXECUTE FUNCTION break_off()`);
  await expect(sut.stores.creation.create(again)).rejects.toThrow();
  await sql("DROP TRIGGER break_off ON work_items");
  expect(await sut.stores.creation.create(again)).toMatchObject({
    kind: "created",
  });
  expect(await bodyOf(again.issueNumber)).toBe("Off by two cents.");
});

it("a run that was made before, or is live, keeps the text it was made with", async () => {
  const { again } = await anEditedIssue();
  await sut.stores.creation.create(again);
  const edited = { ...again.snapshot, body: "Never mind." };
  for (const cause of [again.cause, `${again.cause}:other`])
    await sut.stores.creation.create({ ...again, cause, snapshot: edited });
  expect(await bodyOf(again.issueNumber)).toBe("Off by two cents.");
});

/** Begins `work` and waits until it waits for a lock; gives its end, boxed so that nobody awaits it yet. */
async function blocked<Answer>(work: () => Promise<Answer>) {
  const before = await waiting();
  const ended = work();
  await until(async () => (await waiting()) > before, "nobody waits");
  return { ended };
}
async function waiting(): Promise<number> {
  const { rows } = await sql(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
  );
  return (rows as { n: number }[])[0]?.n ?? 0;
}

/** Runs `work` while nobody gets past a trigger that is made so. */
async function withHeld(
  trigger: string,
  work: (letGo: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await sql(`
    CREATE OR REPLACE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; END $$;
    CREATE TRIGGER hold ${trigger} FOR EACH ROW EXECUTE FUNCTION hold()`);
  const holder = await sut.database.pool.connect();
  try {
    await holder.query("SELECT pg_advisory_lock(7)");
    await work(async () => {
      await holder.query("SELECT pg_advisory_unlock(7)");
    });
  } finally {
    holder.release(true);
    await sql(`DROP TRIGGER hold ON ${trigger.split(" ").at(-1) ?? ""}`);
  }
}

it.each(["before", "after"])(
  "the text stays when the issue's earlier run is removed at the same moment, %s the new run has written it",
  async (moment) => {
    const { earlier, create, remove, textIsKept } = await aRace();
    await withHeld("AFTER UPDATE OF body ON work_items", async (letGo) => {
      const [one, other] =
        moment === "after" ? [create, remove] : [remove, create];
      const first = await blocked<unknown>(one);
      const second = await blocked<unknown>(other);
      await letGo();
      await Promise.all([first.ended, second.ended]);
    });
    await textIsKept();
    expect(await sut.stores.runs.byId(earlier.id)).toBeNull();
  },
);

it("the text stays when the issue's earlier run is removed while the new one is being inserted", async () => {
  const { create, remove, textIsKept } = await aRace();
  await withHeld("BEFORE INSERT ON workflow_runs", async (letGo) => {
    const { ended } = await blocked<unknown>(create);
    expect(await remove()).toBe(true);
    await letGo();
    await ended;
  });
  await textIsKept();
});

async function aRace() {
  const { earlier, again } = await anEditedIssue();
  const by = { actor: "spec", source: "retention" } as const;
  return {
    earlier,
    create: () => sut.stores.creation.create(again),
    remove: () => sut.stores.runQueries.delete(earlier.id, by),
    textIsKept: async () =>
      expect(await bodyOf(again.issueNumber)).toBe("Off by two cents."),
  };
}
