import { describe, expect, it } from "@jest/globals";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { settings } from "@pullwright/platform";
import { nodeFlags } from "@pullwright/webhook-gateway";
import ts from "typescript";
import { z } from "zod";
import { inRepository, readYaml } from "./read-yaml.js";

const require = createRequire(import.meta.url);

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
type Manifest = z.infer<typeof manifest>;

const kustomization = z
  .strictObject({
    apiVersion: z.literal("kustomize.config.k8s.io/v1beta1"),
    kind: z.literal("Kustomization"),
    namespace: z.string(),
    labels: z.array(
      z.strictObject({ pairs: z.record(z.string(), z.string()) }),
    ),
    resources: z.array(z.string()),
    images: z.array(
      z.strictObject({
        name: z.string(),
        newName: z.string(),
        newTag: z.string(),
      }),
    ),
  })
  .parse(readYaml("k8s/base/kustomization.yaml")[0]);

const manifests: Manifest[] = kustomization.resources
  .flatMap((file) => readYaml(`k8s/base/${file}`))
  .map((document) => manifest.parse(document));

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  env: z.array(
    z.looseObject({ name: z.string(), value: z.string().optional() }),
  ),
  securityContext: z.looseObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }),
  }),
  resources: z.object({
    limits: z.object({ memory: z.string() }),
    requests: z.object({ cpu: z.string(), memory: z.string() }),
  }),
});
const workload = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({
        automountServiceAccountToken: z.literal(false),
        securityContext: z.looseObject({ runAsNonRoot: z.literal(true) }),
        containers: z.tuple([container]),
      }),
    }),
  }),
});
const workloads = manifests
  .filter(({ kind }) => kind === "Deployment" || kind === "Job")
  .map((document) => ({
    name: document.metadata.name,
    kind: document.kind,
    pod: workload.parse(document).spec.template.spec,
  }));

/** Types and ranges by Kubernetes' own schemas, compiled; these let unknown fields pass. */
function validate(document: Manifest): void {
  const models = require(`kubernetes-models/${document.apiVersion}`) as Record<
    string,
    new (data: unknown) => { validate(): void }
  >; // Its types know no dynamic kind.
  const Model = models[document.kind];
  if (Model === undefined)
    throw new Error(`no schema for ${document.apiVersion} ${document.kind}`);
  new Model(document).validate();
}

