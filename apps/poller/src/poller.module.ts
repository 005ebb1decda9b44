import { Module, type DynamicModule } from "@nestjs/common";
import type { GitHub } from "@pullwright/github";
import { Poller, type PollerRuntime } from "./poller.js";
import type { PollerTiming } from "./timing.js";

/** The wiring of the poller. */
@Module({})
export class PollerModule {
  static forRuntime(
    runtime: PollerRuntime,
    github: GitHub,
    timing?: PollerTiming,
  ): DynamicModule {
    return {
      module: PollerModule,
      providers: [
        {
          provide: Poller,
          useFactory: () => new Poller(runtime, github, timing),
        },
      ],
      exports: [Poller],
    };
  }
}
