import { Controller, Inject } from "@nestjs/common";
import { endpoints, type AnswerOf } from "@pullwright/contracts";
import {
  defaultWorkflow,
  shippedWorkflows,
  type WorkflowDefinition,
} from "@pullwright/domain";
import type { Config } from "@pullwright/platform";
import { CONFIG } from "../api-parts.js";
import { Handles } from "../http/endpoint.decorators.js";
import { agentsOf } from "./agents.js";

/** What a trigger can choose from. */
@Controller()
export class ChoicesController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Handles(endpoints.listAgents)
  agents(): AnswerOf<typeof endpoints.listAgents> {
    const items = agentsOf(this.config);
    return { items, total: items.length };
  }

  @Handles(endpoints.listDefinitions)
  definitions(): AnswerOf<typeof endpoints.listDefinitions> {
    const items = shippedWorkflows.map(definitionShape);
    return { items, total: items.length };
  }
}

type Definition = AnswerOf<typeof endpoints.listDefinitions>["items"][number];

function definitionShape(workflow: WorkflowDefinition): Definition {
  return {
    name: workflow.name,
    version: workflow.version,
    description: workflow.description,
    default: workflow.name === defaultWorkflow,
    start: workflow.start,
    phases: workflow.phases.map((phase) => ({
      name: phase.name,
      kind: phase.kind,
      writes: phase.writes,
      agent: phase.agent ?? null,
      model: phase.model ?? null,
      timeout_minutes: phase.timeoutMinutes,
      stall_minutes: phase.stallMinutes,
    })),
  };
}
