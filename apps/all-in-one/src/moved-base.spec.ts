import { afterEach, expect, it, jest } from "@jest/globals";
import { startDirector } from "./__fixtures__/director.js";
import {
  REPOSITORY,
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

let sut: Installation;
afterEach(() => sut.stop());

const ADA = { author: "ada", message: "my own work" };
const sum = (line: string) => `export const sum = (a, b) => ${line};\n`;
const isReady = (yes: boolean) => `export const ready = ${String(yes)};\n`;

it("a base branch that moved between two rounds is tested again, and the evidence names the commit", async () => {
  sut = await startInstallation({
    files: {
      "sum.mjs": sum("a - b"),
      "ready.mjs": isReady(false),
      "package.json": JSON.stringify({
        type: "module",
        scripts: { test: "node check.mjs" },
      }),
      "check.mjs":
        'import { ready } from "./ready.mjs";\nimport { sum } from "./sum.mjs";\nif (!ready || sum(2, 3) === 6) process.exit(1);\n',
    },
  });
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

it("a conflict that its agent settles gets what the phase has left of its time, and is settled by the next attempt", async () => {
  const limitMs = 12_000;
  const firstTurnMs = 4_000;
  sut = await startInstallation({
    change: (config) => ({
      ...config,
      runner: { ...config.runner, phaseTimeoutMs: limitMs },
    }),
  });
  const director = await startDirector(
    async () => {
      await sut.github.commitFiles(
        REPOSITORY,
        "main",
        { "sum.mjs": sum("a - b - 0") },
        ADA,
      );
      await new Promise((resolve) => setTimeout(resolve, firstTurnMs));
      return "fix";
    },
    "hang",
    "fix",
  );
  const run = await sut.run({ body: director.line });
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
