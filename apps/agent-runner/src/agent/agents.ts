import type { AgentAdapter, AgentRegistry } from "@pullwright/agents";
import type { PhaseDefinition } from "@pullwright/domain";
import { AppError } from "@pullwright/platform";
import type { LoadedRun } from "@pullwright/persistence";

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

/** Which agent does a phase's work: the phase's own, else the run's, else the installation's default. */
export class Agents {
  constructor(
    private readonly registry: AgentRegistry,
    private readonly defaultAgent: string,
    private readonly defaultModel: string | undefined,
  ) {}

  of(
    run: Pick<LoadedRun, "agent">,
    phase: Pick<PhaseDefinition, "agent">,
  ): AgentAdapter {
    const name = this.nameOf(run, phase);
    const adapter = this.registry.get(name);
    if (adapter === undefined) {
      const known = this.registry.list().map((probe) => probe.agent);
      throw new UnknownAgent(name, known);
    }
    return adapter;
  }

  nameOf(
    run: Pick<LoadedRun, "agent">,
    phase: Pick<PhaseDefinition, "agent">,
  ): string {
    return phase.agent ?? run.agent ?? this.defaultAgent;
  }

  modelOf(
    run: Pick<LoadedRun, "model">,
    phase: Pick<PhaseDefinition, "model">,
  ): string | null {
    return phase.model ?? run.model ?? this.defaultModel ?? null;
  }
}
