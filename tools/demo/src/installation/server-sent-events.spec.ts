import { expect, test } from "@jest/globals";
import { readServerSentEvents } from "./server-sent-events.js";

async function read(...chunks: readonly (string | Uint8Array)[]) {
  async function* body() {
    for (const chunk of chunks)
      yield await Promise.resolve(
        typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk,
      );
  }
  const messages = [];
  for await (const message of readServerSentEvents(body()))
    messages.push(message);
  return messages;
}

test("messages are read with their number, their name and all lines of data", async () => {
  expect(await read("id: 7\nevent: end\ndata: a\ndata: b\n\n")).toEqual([
    { id: "7", event: "end", data: "a\nb" },
  ]);
});

test("a message may come in pieces, even in the middle of a letter", async () => {
  const bytes = new TextEncoder().encode("data: Grüße\n\ndata: 2\n\n");
  expect(await read(bytes.slice(0, 9), bytes.slice(9))).toEqual([
    { id: null, event: "message", data: "Grüße" },
    { id: null, event: "message", data: "2" },
  ]);
});

test("comments and an unfinished message say nothing", async () => {
  expect(await read(":\n\n", "data: 1\n\n", "data: lost")).toEqual([
    { id: null, event: "message", data: "1" },
  ]);
});
