import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { call } from "../__fixtures__/call.js";
import {
  claim,
  finish,
  newIssue,
  trigger,
} from "../__fixtures__/played-run.js";
import {
  repo,
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

// On an API of its own: positions and durations count every run there is.

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.close());

const why = async (adw_id: string) =>
  (await call(api, "getWhy", { params: { adw_id } })).body;

test("the estimate is the median of past phases, once for each place and shared by what runs", async () => {
  const running = [await trigger(api), await trigger(api)];
  for (const adwId of running) await finish(api, await claim(api, adwId));
  await api.runtime.database.pool.query(
    "UPDATE attempts SET started_at = ended_at - interval '10 minutes'",
  );
  for (const adwId of running) await claim(api, adwId);
  const waiting = [await trigger(api), await trigger(api)];
  for (const [index, adwId] of waiting.entries()) {
    const asked = Date.now();
    const { position, estimated_start } = await why(adwId);
    expect(position).toBe(index + 1);
    const inMinutes = (Date.parse(estimated_start ?? "") - asked) / 60_000;
    expect(inMinutes).toBeCloseTo((10 * (index + 1)) / running.length, 0);
  }
});

test("a run that was asked for with a higher priority stands before those that wait already", async () => {
  const wish = async (priority?: string) => {
    const body = {
      issue_number: newIssue(api),
      workflow: "adw_plan",
      repository: repo,
      ...(priority === undefined ? {} : { priority }),
    };
    return (await call(api, "triggerWorkflow", { body })).body.adw_id;
  };
  const low = await wish("low");
  const normal = await wish();
  const urgent = await wish("urgent");
  const placeOf = async (adwId: string) => (await why(adwId)).position ?? 0;
  expect(await placeOf(urgent)).toBe(1);
  expect(await placeOf(normal)).toBeLessThan(await placeOf(low));
});

test("a run on an issue that others block waits for those that are open, and is queued by nobody", async () => {
  const [blocked, open, closed] = [newIssue(api), newIssue(api), newIssue(api)];
  for (const by of [open, closed]) api.github.blockIssue(repo, blocked, by);
  api.github.closeIssue(repo, closed, "ada");
  const { body } = await call(api, "triggerWorkflow", {
    body: { issue_number: blocked, workflow: "adw_plan", repository: repo },
  });
  expect(body.status).toBe("waiting");
  const { adw_id } = body;
  const answer = await why(adw_id);
  expect(answer).toMatchObject({
    status: "waiting",
    reason: "dependency",
    position: null,
    estimated_start: null,
  });
  expect(answer.message).toContain(`${repo}#${open.toString()}`);
  expect(answer.message).not.toContain(`#${closed.toString()}`);
  expect(Date.parse(answer.until ?? "")).toBeGreaterThan(Date.now());
  await expect(claim(api, adw_id)).rejects.toThrow("is queued");
});

test("a run is queued until its agent's quota is back, and names that moment", async () => {
  const spent = await trigger(api);
  const claimed = await claim(api, spent, "claude", null, "claude:1");
  const until = new Date(Date.now() + 3_600_000).toISOString();
  await finish(api, claimed, {
    outcome: "failed",
    failureClass: "quota",
    message: "The usage limit is reached.",
    summary: "",
    usage: null,
    agent: "claude",
    resumeAt: until,
  });
  expect(await why(spent)).toMatchObject({ status: "waiting", until });
  const sibling = await trigger(api);
  expect(await why(sibling)).toMatchObject({
    status: "pending",
    reason: "quota",
    phase: "classify",
    message: `The quota of claude is used up until ${until}.`,
    until,
  });
});
