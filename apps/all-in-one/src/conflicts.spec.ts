import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { startDirector } from "./__fixtures__/director.js";
import {
  REPOSITORY,
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

let sut: Installation;
beforeAll(async () => {
  sut = await startInstallation();
});
afterAll(() => sut.stop());

const ADA = { author: "ada", message: "my own work" };

/** Somebody changes the very line that the run changes. */
async function moveBase(
  line: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  await sut.github.commitFiles(
    REPOSITORY,
    "main",
    { "sum.mjs": `export const sum = (a, b) => ${line};\n`, ...more },
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
    const run = await sut.run({ body: director.line });
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
    const run = await sut.run({ body: director.line });
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
