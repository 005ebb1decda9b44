import { afterEach, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  orchestration,
  quickTiming,
  repo,
  type Orchestration,
} from "../__fixtures__/orchestration.js";

let sut: Orchestration | undefined;
afterEach(() => sut?.close());

test("whoever comes to a write too late leaves it to another, and writes nothing", async () => {
  sut = await orchestration({
    timing: { writeMs: quickTiming.effectLeaseMs + 1 },
  });
  const issue = sut.issue();
  sut.github.comment(repo, issue, "/adw", "ada");
  let told: string | null = null;
  await until(async () => {
    const [run] = (await sut?.runs()) ?? [];
    const effects = run && (await sut?.runtime.stores.effects.ofRun(run.id));
    told =
      effects?.find(({ kind }) => kind === "status_comment")?.lastError ?? null;
    return told !== null;
  }, "the comment's write was tried");
  expect(told).toContain("too late");
  expect(sut.ourComments(issue)).toEqual([]);
  expect(
    sut.github
      .requests()
      .filter(
        ({ method, path }) => method !== "GET" && path.includes("/issues/"),
      ),
  ).toEqual([]);
});
