import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connect } from "node:net";
import {
  endpoints,
  type Endpoint,
  type EndpointName,
  type FieldProblem,
} from "@pullwright/contracts";
import { asProblem, refused, sendRaw } from "../__fixtures__/call.js";
import { furnish, type Furnished } from "../__fixtures__/furnished.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";
import { addressOf, rubbish, spoiled } from "../__fixtures__/spoiled.js";
import { validRequests } from "../__fixtures__/valid-requests.js";

let api: ApiUnderTest;
let furnished: Furnished;
beforeAll(async () => {
  api = await startApiUnderTest({ limits: { requests: 1_000_000 } });
  furnished = await furnish(api, "furnished");
});
afterAll(() => api.close());

const all = Object.keys(endpoints) as EndpointName[]; // A literal's keys, which Object.keys widens to string.
/** Streams never end by themselves. */
const isStream = (name: string) => name.startsWith("stream");
const names = all.filter((name) => !isStream(name));

const MAX_FIELD_LENGTH = 100;

/** Requests at a time; one after the other they cost a third more. */
const LANES = 4;

/** Whether a problem is about a field or what is in it; where either of two is missing, it says so of the first. */
const isAbout = (field: string, { field: named, message }: FieldProblem) =>
  field === "" ||
  named === field.slice(0, MAX_FIELD_LENGTH) ||
  named.startsWith(`${field}.`) ||
  message === `give either ${named} or ${field}`;

/** Sentences of zod's, which tell of types and not of how to mend a request. */
const zodsOwn = /^(?:Invalid|Too (?:big|small)|Unrecognized|Expected)/;

describe("rubbish", () => {
  test.each(names)(
    "in any one place of a valid request to %s is never our fault, and a 400 names the place",
    async (name) => {
      const endpoint: Endpoint = endpoints[name];
      const { method } = endpoint;
      const valid = validRequests(furnished)[name];
      const answer = await sendRaw(
        api,
        method,
        addressOf(endpoint, valid),
        valid,
      );
      // It got as far as its handler, which may find that it is not the time.
      expect([endpoint.status, 409]).toContain(answer.status);

      const failures: string[] = [];
      const requests = spoiled(endpoint, valid);
      const lane = async () => {
        for (const { path, field, ...options } of requests) {
          const answer = await sendRaw(api, method, path, options);
          const fail = (what: string) =>
            failures.push(
              `${method} ${path} ${JSON.stringify(options).slice(0, 300)}: ${what}`,
            );
          if (answer.status >= 500 || answer.headers.has("set-cookie"))
            fail(answer.status.toString());
          else if (answer.status >= 400) {
            const { status, errors = [] } = asProblem(answer).body;
            const isTold =
              errors.length > 0 &&
              errors.every((error) => isAbout(field, error));
            for (const { message } of errors)
              if (zodsOwn.test(message)) fail(message);
            if (status === 400 && !isTold)
              fail(
                `${JSON.stringify(errors)} is not about ${JSON.stringify(field)}`,
              );
          }
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      expect(failures).toEqual([]);
    },
    120_000,
  );

  test.each(["streamLogs", "streamEvents"] as const)(
    "in the start of %s is a 400 that names it",
    async (name) => {
      const params = { adw_id: furnished.adwId };
      for (const value of rubbish) {
        const query = { after: value };
        const answer = await refused(api, name, { params, query });
        expect(answer.status).toBe(400);
        expect(answer.body.errors).toMatchObject([{ field: "after" }]);
      }
      const headers = { "last-event-id": "soon" };
      const answer = await refused(api, name, { params, headers });
      expect(answer.status).toBe(400);
      expect(answer.body.errors).toMatchObject([{ field: "last-event-id" }]);
    },
  );

  test("in place of HTTP closes the connection and harms nobody", async () => {
    const { port } = new URL(api.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () =>
        socket.write("GET / HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n"),
      );
      let text = "";
      socket
        .on("data", (chunk) => (text += chunk.toString()))
        .on("close", () => resolve(text))
        .on("error", () => undefined);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect((await sendRaw(api, "GET", "/health")).status).toBe(200);
  });
});

/** The first could be a run's id; the others can be none. */
const unknownRuns = [
  "zzzzzzzz",
  "00000000",
  "nonexist",
  "does-not-exist",
  "K7M2X9QD",
  "8a7c1b1e-4e53-4b51-9a3e-000000000000",
  "../../etc/passwd",
  "zzzzzzzz'--",
  "a\u0000b",
  "😀",
];

test.each(all.filter((name) => endpoints[name].path.includes("{adw_id}")))(
  "an unknown run is a 404 by %s",
  async (name) => {
    const valid = validRequests(furnished)[name];
    for (const adw_id of unknownRuns) {
      const params = { ...valid.params, adw_id };
      // Its key stands for the request that was valid.
      const parts = { ...valid, params, headers: {} };
      const { status, body } = await refused(api, name, parts);
      expect([adw_id, status, body.type]).toEqual([
        adw_id,
        404,
        "urn:pullwright:problem:not-found",
      ]);
      if (adw_id !== "zzzzzzzz")
        expect(body.detail).toMatch(/^There is no such run: .*k7m2x9qd/);
    }
  },
);
