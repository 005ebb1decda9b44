import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  test,
} from "@jest/globals";
import type { EndpointName } from "@pullwright/contracts";
import { call, refused, sendRaw } from "../__fixtures__/call.js";
import {
  claim,
  fail,
  finish,
  newIssue,
  trigger,
} from "../__fixtures__/played-run.js";
import {
  repo,
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterEach(() => api.github.faults.clear());
afterAll(() => api.close());

let keys = 0;
const aKey = () => ({ "idempotency-key": `order-${(keys += 1).toString()}` });
const start = (body: object, headers: Record<string, string>) =>
  call(api, "triggerWorkflow", { body, headers });
const refuse = (body: object, headers: Record<string, string>) =>
  refused(api, "triggerWorkflow", { body, headers });
const workflow = "adw_plan";
const params = (adw_id: string) => ({ params: { adw_id } });

describe("a trigger that is repeated under its Idempotency-Key", () => {
  const body = {
    text: "Add a licence.",
    workflow,
    repository: repo,
    agent: "codex",
    model: "gpt-5",
    priority: "high",
    budget_usd: 2,
  };

  test("answers the same run, in whatever order its fields come", async () => {
    const headers = aKey();
    const first = await start(body, headers);
    const turned = Object.fromEntries(Object.entries(body).reverse());
    expect((await start(turned, headers)).body).toEqual(first.body);
  });

  test.each([
    ["text", "Remove the licence."],
    ["workflow", "adw_plan_build"],
    ["repository", undefined],
    ["agent", "claude"],
    ["model", undefined],
    ["priority", "low"],
    ["budget_usd", 2.01],
  ])("but with another %s is refused", async (field, value) => {
    const headers = aKey();
    await start(body, headers);
    const other = await refuse({ ...body, [field]: value }, headers);
    expect(other.status).toBe(422);
    expect(other.body.type).toMatch(/:idempotency-key-reused$/);
  });

  test("answers as before whatever became of the issue, of GitHub and of the run", async () => {
    const headers = aKey();
    const onIssue = { issue_number: newIssue(api), workflow };
    const { adw_id, created_at } = (await start(onIssue, headers)).body;
    const same = { adw_id, created_at };
    api.github.closeIssue(repo, onIssue.issue_number, "ada");
    expect((await start(onIssue, headers)).body).toMatchObject(same);
    api.github.faults.add({ kind: "status", status: 502 });
    expect((await start(onIssue, headers)).body).toMatchObject(same);
    await fail(api, adw_id);
    expect((await start(onIssue, headers)).body).toMatchObject(same);
    await call(api, "deleteWorkflow", params(adw_id));
    expect((await refuse(onIssue, headers)).status).toBe(409);
    const other = { ...onIssue, model: "gpt-5" };
    expect((await refuse(other, headers)).status).toBe(422);
  });

  test("at once makes one run and answers all with it", async () => {
    const headers = aKey();
    const onIssue = { issue_number: newIssue(api), workflow };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => start(onIssue, headers)),
    );
    expect(new Set(answers.map((answer) => answer.body.adw_id)).size).toBe(1);
  });
});

describe("a command that is repeated under its Idempotency-Key", () => {
  const commands: [EndpointName, object, object[]][] = [
    [
      "retryWorkflow",
      { phase: "plan", note: "Leave CI alone.", agent: "codex", model: "o3" },
      [
        { note: "Leave CI alone.", agent: "codex", model: "o3" },
        { phase: "plan", note: "Mend CI.", agent: "codex", model: "o3" },
        { phase: "plan", note: "Leave CI alone.", model: "o3" },
        { phase: "plan", note: "Leave CI alone.", agent: "codex", model: "o4" },
      ],
    ],
    ["cancelWorkflow", { reason: "Not now." }, [{}, { reason: "Never." }]],
    ["continueWorkflow", { add_usd: 5 }, [{}, { add_usd: 50 }]],
  ];

  /** A run that the command can move. */
  async function moveable(name: EndpointName): Promise<string> {
    const adw_id = await trigger(api);
    if (name === "cancelWorkflow") return adw_id;
    await finish(api, await claim(api, adw_id));
    if (name === "retryWorkflow") await fail(api, adw_id);
    else
      await finish(api, await claim(api, adw_id), {
        outcome: "failed",
        failureClass: "auth",
        message: "The agent's key is wrong.",
        summary: "No answer.",
        usage: null,
      });
    return adw_id;
  }

  test.each(commands)(
    "is told by %s where the run stands, and moves nothing",
    async (name, body) => {
      const adw_id = await moveable(name);
      const command = { ...params(adw_id), body, headers: aKey() };
      const first = await call(api, name, command);
      const events = () => call(api, "getEvents", params(adw_id));
      const before = (await events()).body;
      expect((await call(api, name, command)).body).toEqual(first.body);
      expect((await events()).body).toEqual(before);
    },
  );

  test.each(commands)(
    "but with other content is refused by %s",
    async (name, body, others) => {
      const adw_id = await moveable(name);
      const command = { ...params(adw_id), headers: aKey() };
      await call(api, name, { ...command, body });
      for (const other of others) {
        const answer = await refused(api, name, { ...command, body: other });
        expect([other, answer.status]).toEqual([other, 422]);
      }
      await call(api, name, { ...command, body });
    },
  );

  test("at once opens one execution and answers all with it", async () => {
    const adw_id = await moveable("retryWorkflow");
    const headers = aKey();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        sendRaw(api, "POST", `/api/workflows/${adw_id}/retry`, { headers }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    const list = await call(api, "listExecutions", params(adw_id));
    expect(list.body.total).toBe(2);
  });
});
