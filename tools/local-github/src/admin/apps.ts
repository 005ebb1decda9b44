import { randomBytes } from "node:crypto";
import { noSuch } from "../http/http-error.js";
import {
  createApp,
  createInstallationToken,
  installApp,
} from "../operations/apps.js";
import type { Permissions } from "../state/model.js";
import type { World } from "../state/world.js";

/** GitHub Apps and their installations. */
export const apps = (world: World) => ({
  /** Registers an App. With `webhookUrl` it hears of everything in `events` wherever it is installed. */
  createApp(input: {
    readonly name: string;
    readonly owner: string;
    readonly permissions: Permissions;
    readonly events?: readonly string[];
    readonly webhookUrl?: string;
    readonly webhookSecret?: string;
  }): {
    appId: number;
    hookId: number | undefined;
    slug: string;
    botLogin: string;
    privateKey: string;
    webhookSecret: string;
  } {
    const webhookSecret =
      input.webhookSecret ?? randomBytes(16).toString("hex");
    const owner = world.user(input.owner);
    const { app, privateKey } = createApp(world, {
      ...input,
      owner,
      events: input.events ?? [],
      webhookSecret,
    });
    return {
      appId: app.id,
      hookId: app.hook?.id,
      slug: app.slug,
      botLogin: app.bot.login,
      privateKey,
      webhookSecret,
    };
  },

  /** Installs an App on repositories, which all belong to the first one's owner. */
  installApp(input: {
    readonly appId: number;
    readonly repositories: readonly string[];
  }): { installationId: number } {
    const app = world.apps.get(input.appId) ?? noSuch("App");
    const repositories = input.repositories.map((name) =>
      world.repository(name),
    );
    const owner = repositories[0]?.owner ?? noSuch("repository to install on");
    return { installationId: installApp(world, app, owner, repositories).id };
  },

  /** An installation's token without the way over its JSON web token. */
  installationToken(installationId: number): string {
    const installation =
      world.installations.get(installationId) ?? noSuch("installation");
    return createInstallationToken(world, installation, {}).value;
  },
});
