import { createGitHub, type GitHub } from "../github.js";
import type { Lack } from "../transport/door.js";
import { startScriptedServer, type ScriptedServer } from "./scripted-server.js";

/** A scripted server, seen through our door. */
export interface ScriptedGitHub {
  readonly server: ScriptedServer;
  readonly github: GitHub;
  /** What the door was told that the server lacks, in that order. */
  readonly lacks: readonly Lack[];
}

export async function startScriptedGitHub(): Promise<ScriptedGitHub> {
  const server = await startScriptedServer();
  const lacks: Lack[] = [];
  const github = createGitHub(
    {
      apiUrl: server.url,
      graphqlUrl: `${server.url}/graphql`,
      serverUrl: server.url,
      credentials: { kind: "token", token: "a-token-of-some-length" },
    },
    { onLack: (lack) => lacks.push(lack) },
  );
  return { server, github, lacks };
}
