import { sleep } from "@pullwright/platform";
import type { ApiClient } from "./api-client.js";
import { Patience } from "./patience.js";
import { readEvents, type ServerEvent } from "./read-events.js";

/** A stream that ended before the run did is opened again after this. */
const REOPEN_MS = 1_000;

/**
 * Follows a stream of a run to its end, across broken connections; ends after `event: end`.
 *
 * Gives up with the last error when the API stays away for longer than the client's patience.
 */
export async function* follow(
  client: ApiClient,
  name: "streamLogs" | "streamEvents",
  adwId: string,
  after = 0,
): AsyncGenerator<ServerEvent> {
  let position = after.toString();
  const patience = new Patience(client.patienceMs);
  for (;;) {
    try {
      const stream = await client.open(name, {
        params: { adw_id: adwId },
        headers: { "last-event-id": position },
      });
      patience.found(); // A run may be silent for hours.
      for await (const event of readEvents(stream)) {
        position = event.id ?? position;
        yield event;
        if (event.event === "end") return;
      }
      await sleep(REOPEN_MS);
    } catch (error) {
      await patience.bear(error);
    }
  }
}
