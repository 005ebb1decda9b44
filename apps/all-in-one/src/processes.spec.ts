import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { startDirector, type Director } from "./__fixtures__/director.js";
import {
  eventually,
  REPOSITORY,
  startWorld,
  useProduct,
} from "./__fixtures__/installation.js";
import { processesOf } from "./__fixtures__/processes-of.js";
import {
  migrateBy,
  startService,
  type Service,
} from "./__fixtures__/services.js";

jest.setTimeout(240_000);

const LEASE_SECONDS = 6;
const LONGER_THAN_LEASE_MS = 1.5 * LEASE_SECONDS * 1_000;
const DRAIN_MS = 1_000;
/** Far more than it takes, and far less than the lease of those that wait for it. */
const HANDED_OVER_WITHIN_MS = 60_000;

let world: Awaited<ReturnType<typeof startWorld>>;
let product: ReturnType<typeof useProduct>;
const services: Service[] = [];

async function start(
  name: Parameters<typeof startService>[0],
  more: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const service = await startService(name, { ...world.environment, ...more });
  services.push(service);
  return service;
}

const startRunner = (
  workDir: string,
  more: Readonly<Record<string, string>> = {},
) => start("agent-runner", { WORK_DIR: `${world.folder}/${workDir}`, ...more });

beforeAll(async () => {
  world = await startWorld({
    environment: {
      HEARTBEAT_INTERVAL_SECONDS: "1",
      HEARTBEAT_TIMEOUT_SECONDS: String(LEASE_SECONDS),
      LOG_LEVEL: "warn",
    },
  });
  await migrateBy(world.environment);
  const [api, gateway] = await Promise.all([
    start("api"),
    start("webhook-gateway"),
    start("orchestrator"),
    start("poller"),
  ]);
  product = useProduct(world.github, {
    apiUrl: api.url,
    webhookUrl: gateway.url,
  });
});

afterAll(async () => {
  await Promise.all(services.map((service) => service.end("SIGKILL")));
  await world.close();
});

const pullsOf = (branch: string) =>
  world.github.listPulls(REPOSITORY).filter((pull) => pull.head.ref === branch);

const statusComments = (issueNumber: number) =>
  world.github
    .listComments(REPOSITORY, issueNumber)
    .filter(({ body }) => body.includes("<!-- pullwright:run:"));

interface PhaseView {
  readonly phase: string;
  readonly attempts: readonly unknown[];
}

async function phaseOf(adwId: string, name: string) {
  const { body } = await product.call(`/api/workflows/${adwId}/phases`);
  const { items } = body as { items: readonly PhaseView[] };
  return items.find(({ phase }) => phase === name);
}

