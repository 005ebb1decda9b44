import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { sleep } from "@pullwright/platform";
import { createSandbox } from "@pullwright/sandbox";
import {
  createWorkspaces,
  type Checkout,
  type PrepareRequest,
} from "@pullwright/workspace";
import type { Bench, Row } from "../bench.js";
import { interleave } from "../measure/rounds.js";
import { startChild } from "../stage/child.js";

// The targets are those of 20,000 files. In the short run the cost of starting git weighs five times as much.
const FILE_BYTES = 12_600;

interface Served {
  readonly cloneUrl: string;
  readonly token: string;
}

/** The checkout of a large repository. */
export const workspaceBench: Bench = {
  name: "workspace",
  needsRedis: false,
  async measure(stage, { short, rounds }): Promise<Row[]> {
    const count = short ? 4_000 : 20_000;
    const folder = join(stage.folder, "workspace-bench");
    const server = await startChild(stage, "large-repository", {
      FOLDER: join(folder, "github"),
      FILES: count.toString(),
      FILE_BYTES: FILE_BYTES.toString(),
    });
    const { cloneUrl, token } = server.ready as Served; // It says nothing else.
    const choice = await createSandbox({ allowUnsandboxed: true });
    if (choice.outcome === "refused") throw new Error(choice.message);
    const workspaces = await createWorkspaces({
      root: join(folder, "work"),
      owner: choice.sandbox.owner,
      atOnce: 2, // As many as a runner's phases unless told otherwise.
    });

    // Nothing is removed before the end: ext4 gives a freed inode to nobody for minutes, and looks for others the longer
    // the more there are. Laying out the tree took 5.2 s instead of 0.9 s after a removal.
    let attempts = 0;
    let clones = 0;
    const request = (branch = "pullwright/1-bench"): PrepareRequest => {
      attempts += 1;
      return {
        repository: { id: "1", cloneUrl },
        credentials: { token: () => Promise.resolve(token) },
        branch,
        baseBranch: "main",
        attemptId: `attempt-${attempts.toString()}`,
      };
    };
    const clone = async (): Promise<number> => {
      clones += 1;
      const target = join(folder, `clone-${clones.toString()}`);
      const url = cloneUrl.replace("://", `://x-access-token:${token}@`);
      const startedAt = performance.now();
      await run("git", ["clone", "--quiet", url, target], {
        env: { PATH: process.env["PATH"] ?? "", GIT_CONFIG_NOSYSTEM: "1" },
      });
      return performance.now() - startedAt;
    };
    const release = async (checkout: Checkout): Promise<void> => {
      await workspaces.release(checkout);
      await workspaces.idle();
    };
    const firstPhase = async () => {
      const fresh = request(`pullwright/2-bench-${attempts.toString()}`);
      const startedAt = performance.now();
      const checkout = await workspaces.prepare(fresh);
      return { checkout, tookMs: performance.now() - startedAt };
    };
    /** A run's first phase on this runner: the mirror is here, and the tree that was laid out after the run before. */
    const ahead = async (): Promise<number> => {
      const { checkout, tookMs } = await firstPhase();
      await release(checkout);
      return tookMs;
    };
    /** The same for the second of two runs at once. */
    const second = async (): Promise<number> => {
      const other = await firstPhase();
      const { checkout, tookMs } = await firstPhase();
      await release(other.checkout);
      await release(checkout);
      return tookMs;
    };
    /** The mirror is here and no tree is, as after the first clone: here they are taken. */
    const cold = async (): Promise<number> => {
      const others = [await firstPhase(), await firstPhase()];
      const { checkout, tookMs } = await firstPhase();
      for (const other of others) await release(other.checkout);
      await release(checkout);
      return tookMs;
    };
    /** The next phase of the same run: the one before it changed and committed a file, and its tree is still here. */
    const warm = async (): Promise<number> => {
      const before = await workspaces.prepare(request());
      // Agents work for minutes. Within the second of the checkout git trusts no time stamp and reads every file again.
      await sleep(2_000);
      await writeFile(join(before.path, "CHANGED.md"), `${before.attemptId}\n`);
      const answer = await workspaces.commit(before, {
        message: "feat: change it",
        trailers: { Run: "bench", Phase: "build", Attempt: before.attemptId },
      });
      if (answer.kind !== "committed") throw new Error(answer.kind);
      await release(before);
      const startedAt = performance.now();
      const checkout = await workspaces.prepare({
        ...request(),
        startSha: answer.commit.sha,
      });
      const tookMs = performance.now() - startedAt;
      if (!checkout.reused) throw new Error("The tree was not used again.");
      await release(checkout);
      return tookMs;
    };
    await ahead(); // Makes the mirror.
    await second(); // From now on two are laid out ahead.
    // Two are enough for what is gross: no other bench has rounds as long.
    const taken = await interleave(short ? 2 : rounds, {
      clone: settled(clone),
      cold: settled(cold),
      ahead: settled(ahead),
      second: settled(second),
      warm: settled(warm),
    });
    await workspaces.close();
    await server.end();
    const against = { name: "git clone", value: taken.value("clone") };
    const size = `${count.toLocaleString("en-US")} files, ${Math.round((count * FILE_BYTES) / 1e6).toString()} MB`;
    return [
      {
        what: `workspace of ${size}, mirror present, tree laid out ahead`,
        against,
        ours: taken.value("ahead"),
        unit: "ms",
        ratio: taken.ratio("ahead", "clone"),
        target: { ratioAtMost: short ? 0.4 : 0.2 },
      },
      {
        what: `workspace of ${size}, the second of two runs at once`,
        against,
        ours: taken.value("second"),
        unit: "ms",
        ratio: taken.ratio("second", "clone"),
        target: { ratioAtMost: short ? 0.4 : 0.2 },
      },
      {
        what: `workspace of ${size}, mirror present, no tree`,
        against,
        ours: taken.value("cold"),
        unit: "ms",
        ratio: taken.ratio("cold", "clone"),
        target: { ratioAtMost: short ? 0.4 : 0.2 },
      },
      {
        what: `workspace of ${size}, next phase`,
        against,
        ours: taken.value("warm"),
        unit: "ms",
        ratio: taken.ratio("warm", "clone"),
        target: { ratioAtMost: short ? 0.1 : 0.02 },
      },
    ];
  },
};

const run = promisify(execFile);

/** Begins with nothing left to write: what the contender before left in memory would be charged to this one. */
const settled = (measure: () => Promise<number>) => async () => {
  await run("sync");
  return measure();
};
