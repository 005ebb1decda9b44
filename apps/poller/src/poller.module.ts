import { Module, type DynamicModule } from "@nestjs/common";
import type { GitHub } from "@pullwright/github";
import { Poller, type PollerRuntime } from "./poller.js";

/** The wiring of the poller. */
@Module({})
export class PollerModule {
  static forRuntime(runtime: PollerRuntime, github: GitHub): DynamicModule {
    return {
      module: PollerModule,
      providers: [
        { provide: Poller, useFactory: () => new Poller(runtime, github) },
      ],
      exports: [Poller],
    };
  }
}
