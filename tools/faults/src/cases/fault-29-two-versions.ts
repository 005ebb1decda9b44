import { strict as assert } from "node:assert";
import { bothBackends, type FaultCase } from "../fault-case.js";
import type { Random } from "../rig/random.js";
import type { Rig } from "../rig/rig.js";
import { serviceKinds } from "../rig/service-kinds.js";
import type { Programs } from "../rig/service-programs.js";
import type { ServiceProcess } from "../rig/service-process.js";
import { gather } from "./crowd.js";

const WORKFLOW = "adw_plan_build";

/**
 * A deployment moves from the version before, with another schema, to this one: the database under running services, then
 * half of them, then back with that half, then all. Runs go on through all of it, begun by one version, taken over,
 * cancelled and retried by the other.
 */
export const twoVersions: FaultCase = {
  number: 29,
  name: "services of two versions side by side: an upgrade, taken back, and made again",
  backends: bothBackends,
  rig: { startsEarlier: true, env: { DRAIN_SECONDS: "2" } },
  spendsRig: true, // A database that was migrated stays so.
  async run(rig, random) {
    const before = await migrationsOf(rig);
    const held = await gather(rig, 6, { workflow: WORKFLOW });
    await rig.migrate(rig.programs);
    assert((await migrationsOf(rig)) > before, "the versions' schemas differ");

    const [some, others] = halves(rig, random);
    await replace(some, rig.programs);
    const [changed, ...rest] = held.issues;
    assert(changed !== undefined);
    await changeMind(rig, changed, { cancelBy: others, retryBy: some });
    held.release();
    workForAWhile(rig, random);
    const mixed = [rig.ask(WORKFLOW), rig.ask(WORKFLOW)];
    await completes(rig, [changed, ...mixed]);

    const late = [rig.ask(WORKFLOW), rig.ask(WORKFLOW)];
    await rig.wait(late, ["pending", "running"]);
    await replace(some, rig.earlierPrograms); // The schema stays.
    const back = rig.ask(WORKFLOW);
    await completes(rig, [...late, back]);

    const last = rig.ask(WORKFLOW);
    await replace(others, rig.programs);
    await replace(some, rig.programs);
    await completes(rig, [...rest, last, rig.ask(WORKFLOW)]);
    return [{ timeline: /handed|goes back to the queue/ }];
  },
};

async function migrationsOf({ postgres }: Rig): Promise<number> {
  const applied = await postgres.query("SELECT name FROM schema_migrations");
  return applied.length;
}

/** One of each kind, and the others. */
function halves(
  { fleet }: Rig,
  random: Random,
): [ServiceProcess[], ServiceProcess[]] {
  const pairs = serviceKinds.map((kind) => random.shuffle(fleet.of(kind)));
  return [
    pairs.flatMap(([one]) => one ?? []),
    pairs.flatMap(([, ...more]) => more),
  ];
}

/** As a deployment does it: told to end, which each does by itself and in order, and started as another version. */
async function replace(
  services: readonly ServiceProcess[],
  programs: Programs,
): Promise<void> {
  await Promise.all(
    services.map(async (service) => {
      assert.equal(await service.stop(), 0, service.name);
      service.install(programs);
      await service.start();
    }),
  );
}

/** One version is told to cancel the run of an issue, the other to do it again. */
async function changeMind(
  rig: Rig,
  issue: number,
  by: {
    readonly cancelBy: readonly ServiceProcess[];
    readonly retryBy: readonly ServiceProcess[];
  },
): Promise<void> {
  const run = await rig.runOf(issue);
  assert(run !== undefined);
  const tell = async (services: readonly ServiceProcess[], what: string) => {
    const api = services.find(({ name }) => name.startsWith("api-"));
    assert(api !== undefined);
    const { status, body } = await rig.api(
      `/api/workflows/${run.adwId}/${what}`,
      { method: "POST", url: api.url, body: {} },
    );
    assert(status < 300, `${what}: ${status.toString()} ${String(body)}`);
  };
  await tell(by.cancelBy, "cancel");
  await rig.wait([issue], ["cancelled"]);
  await tell(by.retryBy, "retry");
  await rig.wait([issue], ["pending", "running"]);
}

/** Agents that are at work for a moment, so that they are when a service goes. */
function workForAWhile({ director }: Rig, random: Random): void {
  director.follow(({ phase }) => [
    `sleep ${random.between(200, 1_500).toString()}`,
    ...(phase === "build" ? ["edit"] : []),
  ]);
}

async function completes(rig: Rig, issues: readonly number[]): Promise<void> {
  const runs = await rig.wait(issues);
  const failed = runs.filter(({ status }) => status !== "completed");
  assert.deepEqual(failed, []);
}