/** Fields that Kubernetes' types do not know: in a literal, the compiler refuses them. */
function unknownFields(documents: readonly Manifest[]): string[] {
  const lines = documents.map(
    ({ apiVersion, kind, ...rest }, index) =>
      `const m${index}: import("kubernetes-models/${apiVersion}/${kind}").I${kind} = ${JSON.stringify({ apiVersion, kind, ...rest })};`,
  );
  // Below the repository, so that the compiler finds the types.
  const folder = mkdtempSync(
    inRepository("tools/deployment-checks/.manifests-"),
  );
  try {
    const file = join(folder, "manifests.ts");
    writeFileSync(file, `${lines.join("\n")}\nexport {};\n`);
    const program = ts.createProgram([file], {
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      types: [],
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map((diagnostic) =>
        ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"),
      );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What all workloads have in common. */
const configuration = z
  .record(z.string(), z.string())
  .parse(manifests.find(({ kind }) => kind === "ConfigMap")?.["data"]);

/** What a workload has as a setting: its own before the common one before the default. */
function settingOf(workload: string, name: keyof typeof settings): string {
  const pod = workloads.find((one) => one.name === workload)?.pod;
  const own = pod?.containers[0].env.find((one) => one.name === name);
  const value = own?.value ?? configuration[name] ?? settings[name].defaultText;
  if (value === undefined) throw new Error(`${workload} has no ${name}`);
  return value;
}

const allowHttp = z.looseObject({
  spec: z.looseObject({
    podSelector: z.strictObject({
      matchExpressions: z.tuple([
        z.looseObject({
          key: z.literal("app.kubernetes.io/name"),
          operator: z.literal("In"),
          values: z.array(z.string()).min(1),
        }),
      ]),
    }),
  }),
});

describe("the Kubernetes base", () => {
  it("lists every file of its folder", () => {
    const files = readdirSync(inRepository("k8s/base")).filter(
      (file) => file !== "kustomization.yaml",
    );
    expect(kustomization.resources.toSorted()).toEqual(files.sort());
  });

  it.each(
    manifests.map(
      (document) =>
        [`${document.kind} ${document.metadata.name}`, document] as const,
    ),
  )("%s is valid by Kubernetes' schema", (_, document) => {
    expect(() => validate(document)).not.toThrow();
  });

  it("has no field that Kubernetes does not know, and the check would see one", () => {
    expect(unknownFields(manifests)).toEqual([]);
    const deployment = manifests
      .filter(({ kind }) => kind === "Deployment")
      .slice(0, 1);
    const spec = {
      ...(deployment[0]?.["spec"] as Record<string, unknown>),
      replicaz: 2,
    };
    expect(
      unknownFields(deployment.map((document) => ({ ...document, spec }))),
    ).toEqual([expect.stringContaining("replicaz")]);
  });

  it("runs every workload unprivileged, bounded, and without a service-account token", () => {
    expect(workloads.map(({ name }) => name).sort()).toEqual([
      "agent-runner",
      "api",
      "migrate",
      "orchestrator",
      "poller",
      "webhook-gateway",
    ]);
  });

  it("starts programs that the build makes, with variables that Pullwright knows", () => {
    const known = new Set<string>(Object.keys(settings));
    const gateway = workloads.find(({ name }) => name === "webhook-gateway");
    expect(gateway?.pod.containers[0].args).toEqual([
      "node",
      ...nodeFlags,
      "apps/webhook-gateway/dist/main.js",
    ]);
    for (const { pod } of workloads) {
      const [{ args, env }] = pod.containers;
      const program = args.at(-1) ?? "";
      expect([
        program,
        existsSync(
          inRepository(
            program.replace("/dist/", "/src/").replace(/\.js$/, ".ts"),
          ),
        ),
      ]).toEqual([program, true]);
      expect(
        env.map(({ name }) => name).filter((name) => !known.has(name)),
      ).toEqual([]);
    }
    expect(
      Object.keys(configuration).filter((name) => !known.has(name)),
    ).toEqual([]);
  });

  it("gives the webhook gateway no door to GitHub", () => {
    const gateway = workloads.find(({ name }) => name === "webhook-gateway");
    const names = gateway?.pod.containers[0].env.map(({ name }) => name) ?? [];
    expect(names).toContain("GITHUB_WEBHOOK_SECRET");
    expect(names.filter((name) => /TOKEN|APP_PRIVATE_KEY/.test(name))).toEqual(
      [],
    );
  });

  it("gives a runner the time to drain and to hand over", () => {
    const runner = workloads.find(({ name }) => name === "agent-runner");
    const { terminationGracePeriodSeconds } = z
      .looseObject({ terminationGracePeriodSeconds: z.number() })
      .parse(runner?.pod);
    const drainSeconds = Number(settings.DRAIN_SECONDS.defaultText);
    expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
      drainSeconds + 60,
    );
  });

  it("lets a runner's bubblewrap make its namespaces and mount its /proc, in a pod whose root is nobody on the node", () => {
    const runner = workloads.find(({ name }) => name === "agent-runner");
    expect(runner?.pod).toMatchObject({
      hostUsers: false,
      securityContext: {
        seccompProfile: { type: "Unconfined" },
        appArmorProfile: { type: "Unconfined" },
      },
      containers: [{ securityContext: { procMount: "Unmasked" } }],
    });
    const others = workloads.filter(({ name }) => name !== "agent-runner");
    expect(JSON.stringify(others)).not.toMatch(/Unconfined|Unmasked/);
  });

  it("gives a runner's pod the memory that its agents may take together, and 1 GiB for itself", () => {
    const runner = workloads.find(({ name }) => name === "agent-runner");
    const limit = runner?.pod.containers[0].resources.limits.memory ?? "";
    expect(limit).toMatch(/^\d+Gi$/);
    const agentsMb =
      Number(settingOf("agent-runner", "RUNNER_CONCURRENCY")) *
      Number(settingOf("agent-runner", "MAX_AGENT_MEMORY_MB"));
    expect(Number.parseInt(limit) * 1024).toBeGreaterThanOrEqual(
      agentsMb + 1024,
    );
  });

  it("shows metrics without a key only where no Ingress leads", () => {
    const { values } = allowHttp.parse(
      manifests.find(({ metadata }) => metadata.name === "allow-http"),
    ).spec.podSelector.matchExpressions[0];
    const services = workloads.filter(({ kind }) => kind === "Deployment");
    expect(
      Object.fromEntries(
        services.map(({ name }) => [name, settingOf(name, "METRICS")]),
      ),
    ).toEqual(
      Object.fromEntries(
        services.map(({ name }) => [
          name,
          values.includes(name) ? "protected" : "open",
        ]),
      ),
    );
  });

  it("says in its namespace that a runner's pod needs more than Pod Security's lesser levels allow", () => {
    const namespace = manifests.find(({ kind }) => kind === "Namespace");
    expect(namespace?.metadata).toMatchObject({
      labels: { "pod-security.kubernetes.io/enforce": "privileged" },
    });
  });

  it("keeps no secret in the base", () => {
    expect(manifests.filter(({ kind }) => kind === "Secret")).toEqual([]);
  });
});
