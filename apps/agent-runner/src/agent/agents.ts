import {
  contextWindow,
  type AgentAdapter,
  type AgentRegistry,
  type ContextWindow,
  type WindowSettings,
} from "@pullwright/agents";
import {
  agentsLeft,
  type ModelPrices,
  type PhaseRunState,
} from "@pullwright/domain";
import { AppError } from "@pullwright/platform";
import type { AttemptRef, LoadedRun, Worker } from "@pullwright/persistence";

/** A run asks for an agent that this installation does not have. */
export class UnknownAgent extends AppError {
  constructor(name: string, known: readonly string[]) {
    super(
      "unknown_agent",
      `There is no agent ${JSON.stringify(name)} here; there is ${known.join(", ")}.`,
      {
        level: "warn",
        expose: true,
      },
    );
  }
}

type RoutedRun = Pick<LoadedRun, "agent" | "model"> & {
  readonly state: Pick<LoadedRun["state"], "agentRoute">;
};

export interface AgentChoice {
  readonly defaultAgent: string;
  readonly defaultModel: string | undefined;
  /** What each agent's provider counts by; null where nobody counts. */
  readonly credentialOf: (agent: string) => string | null;
  /** Context windows that the installation sets. */
  readonly windows: WindowSettings;
  /** What models cost whose agents do not tell. */
  readonly prices: ModelPrices;
}

/** Which agent does a phase's work: the phase's own, else the run's, else the installation's default; then the route. */
export class Agents {
  constructor(
    private readonly registry: AgentRegistry,
    private readonly choice: AgentChoice,
  ) {}

  /** The agent that works in this attempt. */
  of({ worker }: Pick<AttemptRef, "worker">): AgentAdapter {
    const name = worker?.agent ?? this.choice.defaultAgent;
    const adapter = this.registry.get(name);
    if (adapter === undefined) {
      const known = this.registry.list().map((probe) => probe.agent);
      throw new UnknownAgent(name, known);
    }
    return adapter;
  }

  get prices(): ModelPrices {
    return this.choice.prices;
  }

  /** What the providers of all agents here count by. */
  credentials(): string[] {
    return this.registry
      .list()
      .flatMap(({ agent }) => this.choice.credentialOf(agent) ?? []);
  }

  /** What the model of this attempt can read. */
  windowOf({ worker }: Pick<AttemptRef, "worker">): ContextWindow {
    const { defaultAgent, windows } = this.choice;
    const agent = worker?.agent ?? defaultAgent;
    return contextWindow(agent, worker?.model ?? null, windows);
  }

  /** The agents that may do the phase now, the next one first; none where no agent works. */
  workersOf(run: RoutedRun, phase: PhaseRunState): Worker[] {
    const { definition } = phase;
    if (definition.kind !== "agent") return [];
    const { defaultAgent, credentialOf } = this.choice;
    const left = agentsLeft(run.state.agentRoute, phase);
    const named = left.length > 0 ? left : [defaultAgent];
    return named.map((agent) => ({
      agent,
      model: this.#modelOf(agent, run, phase),
      credential: credentialOf(agent),
    }));
  }

  /** A model is asked of the agent it was named for; others know it by another name, or not at all. */
  #modelOf(
    agent: string,
    run: RoutedRun,
    { definition }: PhaseRunState,
  ): string | null {
    const { defaultAgent, defaultModel = null } = this.choice;
    const first =
      definition.agent ?? run.agent ?? run.state.agentRoute[0] ?? defaultAgent;
    if (agent === first) return definition.model ?? run.model ?? defaultModel;
    return agent === defaultAgent ? defaultModel : null;
  }
}
