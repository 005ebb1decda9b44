import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connect } from "node:net";
import { endpoints, type Endpoint } from "@pullwright/contracts";
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

/** Streams never end by themselves. */
const isStream = (name: string) => name.startsWith("stream");
const names = (Object.keys(endpoints) as (keyof typeof endpoints)[]).filter(
  (name) => !isStream(name),
);

describe("rubbish", () => {
  test.each(names)(
    "in any one place of a valid request to %s is never our fault",
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
      for (const { path, ...options } of spoiled(endpoint, valid)) {
        const answer = await sendRaw(api, method, path, options);
        if (answer.status >= 500 || answer.headers.has("set-cookie"))
          failures.push(
            `${method} ${path} ${JSON.stringify(options).slice(0, 300)}: ${answer.status.toString()}`,
          );
        else if (answer.status >= 400) asProblem(answer);
      }
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
      expect((await refused(api, name, { params, headers })).status).toBe(400);
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