describe("the services as processes of their own", () => {
  it("finish a run whose runner was killed, with one pull request and one comment", async () => {
    const first = await startRunner("first");
    const director = await startDirector("hang", "fix");
    const { adw_id, issue_number } = await product.run({
      body: director.line,
      until: ["running"],
    });
    await eventually(async () => {
      expect(await product.logsOf(adw_id)).toContain("left a child");
    }, 90_000);
    expect((await processesOf(adw_id)).length).toBeGreaterThan(1);
    await first.end("SIGKILL");
    const second = await startRunner("second");
    const run = await product.runOf(issue_number, ["completed", "failed"]);
    expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
    expect(director.turns).toBe(2);
    expect(pullsOf(run.branch_name)).toHaveLength(1);
    await eventually(() => {
      expect(statusComments(issue_number)).toHaveLength(1);
      expect(statusComments(issue_number)[0]?.body).toContain("completed");
    });
    await eventually(async () => {
      expect(await processesOf(adw_id)).toEqual([]);
    });
    expect(await second.end("SIGTERM")).toBe(0);
    await director.close();
  });

  it("let a runner that is told to stop finish its phase, and another one goes on", async () => {
    const first = await startRunner("third");
    let stopping: Promise<unknown> = Promise.resolve();
    const director = await startDirector(async () => {
      stopping = first.end("SIGTERM");
      // Without heartbeats its lease would be gone.
      await new Promise((resolve) => setTimeout(resolve, LONGER_THAN_LEASE_MS));
      return "fix";
    });
    const { adw_id, issue_number } = await product.run({
      body: director.line,
      until: ["running"],
    });
    await eventually(() => expect(director.turns).toBe(1), 90_000);
    expect(await stopping).toBe(0);
    const halfway = await product.runOf(issue_number, ["running"]);
    expect(
      halfway.phases.find((phase) => phase.phase === "build")?.status,
    ).toBe("succeeded");
    const second = await startRunner("fourth");
    const run = await product.runOf(issue_number, ["completed", "failed"]);
    expect(run).toMatchObject({ adw_id, status: "completed" });
    expect(director.turns).toBe(1);
    const build = await phaseOf(adw_id, "build");
    expect(build).toMatchObject({ infrastructure_losses: 0 });
    expect(build?.attempts).toHaveLength(1);
    expect(await second.end("SIGTERM")).toBe(0);
    await director.close();
  });

  describe("and a runner that must stop before the agent is done", () => {
    /** Nobody gets its work by waiting for the lease: that would take longer than the spec may. */
    const patient = {
      HEARTBEAT_TIMEOUT_SECONDS: "300",
      DRAIN_SECONDS: String(DRAIN_MS / 1_000),
    };

    const begin = async (director: Director) => {
      const run = await product.run({
        body: director.line,
        until: ["running"],
      });
      await eventually(async () => {
        expect(await product.logsOf(run.adw_id)).toContain("left a child");
      }, 90_000);
      return run;
    };

    it("hands its phase over at the deadline, and the next one begins at once", async () => {
      const first = await startRunner("fifth", patient);
      const director = await startDirector("defy", "fix");
      const { adw_id, issue_number } = await begin(director);
      const second = await startRunner("sixth", patient);
      const toldAt = performance.now();
      expect(await first.end("SIGTERM")).toBe(0);
      const handedOverMs = performance.now() - toldAt - DRAIN_MS;
      expect(handedOverMs).toBeLessThan(HANDED_OVER_WITHIN_MS);
      expect(await processesOf(adw_id)).toEqual([]);
      const run = await product.runOf(issue_number, ["completed", "failed"]);
      expect(run).toMatchObject({
        status: "completed",
        outcome: "pull_request",
      });
      expect(director.turns).toBe(2);
      expect(await product.logsOf(adw_id)).toMatch(
        /agent process ended \(cancelled.*, 0 left/,
      );
      expect(await phaseOf(adw_id, "build")).toMatchObject({
        infrastructure_losses: 0,
        failed_attempts: 0,
        attempts: [
          { failure_class: "infrastructure" },
          { outcome: "succeeded" },
        ],
      });
      expect(await second.end("SIGTERM")).toBe(0);
      await director.close();
    });

    it("is gone at once at a second signal, and leaves no process", async () => {
      const first = await startRunner("seventh", {
        ...patient,
        HEARTBEAT_TIMEOUT_SECONDS: String(LEASE_SECONDS),
        DRAIN_SECONDS: "600",
        LOG_LEVEL: "info",
      });
      const director = await startDirector("defy", "fix");
      const { adw_id, issue_number } = await begin(director);
      first.process.kill("SIGTERM");
      await eventually(() => expect(first.output()).toContain("shutting down"));
      expect(await first.end("SIGTERM")).toBe(1);
      const second = await startRunner("seventh");
      const run = await product.runOf(issue_number, ["completed", "failed"]);
      expect(run.status).toBe("completed");
      await eventually(async () => {
        expect(await processesOf(adw_id)).toEqual([]);
      });
      expect(await second.end("SIGTERM")).toBe(0);
      await director.close();
    });
  });
});
