import { sleep } from "@pullwright/platform";
import type { ApiClient } from "./api-client.js";
import { ApiRefusal, ApiUnreachable } from "./api-error.js";
import { readEvents, type ServerEvent } from "./read-events.js";

/** A restart of the API takes less. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 1_000;

/**
 * Follows a stream of a run to its end, across broken connections; ends after `event: end`.
 *
 * Gives up with `ApiUnreachable` when the API stays away for a minute.
 */
export async function* follow(
  client: ApiClient,
  name: "streamLogs" | "streamEvents",
  adwId: string,
  after = 0,
): AsyncGenerator<ServerEvent> {
  let position = after.toString();
  let lostAt: number | undefined;
  for (;;) {
    try {
      const stream = await client.open(name, {
        params: { adw_id: adwId },
        headers: { "last-event-id": position },
      });
      for await (const event of readEvents(stream)) {
        lostAt = undefined;
        position = event.id ?? position;
        yield event;
        if (event.event === "end") return;
      }
    } catch (error) {
      if (!isPassing(error)) throw error;
      lostAt ??= Date.now();
      if (Date.now() - lostAt > PATIENCE_MS) throw error;
    }
    await sleep(RETRY_MS);
  }
}

/** Whether the API may be back in a moment. */
function isPassing(error: unknown): boolean {
  if (error instanceof ApiRefusal)
    return error.status === 429 || error.status >= 500;
  return (
    error instanceof ApiUnreachable ||
    (error instanceof TypeError && error.name !== "AbortError")
  );
}
