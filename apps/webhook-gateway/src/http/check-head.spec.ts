import { expect, test } from "@jest/globals";
import { checkHead, MAX_BODY_BYTES } from "./check-head.js";

interface Head {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

const faultless: Head = {
  method: "POST",
  headers: {
    "content-length": "2",
    "content-type": "application/json",
    "x-github-event": "issues",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-hub-signature-256": `sha256=${"a".repeat(64)}`,
  },
};
const header =
  (name: string, value: string) =>
  ({ method, headers }: Head): Head => ({
    method,
    headers: { ...headers, [name]: value },
  });

/** In the order in which they are to be found: each comes before all that follow. */
const faults: readonly [string, number, RegExp, (head: Head) => Head][] = [
  [
    "size",
    413,
    /25 MB/,
    header("content-length", (MAX_BODY_BYTES + 1).toString()),
  ],
  ["method", 405, /POST/, ({ headers }) => ({ method: "PUT", headers })],
  ["type", 415, /content type/, header("content-type", "text/plain")],
  ["encoding", 415, /encoded/, header("content-encoding", "gzip")],
  ["event", 400, /X-GitHub-Event/, header("x-github-event", "no event")],
  ["GUID", 400, /X-GitHub-Delivery/, header("x-github-delivery", "")],
  [
    "signature",
    401,
    /X-Hub-Signature-256/,
    header("x-hub-signature-256", "sha1=a"),
  ],
];
const pairs = faults.flatMap((first, index) =>
  faults.slice(index + 1).map((second) => ({ first, second })),
);

test("a head without a fault is accepted", () => {
  expect(checkHead(faultless.method, faultless.headers)).toMatchObject({
    kind: "accepted",
    head: { event: "issues" },
  });
});

test.each(pairs)(
  "$first.0 is judged before $second.0",
  ({ first: [, status, detail, spoil], second: [, , , spoilToo] }) => {
    const { method, headers } = spoilToo(spoil(faultless));
    expect(checkHead(method, headers)).toMatchObject({
      kind: "refused",
      refusal: { status, detail: expect.stringMatching(detail) },
    });
  },
);
