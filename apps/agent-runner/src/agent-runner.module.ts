import { Module, type DynamicModule } from "@nestjs/common";
import type { Runtime } from "@pullwright/runtime";
import { openRunner } from "./open-runner.js";
import { Runner } from "./runner.js";

/** The wiring of a runner. */
@Module({})
export class AgentRunnerModule {
  static forRuntime(runtime: Runtime): DynamicModule {
    return {
      module: AgentRunnerModule,
      providers: [{ provide: Runner, useFactory: () => openRunner(runtime) }],
      exports: [Runner],
    };
  }
}
