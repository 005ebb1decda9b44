import { z } from "zod";
import { agentEventSchema, agentOutputFileSchema } from "./agent-event.js";

const protocol = z.registry<{ id: string }>();
protocol.add(agentEventSchema, { id: "event" });
protocol.add(agentOutputFileSchema, { id: "output_file" });

/**
 * The agent protocol as JSON Schema: `$defs.event` is a line on stdout, `$defs.output_file` the file named by
 * `PULLWRIGHT_OUTPUT`. It describes what an agent may write, so fields with a default are optional.
 */
export function agentProtocolSchema(): Record<string, unknown> {
  const { schemas } = z.toJSONSchema(protocol, {
    io: "input",
    uri: (id) => `#/$defs/${id}`,
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Pullwright agent protocol",
    description:
      "Generated from libs/contracts/src/agent/agent-event.ts. Do not edit by hand.",
    $ref: "#/$defs/event",
    $defs: Object.fromEntries(
      Object.entries(schemas).map(([id, schema]) => [
        id,
        withoutHeader(schema),
      ]),
    ),
  };
}

function withoutHeader(schema: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema).filter(
      ([key]) => key !== "$schema" && key !== "$id",
    ),
  );
}
