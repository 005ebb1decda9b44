import { Module, type DynamicModule } from "@nestjs/common";
import {
  ANNOUNCE,
  CONFIG,
  GITHUB,
  HEALTH,
  LIMITS,
  LOGGER,
  METRICS,
  QUEUES,
  STORES,
  VERSION,
  type ApiParts,
} from "./api-parts.js";
import { AuditController } from "./audit/audit.controller.js";
import { ChoicesController } from "./choices/choices.controller.js";
import { DeliveriesController } from "./deliveries/deliveries.controller.js";
import { GithubController } from "./github/github.controller.js";
import { KeysController } from "./keys/keys.controller.js";
import { LiveHub } from "./live/live-hub.js";
import { LogsController } from "./logs/logs.controller.js";
import { MoneyController } from "./money/money.controller.js";
import { OperationController } from "./operation/operation.controller.js";
import { RepositoriesController } from "./repositories/repositories.controller.js";
import { ArtifactsController } from "./runs/artifacts.controller.js";
import { CommandRun } from "./runs/command-run.js";
import { CommandsController } from "./runs/commands.controller.js";
import { ConversationsController } from "./runs/conversations.controller.js";
import { ExecutionsController } from "./runs/executions.controller.js";
import { RunAccess } from "./runs/run-access.js";
import { RunsController } from "./runs/runs.controller.js";
import { TriggerRun } from "./runs/trigger-run.js";

/** The API's controllers over the parts that its process has opened. */
@Module({})
export class ApiModule {
  static over(parts: ApiParts): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        RunsController,
        CommandsController,
        ExecutionsController,
        LogsController,
        ArtifactsController,
        ConversationsController,
        RepositoriesController,
        DeliveriesController,
        GithubController,
        ChoicesController,
        AuditController,
        KeysController,
        MoneyController,
        OperationController,
      ],
      providers: [
        RunAccess,
        TriggerRun,
        CommandRun,
        LiveHub,
        { provide: CONFIG, useValue: parts.config },
        { provide: STORES, useValue: parts.stores },
        { provide: QUEUES, useValue: parts.queues },
        { provide: ANNOUNCE, useValue: parts.announce },
        { provide: GITHUB, useValue: parts.github },
        { provide: LOGGER, useValue: parts.logger },
        { provide: METRICS, useValue: parts.metrics },
        { provide: HEALTH, useValue: parts.health },
        { provide: VERSION, useValue: parts.version },
        { provide: LIMITS, useValue: parts.limits },
      ],
    };
  }
}
