import { Module, type DynamicModule } from "@nestjs/common";
import type { Runtime } from "@pullwright/runtime";
import { WebhookIntake } from "./intake/webhook-intake.js";

/** What the gateway needs of its process; it gets no door to GitHub. */
export type GatewayRuntime = Pick<
  Runtime,
  | "config"
  | "database"
  | "logger"
  | "metrics"
  | "queues"
  | "shutdown"
  | "stores"
>;

/** The wiring of the webhook gateway. */
@Module({})
export class WebhookGatewayModule {
  static forRuntime(runtime: GatewayRuntime): DynamicModule {
    return {
      module: WebhookGatewayModule,
      providers: [
        {
          provide: WebhookIntake,
          useFactory: () =>
            new WebhookIntake(
              runtime.stores.deliveries,
              runtime.queues,
              runtime.logger,
            ),
        },
      ],
      exports: [WebhookIntake],
    };
  }
}
