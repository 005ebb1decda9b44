import { Module, type DynamicModule } from "@nestjs/common";
import type { GitHub } from "@pullwright/github";
import {
  createOrchestrator,
  type OrchestratorRuntime,
} from "./orchestrator.js";
import type { Timing } from "./timing.js";

/** The orchestrator's token: it is put together by a function, not by Nest. */
export const ORCHESTRATOR = Symbol("orchestrator");

/** The wiring of the orchestrator. */
@Module({})
export class OrchestratorModule {
  static forRuntime(
    runtime: OrchestratorRuntime,
    github: GitHub,
    timing?: Timing,
  ): DynamicModule {
    return {
      module: OrchestratorModule,
      providers: [
        {
          provide: ORCHESTRATOR,
          useFactory: () => createOrchestrator(runtime, github, timing),
        },
      ],
      exports: [ORCHESTRATOR],
    };
  }
}
