import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { asProblem, call, refused, sendRaw } from "../__fixtures__/call.js";
import { claim, fail, finish, trigger } from "../__fixtures__/played-run.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.close());

const of = (adw_id: string) => ({ params: { adw_id } });
const show = async (adw_id: string) =>
  (await call(api, "getWorkflow", of(adw_id))).body;

describe("cancel", () => {
  test("ends a run that nobody works on", async () => {
    const adw_id = await trigger(api);
    const { body } = await call(api, "cancelWorkflow", {
      ...of(adw_id),
      body: { reason: "Not needed." },
    });
    expect(body).toMatchObject({ adw_id, status: "cancelled" });
  });

  test("asks the owner of a running phase", async () => {
    const adw_id = await trigger(api);
    await claim(api, adw_id);
    const { body } = await call(api, "cancelWorkflow", of(adw_id));
    expect(body).toMatchObject({ status: "running", cancel_requested: true });
    expect((await call(api, "getWhy", of(adw_id))).body.reason).toBe(
      "cancelling",
    );
    const again = await call(api, "cancelWorkflow", of(adw_id));
    expect(again.body).toEqual(body);
  });

  test("leaves an ended run as it is", async () => {
    const adw_id = await trigger(api);
    await fail(api, adw_id);
    const before = await show(adw_id);
    const { body } = await call(api, "cancelWorkflow", of(adw_id));
    expect(body).toMatchObject({ status: "failed", cancel_requested: false });
    expect(await show(adw_id)).toEqual(before);
  });
});

describe("retry", () => {
  test("of a live run is refused", async () => {
    const adw_id = await trigger(api);
    expect((await refused(api, "retryWorkflow", of(adw_id))).status).toBe(409);
  });

  test("from the failed phase keeps what came before it", async () => {
    const adw_id = await trigger(api);
    await finish(api, await claim(api, adw_id)); // classify
    await fail(api, adw_id); // plan
    expect(await show(adw_id)).toMatchObject({
      status: "failed",
      error_phase: "plan",
      error_class: "policy",
      errors: [{ phase: "plan", class: "policy" }],
    });
    const { body } = await call(api, "retryWorkflow", {
      ...of(adw_id),
      body: { phase: "plan", note: "Leave CI alone.", agent: "codex" },
    });
    expect(body).toMatchObject({ adw_id, status: "pending", execution: 2 });
    expect(await show(adw_id)).toMatchObject({
      agent: "codex",
      note: "Leave CI alone.",
      errors: [],
      phases: [
        { phase: "classify", status: "succeeded", reused_from: 1 },
        { phase: "plan", status: "queued" },
        {},
        {},
        {},
      ],
    });
  });

  test("with another agent leaves the former one's model behind", async () => {
    const adw_id = await trigger(api);
    const retryWith = async (body: object) => {
      await fail(api, adw_id);
      const headers = { "idempotency-key": JSON.stringify(body) };
      const request = { ...of(adw_id), body, headers };
      await call(api, "retryWorkflow", request);
      await call(api, "retryWorkflow", request); // Is the same request still.
      const { agent, model } = await show(adw_id);
      return { agent, model };
    };
    const claude = { agent: "claude", model: "opus" };
    expect(await retryWith(claude)).toEqual(claude);
    expect(await retryWith({ note: "Again." })).toEqual(claude);
    expect(await retryWith({ agent: "codex" })).toEqual({
      agent: "codex",
      model: null,
    });
  });

  test("twice with one Idempotency-Key opens one execution", async () => {
    const adw_id = await trigger(api);
    await fail(api, adw_id);
    const headers = { "idempotency-key": "again" };
    await call(api, "retryWorkflow", { ...of(adw_id), headers });
    await fail(api, adw_id);
    const late = await call(api, "retryWorkflow", { ...of(adw_id), headers });
    expect(late.body).toMatchObject({ status: "failed", execution: 2 });
  });

  test.each([
    ["phase", "deploy", 400],
    ["agent", "skynet", 400],
    ["note", "", 400],
  ])("with a bad %s is refused", async (field, value, status) => {
    const adw_id = await trigger(api);
    await fail(api, adw_id);
    const answer = await refused(api, "retryWorkflow", {
      ...of(adw_id),
      body: { [field]: value },
    });
    expect(answer.status).toBe(status);
    expect(answer.body.errors).toMatchObject([{ field }]);
  });

  test("from a phase whose forerunners never succeeded is refused", async () => {
    const adw_id = await trigger(api);
    await fail(api, adw_id);
    const body = { phase: "test" };
    const answer = await refused(api, "retryWorkflow", { ...of(adw_id), body });
    expect(answer.status).toBe(409);
  });
});

