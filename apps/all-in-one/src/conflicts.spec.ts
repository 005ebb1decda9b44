import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { startDirector } from "./__fixtures__/director.js";
import {
  REPOSITORY,
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

let sut: Installation;
const use = (options?: Parameters<typeof startInstallation>[0]) => {
  beforeAll(async () => {
    sut = await startInstallation(options);
  });
  afterAll(() => sut.stop());
};

/** What is built is not tested: the base branch moves before. */
const UNTESTED = "adw:adw_plan_build";
const ADA = { author: "ada", message: "my own work" };
const sum = (line: string) => `export const sum = (a, b) => ${line};\n`;
const isReady = (yes: boolean) => `export const ready = ${String(yes)};\n`;

/** Somebody changes the very line that the run changes. */
async function moveBase(
  line: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  await sut.github.commitFiles(
    REPOSITORY,
    "main",
    { "sum.mjs": sum(line), ...more },
    ADA,
  );
}

/** What is kept of a build's change, for people and for the prompt of a retry. */
async function keptDiff(adwId: string): Promise<string> {
  const [diff = "", ...others] = await sut.artifactsOf(adwId, "build-1.diff");
  expect(others).toEqual([]);
  return diff;
}

describe("a base branch that moves while the agent builds", () => {
  use();

  it("is rebased onto without the agent where nothing conflicts (S4-32)", async () => {
    const director = await startDirector(async () => {
      await sut.github.commitFiles(
        REPOSITORY,
        "main",
        { "OTHER.md": "beside it\n" },
        ADA,
      );
      return "fix";
    });
    const run = await sut.run({ body: director.line, label: UNTESTED });
    expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
    expect(director.turns).toBe(1);
    expect(
      await sut.github.readFile(REPOSITORY, run.branch_name, "OTHER.md"),
    ).toBe("beside it\n");
    const diff = await keptDiff(run.adw_id);
    expect(diff).toContain("+export const sum = (a, b) => a + b;");
    expect(diff).not.toContain("OTHER.md");
    await director.close();
  });

  it("is settled by the agent where it conflicts (S4-32)", async () => {
    const director = await startDirector(async () => {
      await moveBase("a - b - 0", { "OTHER.md": "beside it, too\n" });
      return "fix";
    }, "fix");
    const run = await sut.run({ body: director.line, label: UNTESTED });
    expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
    expect(director.turns).toBe(2);
    expect(
      await sut.github.readFile(REPOSITORY, run.branch_name, "sum.mjs"),
    ).toContain("a + b");
    expect(await sut.github.log(REPOSITORY, "main", run.branch_name)).toEqual(
      [],
    );
    const diff = await keptDiff(run.adw_id);
    expect(diff).toContain("-export const sum = (a, b) => a - b - 0;");
    expect(diff).toContain("+export const sum = (a, b) => a + b;");
    expect(diff).not.toContain("OTHER.md");
    await director.close();
  });

  it("is left to a person where the agent does not settle it (S4-32)", async () => {
    const director = await startDirector(async () => {
      await moveBase("a - b - 1");
      return "fix";
    }, "nothing");
    const run = await sut.run({ body: director.line });
    expect(run.status).toBe("failed");
    expect(run.errors.at(-1)).toMatchObject({
      class: "conflict",
      message: expect.stringContaining("sum.mjs"),
    });
    expect(await sut.github.readFile(REPOSITORY, "main", "sum.mjs")).toContain(
      "a - b - 1",
    );
    await director.close();
  });
});

describe("a person's commit on the run's branch", () => {
  use();

  it("is never overwritten: the run ends as a conflict (S4-32)", async () => {
    let branch = "";
    const director = await startDirector(async () => {
      const list = await sut.call("/api/workflows?status=running");
      const { items } = list.body as { items: { adw_id: string }[] };
      const view = await sut.call(`/api/workflows/${items[0]?.adw_id ?? ""}`);
      branch = (view.body as { branch_name: string }).branch_name;
      await sut.github.commitFiles(
        REPOSITORY,
        branch,
        { "MINE.md": "mine\n" },
        ADA,
      );
      return "fix";
    });
    const run = await sut.run({ body: director.line });
    expect(run.branch_name).toBe(branch);
    expect(run.status).toBe("failed");
    expect(run.errors.at(-1)).toMatchObject({ class: "conflict" });
    expect(await sut.github.readFile(REPOSITORY, branch, "MINE.md")).toBe(
      "mine\n",
    );
    const [head] = await sut.github.log(REPOSITORY, branch, "main");
    expect(head?.message).toContain("my own work");
    await director.close();
  });
});

describe("a base branch that moved between two rounds", () => {
  use({
    files: {
      "sum.mjs": sum("a - b"),
      "ready.mjs": isReady(false),
      ".pullwright.yml": "commands: { test: [[node, check.mjs]] }\n",
      "check.mjs":
        'import { ready } from "./ready.mjs";\nimport { sum } from "./sum.mjs";\nif (!ready || sum(2, 3) === 6) process.exit(1);\n',
    },
  });

  it("is tested again, and the evidence names the commit", async () => {
    const move = () =>
      sut.github.commitFiles(
        REPOSITORY,
        "main",
        { "ready.mjs": isReady(true) },
        ADA,
      );
    const director = await startDirector("break", async () => {
      await move();
      return "fix";
    });
    const run = await sut.run({ body: director.line });
    expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
    const evidence = (
      await Promise.all(
        ["test-1.json", "test-2.json"].map((name) =>
          sut.artifactsOf(run.adw_id, name),
        ),
      )
    ).map(
      ([text = ""]) =>
        JSON.parse(text) as { baseFailed: boolean; baseSha: string },
    );
    const [newest, oldest] = await sut.github.log(REPOSITORY, "main");
    expect(
      evidence.map(({ baseFailed, baseSha }) => [baseFailed, baseSha]),
    ).toEqual([
      [true, oldest?.sha],
      [false, newest?.sha],
    ]);
    await director.close();
  });
});

describe("a conflict that its agent settles", () => {
  const limitMs = 12_000;
  const firstTurnMs = 4_000;
  use({
    change: (config) => ({
      ...config,
      runner: { ...config.runner, phaseTimeoutMs: limitMs },
    }),
  });

  it("gets what the phase has left of its time, and is settled by the next attempt", async () => {
    const director = await startDirector(
      async () => {
        await moveBase("a - b - 0");
        await new Promise((resolve) => setTimeout(resolve, firstTurnMs));
        return "fix";
      },
      "hang",
      "fix",
    );
    const run = await sut.run({ body: director.line, label: UNTESTED });
    expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
    const behind = await sut.github.log(REPOSITORY, "main", run.branch_name);
    expect(behind).toEqual([]); // Nothing of base that the branch has not.
    const logs = await sut.logsOf(run.adw_id);
    const [settling] =
      /(?<=ended \(timeout,.* after )\d+(?= ms)/.exec(logs) ?? [];
    expect(Number(settling)).toBeGreaterThan(0);
    // Ending a tree takes up to 2.5 s.
    expect(Number(settling)).toBeLessThan(limitMs - firstTurnMs + 2_500);
    await director.close();
  });
});
