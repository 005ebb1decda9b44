import { LLMock, type ChatCompletionRequest } from "@copilotkit/aimock";

/** What the model does in one answer: it has a command run, or it says its last words. */
export type Turn = { readonly run: string } | { readonly say: string };

/** Tells the phases apart by the words of their prompts. */
const openings = {
  classify: "Say what kind of work the issue below is.",
  plan: "Plan how to resolve the issue below.",
  build: "Resolve the issue below by changing the files",
  fix_tests: "You changed this repository to resolve the issue below",
} as const;
export type ModelTask = keyof typeof openings;

/** What every answer is said to have cost. */
export const TURN_USAGE = { input_tokens: 1_000, output_tokens: 50 } as const;

/** One request of the CLI, as the model saw it. */
export interface ModelRequest {
  readonly task: ModelTask | undefined;
  /** Everything that was sent. */
  readonly text: string;
  /** What the commands that it had run printed, in order. */
  readonly results: readonly string[];
  /** The operator's part: what the CLI says with more weight than the prompt. */
  readonly instructions: string;
}

/** A model on loopback that speaks OpenAI's Responses API and does what it is told beforehand. */
export class ScriptedModel {
  private constructor(private readonly server: LLMock) {}

  /** Answers to one key alone, and refuses all others with 401. */
  static async start(
    apiKey: string,
    script: Readonly<Partial<Record<ModelTask, readonly Turn[]>>>,
  ): Promise<ScriptedModel> {
    const server = new LLMock({
      host: "127.0.0.1",
      port: 0,
      strict: true,
      auth: { apiKeys: [apiKey] },
    });
    server.addFixture({
      match: { predicate: (request) => taskOf(request) !== undefined },
      response: (request) => {
        const turns = script[taskOf(request) ?? "classify"] ?? [];
        const turn = turns[resultsOf(request).length] ?? turns.at(-1);
        return answerOf(turn ?? { say: "There is nothing to do." });
      },
    });
    await server.start();
    return new ScriptedModel(server);
  }

  /** As `OPENAI_BASE_URL`. */
  get url(): string {
    return `${this.server.url}/v1`;
  }

  /** The next request is refused with this status. */
  refuseNext(status: number, message: string): void {
    this.server.nextRequestError(status, { message });
  }

  requests(): ModelRequest[] {
    return this.server.getRequests().map(({ body }) => {
      const request = body as ChatCompletionRequest; // every wire reaches the journal in this shape
      return {
        task: taskOf(request),
        text: JSON.stringify(body),
        results: resultsOf(request),
        instructions: textsOf(request, "system").join("\n"),
      };
    });
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

function answerOf(turn: Turn) {
  return "say" in turn
    ? { content: turn.say, usage: TURN_USAGE }
    : {
        toolCalls: [
          {
            name: "exec_command",
            arguments: JSON.stringify({ cmd: turn.run }),
          },
        ],
        usage: TURN_USAGE,
      };
}

function taskOf(request: ChatCompletionRequest): ModelTask | undefined {
  const text = textsOf(request, "user").join("\n");
  return (Object.keys(openings) as ModelTask[]).find((task) =>
    // the keys of the table above
    text.includes(openings[task]),
  );
}

const resultsOf = (request: ChatCompletionRequest): string[] =>
  textsOf(request, "tool");

function textsOf(
  { messages }: ChatCompletionRequest,
  role: "user" | "tool" | "system",
): string[] {
  return messages
    .filter((message) => message.role === role)
    .map(({ content }) =>
      typeof content === "string" || content === null
        ? (content ?? "")
        : content.map((part) => part.text ?? "").join("\n"),
    );
}