describe("commands that cross each other", () => {
  const send = (name: "cancel" | "retry", adw_id: string) =>
    sendRaw(api, "POST", `/api/workflows/${adw_id}/${name}`, { body: {} });
  const executionsOf = async (adw_id: string) =>
    (await call(api, "listExecutions", of(adw_id))).body.items.length;

  test("a retry clicked twice opens one execution, and the second click is told", async () => {
    for (let round = 1; round <= 5; round += 1) {
      const adw_id = await trigger(api);
      await fail(api, adw_id);
      const clicks = await Promise.all([
        send("retry", adw_id),
        send("retry", adw_id),
      ]);
      expect(clicks.map(({ status }) => status).sort()).toEqual([200, 409]);
      const late = clicks.find(({ status }) => status === 409);
      expect(late && asProblem(late).body.adw_id).toBe(adw_id);
      expect(await executionsOf(adw_id)).toBe(2);
      expect(await show(adw_id)).toMatchObject({
        status: "pending",
        phases: [{ status: "queued" }, {}, {}, {}, {}],
      });
    }
  });

  test("of a cancel and a retry both are answered, and the run is what the later one made of it", async () => {
    for (let round = 1; round <= 10; round += 1) {
      const adw_id = await trigger(api);
      await fail(api, adw_id);
      const [cancel, retry] = await Promise.all([
        send("cancel", adw_id),
        send("retry", adw_id),
      ]);
      expect([cancel.status, retry.status]).toEqual([200, 200]);
      const { status, phases, cancel_requested } = await show(adw_id);
      // The cancel met the ended run and left it as it was, or it ended the new execution.
      if (status === "cancelled")
        expect(phases.every((phase) => phase.status !== "queued")).toBe(true);
      else expect([status, cancel_requested]).toEqual(["pending", false]);
      expect(await executionsOf(adw_id)).toBe(2);
    }
  });

  test("of a live run the cancel counts and the retry is refused, whichever comes first", async () => {
    for (let round = 1; round <= 5; round += 1) {
      const adw_id = await trigger(api);
      await claim(api, adw_id);
      const [cancel, retry] = await Promise.all([
        send("cancel", adw_id),
        send("retry", adw_id),
      ]);
      expect([cancel.status, retry.status]).toEqual([200, 409]);
      expect(await show(adw_id)).toMatchObject({
        status: "running",
        cancel_requested: true,
        execution: 1,
      });
    }
  });
});

describe.each(["startExecution", "startExecutionByName"] as const)(
  "%s",
  (door) => {
    test("is a retry by another address, from a phase on and once for each key", async () => {
      const adw_id = await trigger(api);
      await finish(api, await claim(api, adw_id)); // classify
      await fail(api, adw_id); // plan
      const wish = {
        ...of(adw_id),
        headers: { "idempotency-key": "once" },
        body: { phase: "plan", note: "Leave CI alone." },
      };
      const { body } = await call(api, door, wish);
      expect(body).toEqual({
        adw_id,
        status: "pending",
        execution: 2,
        cancel_requested: false,
      });
      expect(await show(adw_id)).toMatchObject({
        note: "Leave CI alone.",
        phases: [{ phase: "classify", reused_from: 1 }, {}, {}, {}, {}],
      });
      await fail(api, adw_id);
      const late = await call(api, "retryWorkflow", wish);
      expect(late.body).toMatchObject({ status: "failed", execution: 2 });
    });

    test("refuses what a retry refuses", async () => {
      const adw_id = await trigger(api);
      const live = await refused(api, door, of(adw_id));
      expect([live.status, live.body.adw_id]).toEqual([409, adw_id]);
      await fail(api, adw_id);
      const unknown = { ...of(adw_id), body: { phase: "deploy" } };
      const answer = await refused(api, door, unknown);
      expect(answer.body.errors).toMatchObject([{ field: "phase" }]);
      const key = await api.keyFor(["read", "trigger"]);
      expect((await refused(api, door, { ...of(adw_id), key })).status).toBe(
        403,
      );
      expect((await refused(api, door, of("zzzzzzzz"))).status).toBe(404);
    });
  },
);

describe("continue", () => {
  test("ends a wait and adds to the budget", async () => {
    const adw_id = await trigger(api);
    await finish(api, await claim(api, adw_id), {
      outcome: "failed",
      failureClass: "auth",
      message: "The agent's key is wrong.",
      summary: "No answer.",
      usage: null,
    });
    expect((await call(api, "getWhy", of(adw_id))).body).toMatchObject({
      status: "waiting",
      reason: "person",
      phase: "classify",
    });
    const { body } = await call(api, "continueWorkflow", of(adw_id));
    expect(body.status).not.toBe("waiting");
    expect((await call(api, "getWhy", of(adw_id))).body.reason).toBe("queued");
  });

  test("of a run that does not wait is refused", async () => {
    const adw_id = await trigger(api);
    const body = { add_usd: 5 };
    const answer = await refused(api, "continueWorkflow", {
      ...of(adw_id),
      body,
    });
    expect(answer.status).toBe(409);
  });
});

describe("delete", () => {
  test("removes an ended run and all that belongs to it", async () => {
    const adw_id = await trigger(api);
    await fail(api, adw_id);
    expect((await call(api, "deleteWorkflow", of(adw_id))).body).toBe("");
    expect((await refused(api, "getWorkflow", of(adw_id))).status).toBe(404);
    expect((await refused(api, "deleteWorkflow", of(adw_id))).status).toBe(404);
  });

  test("of a live run is refused", async () => {
    const adw_id = await trigger(api);
    const answer = await refused(api, "deleteWorkflow", of(adw_id));
    expect(answer.status).toBe(409);
    expect((await show(adw_id)).status).toBe("pending");
  });
});
