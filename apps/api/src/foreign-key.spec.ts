import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { generateApiKey } from "@pullwright/persistence";
import { until } from "@pullwright/testing";
import {
  endpoints,
  type Endpoint,
  type EndpointName,
} from "@pullwright/contracts";
import { call, refused, sendRaw } from "./__fixtures__/call.js";
import { furnish, type Furnished } from "./__fixtures__/furnished.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "./__fixtures__/running-api.js";
import { addressOf } from "./__fixtures__/spoiled.js";
import { validRequests } from "./__fixtures__/valid-requests.js";

// Row 37 of the abuse table.

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.close());

describe("a key of another repository", () => {
  const CANARY = "canary-of-the-shop";
  let foreign: string;
  let mine: string;
  let theirRun: string;
  let furnished: Furnished;
  let marks: string[];
  beforeAll(async () => {
    await api.github.createRepository({
      owner: "acme",
      name: "elsewhere",
      files: { "README.md": "# elsewhere\n" },
    });
    api.github.setCollaborator("acme/elsewhere", "pullwright-bot", "write");
    furnished = await furnish(api, CANARY);
    const repository = "acme/elsewhere";
    const other = await call(api, "registerRepository", {
      body: { repository },
    });
    const all = ["read", "trigger", "control", "admin"] as const;
    foreign = await api.keyFor(all, [other.body.id]);
    mine = await api.keyFor(all, [api.repository.id]);
    const text = "Add a licence.";
    const started = await call(api, "triggerWorkflow", {
      body: { text, workflow: "adw_plan", repository },
      key: foreign,
    });
    theirRun = started.body.adw_id;
    marks = [
      CANARY,
      "acme/shop",
      furnished.adwId,
      api.repository.id,
      "Totals are wrong",
    ];
  });

  const reading = Object.entries<Endpoint>(endpoints).filter(
    ([name, { method, access }]) =>
      method === "GET" &&
      !name.startsWith("stream") &&
      (access === "read" || access === "admin"),
  );
  const read = async (name: string, key: string, left: readonly string[]) => {
    const valid = validRequests(furnished)[name as EndpointName];
    const query = Object.fromEntries(
      Object.entries(valid.query ?? {}).filter(([key]) => !left.includes(key)),
    );
    const parts = { ...valid, query };
    const address = addressOf(endpoints[name as EndpointName], parts);
    const { status, body } = await sendRaw(api, "GET", address, { key });
    const text = typeof body === "string" ? body : JSON.stringify(body);
    // Its own question may come back in a refusal.
    const told = status < 400 ? text : "";
    return { status, marks: marks.filter((mark) => told.includes(mark)) };
  };
  /** With and without saying whose. */
  const ways = [[], ["repository", "adw_id", "issue_number"]];

  test.each(reading)("learns nothing of ours by %s", async (name) => {
    for (const left of ways) {
      // Keys are managed by those alone who may see every repository.
      const reached = name === "listKeys" ? 403 : 200;
      expect((await read(name, mine, left)).status).toBe(reached);
      const answer = await read(name, foreign, left);
      expect([200, 403, 404]).toContain(answer.status);
      expect(answer.marks).toEqual([]);
    }
  });

  /** What is the same for everybody. */
  const common = ["getGithubQuota", "listAgents", "listDefinitions"];
  test.each(reading.filter(([name]) => !common.includes(name)))(
    "is refused what the repository's own key may see by %s",
    async (name) => {
      const isRefused = (await read(name, foreign, [])).status >= 400;
      const shows = (await read(name, mine, [])).marks.length > 0;
      expect(isRefused || shows).toBe(true);
    },
  );

  test.each<EndpointName>([
    "getWorkflow",
    "listMessages",
    "getDelivery",
    "triggerWorkflow",
    "putBudget",
    "changeRepository",
  ])(
    "is noted in the audit where it reaches for what is ours by %s, and not by every try",
    async (name) => {
      const key = generateApiKey();
      const elsewhere = await api.runtime.stores.repositories.byName(
        "acme",
        "elsewhere",
      );
      await api.runtime.stores.apiKeys.store({
        key,
        name: `reaching-${name}`,
        scopes: ["admin"],
        repositoryIds: [elsewhere?.id ?? ""],
      });
      const endpoint = endpoints[name];
      const valid = validRequests(furnished)[name];
      const address = addressOf(endpoint, valid);
      const { body } = valid;
      for (let n = 0; n < 10; n += 1) {
        const answer = await sendRaw(api, endpoint.method, address, {
          key,
          body,
        });
        expect(answer.status).toBe(404);
      }
      const noted = async (reader: string) => {
        const query = { actor: `api:reaching-${name}` };
        return (await call(api, "listAudit", { query, key: reader })).body
          .items;
      };
      await until(async () => (await noted(mine)).length > 0, "it is noted");
      const [first, ...more] = await noted(mine);
      expect(first).toMatchObject({
        action: "access.foreign",
        source: "api",
        origin: "127.0.0.1",
        repository: "acme/shop",
        details: { method: endpoint.method },
      });
      // A minute may have turned meanwhile.
      expect(more.length).toBeLessThan(2);
      expect(await noted(foreign)).toEqual([]);
    },
  );

  test("compares its own run with its own alone, from either side", async () => {
    const compare = (adw_id: string, other: string) => ({
      params: { adw_id },
      query: { with: other },
      key: foreign,
    });
    const name = "compareWorkflows";
    await call(api, name, compare(theirRun, theirRun));
    const ours = furnished.adwId;
    for (const [one, other] of [
      [theirRun, ours],
      [ours, theirRun],
    ] as const) {
      const answer = await refused(api, name, compare(one, other));
      expect(answer.status).toBe(404);
    }
  });
});
