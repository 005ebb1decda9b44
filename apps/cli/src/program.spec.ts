import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PhaseResult } from "@pullwright/domain";
import { until } from "@pullwright/testing";
import {
  call,
  claim,
  exitCodes,
  fail,
  finish,
  newIssue,
  pullwright,
  repo,
  say,
  startApiUnderTest,
  success,
  trigger,
  type ApiUnderTest,
} from "./__fixtures__/cli-under-test.js";
import { startFront } from "./__fixtures__/front.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.close());

const show = async (adw_id: string) =>
  (await call(api, "getWorkflow", { params: { adw_id } })).body;

/** The id of the run that works on an issue, once there is one. */
const runOf = async (issue: number): Promise<string> => {
  let found: string | undefined;
  await until(async () => {
    const query = { issue_number: issue };
    const { body } = await call(api, "listWorkflows", { query });
    found = body.items[0]?.adw_id;
    return found !== undefined;
  }, "the run");
  return found ?? "";
};

describe("run", () => {
  test("waits, tells each phase once, and its exit code is the outcome", async () => {
    const issue = newIssue(api);
    const running = pullwright(api, ["run", issue.toString()]);
    const adwId = await runOf(issue);
    await finish(api, await claim(api, adwId));
    await fail(api, adwId);
    const { exitCode, out } = await running;
    expect(exitCode).toBe(exitCodes.failed);
    const told = out.trim().split("\n");
    expect(told[0]).toBe(`${adwId} Totals are wrong`);
    expect(told).toContain("classify succeeded: Done.");
    expect(told).toContain("plan failed: A protected path was changed.");
    expect(told.join("\n")).toContain("policy in plan:");
    expect(new Set(told).size).toBe(told.length);
    expect(out).not.toContain("\u001b");
  });

  test("ends with 0 for a completed run and with 3 for a cancelled one", async () => {
    const issue = newIssue(api);
    const running = pullwright(api, [
      "run",
      `${repo}#${issue.toString()}`,
      "--workflow",
      "adw_plan",
      "--json",
    ]);
    const adwId = await runOf(issue);
    await finish(api, await claim(api, adwId));
    await finish(api, await claim(api, adwId));
    const completed = await running;
    expect(completed.exitCode).toBe(exitCodes.ok);
    expect(JSON.parse(completed.out)).toEqual(await show(adwId));

    const other = newIssue(api);
    const cancelled = pullwright(api, ["run", `#${other.toString()}`]);
    await call(api, "cancelWorkflow", {
      params: { adw_id: await runOf(other) },
    });
    expect((await cancelled).exitCode).toBe(exitCodes.cancelled);
  });

  test("draws a table over itself on a terminal", async () => {
    const issue = newIssue(api);
    const running = pullwright(api, ["run", issue.toString()], {
      interactive: true,
    });
    await fail(api, await runOf(issue));
    const { out } = await running;
    expect(out).toMatch(/\u001b\[\d+A\u001b\[J/);
    expect(out).toContain("classify");
    const widest = Math.max(
      ...out
        .replace(/\u001b\[[\d;]*[A-Za-z]/g, "")
        .split("\n")
        .map((row) => row.length),
    );
    expect(widest).toBeLessThan(100);
  });

  test("interrupted leaves the run going and says so", async () => {
    const issue = newIssue(api);
    const interrupted = new AbortController();
    const running = pullwright(api, ["run", issue.toString()], {
      signal: interrupted.signal,
      onOut: (out) => {
        if (out.includes("queued")) interrupted.abort();
      },
    });
    const { exitCode, err } = await running;
    const adwId = await runOf(issue);
    expect(exitCode).toBe(exitCodes.interrupted);
    expect(err).toContain(`The run ${adwId} goes on.`);
    expect((await show(adwId)).status).toBe("pending");
  });

  test("without waiting prints the id alone", async () => {
    const issue = newIssue(api);
    const { out, exitCode } = await pullwright(api, [
      "run",
      issue.toString(),
      "--no-wait",
      "--agent",
      "codex",
      "--budget",
      "2.50",
    ]);
    expect(exitCode).toBe(exitCodes.ok);
    expect(await show(out.trim())).toMatchObject({
      agent: "codex",
      cost: { limit_usd: 2.5 },
    });
  });

  test("on an issue with a live run is refused and names that run", async () => {
    const adwId = await trigger(api);
    const { issue_number } = await show(adwId);
    const answer = await pullwright(api, ["run", String(issue_number)]);
    expect(answer.exitCode).toBe(exitCodes.refused);
    expect(answer.err).toContain(`pullwright show ${adwId}`);
  });
});

describe("what a stranger or an agent wrote", () => {
  test("cannot move the cursor, colour, ring or reorder the terminal", async () => {
    const evil = "a\u001b[2J\u001b]0;owned\u0007b\rc\u202ed\u009b31m";
    const { number } = api.github.createIssue({
      repo,
      title: evil,
      author: "ada",
    });
    const { body } = await call(api, "triggerWorkflow", {
      body: { issue_number: number, workflow: "adw_plan" },
    });
    const adwId = body.adw_id;
    const claimed = await claim(api, adwId);
    await say(api, adwId, claimed, [evil]);
    await finish(api, claimed, {
      outcome: "failed",
      failureClass: "policy",
      message: evil,
      summary: evil,
      usage: null,
    });
    for (const argv of [
      ["show", adwId],
      ["list"],
      ["logs", adwId],
      ["logs", adwId, "-f"],
      ["list", "--json", "--limit", "1"],
      ["logs", adwId, "--json"],
    ]) {
      const { out, exitCode } = await pullwright(api, argv);
      expect(exitCode).toBe(exitCodes.ok);
      expect(out.replaceAll("\n", "")).not.toMatch(
        /[\u0000-\u001f\u007f-\u009f]/,
      );
      expect(out).not.toContain("\u202e");
      if (argv[0] === "list" && argv.includes("--json"))
        expect(JSON.parse(out)).toMatchObject({ items: [{ title: evil }] });
    }
  });
});

const policyFailure: PhaseResult = {
  outcome: "failed",
  failureClass: "policy",
  message: "A protected path was changed.",
  summary: "It touched a workflow.",
  usage: null,
};

describe("logs", () => {
  test("prints all pages, and follows to the end of the run", async () => {
    const adwId = await trigger(api);
    const claimed = await claim(api, adwId);
    const many = Array.from({ length: 700 }, (_, n) => `line ${n.toString()}`);
    await say(api, adwId, claimed, many);
    const all = await pullwright(api, ["logs", adwId]);
    expect(all.out.trim().split("\n")).toHaveLength(700);
    expect(all.out).toMatch(/^\d\d:\d\d:\d\d classify line 0\n/);

    let latest = "";
    const following = pullwright(api, ["logs", adwId, "-f", "--after", "699"], {
      onOut: (out) => (latest = out),
    });
    await until(() => latest.includes("line 699"), "the last line");
    await say(api, adwId, claimed, ["and one more"]);
    await until(() => latest.includes("and one more"), "the live line");
    await finish(api, claimed);
    await fail(api, adwId);
    const followed = await following;
    expect(followed.exitCode).toBe(exitCodes.ok);
    expect(followed.out.trim().split("\n")).toHaveLength(2);
  });

  test.each([
    [[], []],
    [["--follow"], ["context"]], // No stream carries it.
  ])(
    "as JSON are the API's entries, one a line, with %j",
    async (how, without) => {
      const adwId = await trigger(api);
      const claimed = await claim(api, adwId);
      await say(api, adwId, claimed, [
        "plain",
        'a "quoted"\nsecond \u2028line',
      ]);
      await finish(api, claimed, policyFailure);
      const { body } = await call(api, "getLogs", {
        params: { adw_id: adwId },
      });
      const argv = ["logs", adwId, "--json", ...how];
      const { out, exitCode } = await pullwright(api, argv);
      expect(exitCode).toBe(exitCodes.ok);
      const printed = out.trimEnd().split("\n");
      expect(body.entries).toHaveLength(2);
      expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual(
        body.entries.map((entry) => {
          const fields = Object.entries(entry);
          return Object.fromEntries(
            fields.filter(([name]) => !without.includes(name)),
          );
        }),
      );
    },
  );

  test.each([[[]], [["--follow"]]])(
    "are of one phase, or of a level and the more serious, with %j",
    async (how) => {
      const adwId = await trigger(api);
      for (const result of [success, policyFailure]) {
        const claimed = await claim(api, adwId);
        const phase = claimed.phase.definition.name;
        await api.runtime.stores.logs.append(
          { ...claimed.attempt, adwId, phase },
          (["DEBUG", "INFO", "WARNING", "ERROR"] as const).map((level) => ({
            at: new Date(),
            level,
            message: level.toLowerCase(),
          })),
        );
        await finish(api, claimed, result);
      }
      const print = async (...wish: string[]) => {
        const argv = ["logs", adwId, ...how, ...wish];
        const { out, exitCode } = await pullwright(api, argv);
        expect(exitCode).toBe(exitCodes.ok);
        const lines = out.trim().split("\n");
        return lines.map((line) => line.split(/ +/).slice(1).join(" "));
      };
      expect(await print("--phase", "plan")).toEqual([
        "plan debug",
        "plan info",
        "plan warning",
        "plan error",
      ]);
      expect(await print("--level", "WARNING")).toEqual([
        "classify warning",
        "classify error",
        "plan warning",
        "plan error",
      ]);
      expect(await print("--phase", "classify", "--level", "ERROR")).toEqual([
        "classify error",
      ]);
    },
  );
});

describe("commands", () => {
  test("cancel, retry and show say where the run stands", async () => {
    const adwId = await trigger(api);
    const cancelled = await pullwright(api, [
      "cancel",
      adwId,
      "--reason",
      "No.",
    ]);
    expect(cancelled.out).toBe(`${adwId} is cancelled\n`);
    const retried = await pullwright(api, [
      "retry",
      adwId,
      "--note",
      "Please.",
    ]);
    expect(retried.out).toBe(`${adwId} is pending\n`);
    const shown = await pullwright(api, ["show", adwId]);
    expect(shown.out).toContain("execution  2");
    const early = await pullwright(api, ["continue", adwId, "--add-usd", "5"]);
    expect(early.exitCode).toBe(exitCodes.refused);
    const json = await pullwright(api, ["cancel", adwId, "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({
      adw_id: adwId,
      status: "cancelled",
    });
  });

  test("show --json is all the API says of the run, and why it is where it is", async () => {
    const adwId = await trigger(api);
    await fail(api, adwId);
    const { out, exitCode } = await pullwright(api, ["show", adwId, "--json"]);
    const params = { adw_id: adwId };
    const { body: why } = await call(api, "getWhy", { params });
    expect(JSON.parse(out)).toEqual({ ...(await show(adwId)), why });
    expect(exitCode).toBe(exitCodes.ok);
  });

  test("retry goes on from a phase, with another agent and model, and says so as JSON", async () => {
    const adwId = await trigger(api);
    await finish(api, await claim(api, adwId));
    await fail(api, adwId);
    const { out, exitCode } = await pullwright(api, [
      ...["retry", adwId, "--json", "--phase", "plan"],
      ...["--agent", "codex", "--model", "gpt-5"],
    ]);
    expect(exitCode).toBe(exitCodes.ok);
    expect(JSON.parse(out)).toMatchObject({
      adw_id: adwId,
      status: "pending",
      execution: 2,
    });
    const { agent, model, phases } = await show(adwId);
    expect({ agent, model }).toEqual({ agent: "codex", model: "gpt-5" });
    expect(phases).toMatchObject([
      { phase: "classify", status: "succeeded", reused_from: 1 },
      { phase: "plan", status: "queued" },
      {},
      {},
      {},
    ]);
  });
});

describe("mistakes", () => {
  test.each([
    [[]],
    [["fly"]],
    [["run"]],
    [["run", "twelve"]],
    [["run", "12", "--budget", "much"]],
    [["show", "1"]],
    [["list", "--status", "done"]],
    [["list", "--limit", "-1"]],
    [["logs", "zzzzzzzz", "--level", "LOUD"]],
    [["list", "--limit", "501"]],
    [["run", "12", "--workflow", "adw_everything"]],
  ])("in %j are said, with exit code 2", async (argv) => {
    const { exitCode, err } = await pullwright(api, argv);
    expect(exitCode).toBe(exitCodes.usage);
    expect(err).not.toBe("");
  });

  test("a text that can be no run's id is told so, with one that can", async () => {
    const { exitCode, err } = await pullwright(api, ["show", "nonexist"]);
    expect(exitCode).toBe(exitCodes.usage);
    expect(err).toContain("It is no run's id, such as k7m2x9qd.");
  });

  test("an unknown run, a missing key and a missing API each have a code and a mend", async () => {
    const unknown = await pullwright(api, ["show", "zzzzzzzz"]);
    expect(unknown).toMatchObject({ exitCode: exitCodes.refused });
    const keyless = await pullwright(api, ["list"], {
      environment: { PULLWRIGHT_API_KEY: "" },
    });
    expect(keyless.exitCode).toBe(exitCodes.refused);
    expect(keyless.err).toContain("PULLWRIGHT_API_KEY");
    const away = await pullwright(api, ["list"], {
      environment: { PULLWRIGHT_URL: "http://127.0.0.1:9" },
    });
    expect(away.exitCode).toBe(exitCodes.unreachable);
    expect(away.err).toContain("npm start");
  });

  test.each([
    ["PULLWRIGHT_URL", "foo"],
    ["PULLWRIGHT_URL", "localhost:8000"],
    ["PULLWRIGHT_URL", "ftp://127.0.0.1"],
    ["PULLWRIGHT_URL", "http://ada:hunter2@127.0.0.1"],
    ["PULLWRIGHT_URL", "http://127.0.0.1/?a=b"],
    ["PULLWRIGHT_API_KEY", "a\nb"],
    ["PULLWRIGHT_API_KEY", "schlüssel"],
    ["PULLWRIGHT_API_KEY", "a\u007fb"],
  ])("in %s (%j) are said by its name, and not shown", async (name, value) => {
    const { exitCode, err } = await pullwright(api, ["list"], {
      environment: { [name]: value },
    });
    expect(exitCode).toBe(exitCodes.usage);
    expect(err).toMatch(new RegExp(`^${name} must`));
    expect(err).not.toContain(value);
  });

  test("in the file of the key are said by its name", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pullwright-cli-"));
    await writeFile(join(folder, "api-key"), "a\nb");
    const { exitCode, err } = await pullwright(api, ["list"], {
      environment: { PULLWRIGHT_API_KEY: "", WORK_DIR: folder },
    }).finally(() => rm(folder, { recursive: true }));
    expect(exitCode).toBe(exitCodes.usage);
    expect(err).toContain(`The key in ${join(folder, "api-key")} must`);
  });

  test.each([
    [404, exitCodes.refused],
    [200, exitCodes.unreachable],
  ])(
    "something that is no Pullwright (%i) is not taken for one, and named",
    async (status, code) => {
      const other = await startFront(api.url);
      other.ail = () => status;
      const { exitCode, err } = await pullwright(api, ["list"], {
        environment: { PULLWRIGHT_URL: other.url },
      }).finally(() => other.close());
      expect(exitCode).toBe(code);
      expect(err).toContain(other.url);
      expect(err).toContain("is not Pullwright's API");
      expect(err).toContain("PULLWRIGHT_URL");
    },
  );

  test.each([["--help"], ["run", "--help"], ["doctor", "--help"]])(
    "%s %s is help, not a mistake",
    async (...argv) => {
      const { exitCode, out } = await pullwright(api, argv);
      expect(exitCode).toBe(exitCodes.ok);
      expect(out).toContain("Usage: pullwright");
    },
  );
});

describe("compare", () => {
  test("shows two executions in columns, or all of it as JSON", async () => {
    const adwId = await trigger(api);
    await finish(api, await claim(api, adwId));
    await fail(api, adwId);
    await call(api, "retryWorkflow", {
      params: { adw_id: adwId },
      body: { phase: "plan" },
    });
    const { exitCode, out } = await pullwright(api, [
      "compare",
      adwId,
      "1",
      "2",
    ]);
    expect(exitCode).toBe(exitCodes.ok);
    expect(out).toMatch(/^ +EXECUTION 1 +EXECUTION 2$/m);
    expect(out).toMatch(/^status +failed +pending$/m);
    expect(out).toMatch(/^change +0 files \+0 -0 +0 files \+0 -0$/m);
    expect(out).toMatch(/^plan +failed +queued$/m);
    const json = await pullwright(api, ["compare", adwId, "1", "2", "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({
      a: { number: 1 },
      b: { number: 2 },
    });
    const refused = await pullwright(api, ["compare", adwId, "1", "7"]);
    expect(refused.exitCode).toBe(exitCodes.refused);
  });
});
