import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One time that the agent of a run began to work on a phase. */
export interface Turn {
  readonly adwId: string;
  readonly issueNumber: number;
  readonly phase: string;
  readonly round: number;
  /** How often this phase of this run has been begun, this time included. */
  readonly turn: number;
  readonly at: Date;
}

/** What the agent does in a turn: steps of `agent/agent.ts`, such as `edit` and `sleep 500`. */
export type AgentScript = (
  turn: Turn,
) => readonly string[] | Promise<readonly string[]>;

/** Tells the scripted agents what to do at the moment they ask, and remembers that they did. */
export interface Director {
  readonly port: number;
  readonly turns: readonly Turn[];
  follow(script: AgentScript): void;
  close(): Promise<void>;
}

/** What agents do unless told: the least that makes each phase succeed. */
export const diligent: AgentScript = ({ phase }) =>
  phase === "build" ? ["edit"] : [];

export async function startDirector(first: AgentScript): Promise<Director> {
  let script = first;
  const turns: Turn[] = [];
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? "/", "http://director").searchParams;
    const adwId = asked.get("run") ?? "";
    const phase = asked.get("phase") ?? "";
    const before = turns.filter(
      (turn) => turn.adwId === adwId && turn.phase === phase,
    );
    const turn = {
      adwId,
      issueNumber: Number(asked.get("issue")),
      phase,
      round: Number(asked.get("round")),
      turn: before.length + 1,
      at: new Date(),
    };
    turns.push(turn);
    Promise.resolve(script(turn)).then(
      (steps) => response.end(JSON.stringify(steps)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    port,
    turns,
    follow: (next) => {
      script = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
